"""People, departments, roles, the profile, the bell."""

from django.urls import path

from accounts.views import (
    departments,
    deputies,
    groups,
    notifications,
    people,
    profile,
    roles,
    sessions,
    viewing_as,
)

app_name = "accounts"

urlpatterns = [
    path("accounts/profile/", profile.Profile.as_view(), name="profile"),
    path("accounts/deputies/", deputies.OwnDeputies.as_view(), name="deputies"),
    path(
        "accounts/deputies/<int:pk>/recall/",
        deputies.OwnDeputyRecall.as_view(),
        name="deputy_recall_own",
    ),
    path("accounts/preferences/", profile.Preferences.as_view(), name="preferences"),
    path("accounts/language/", profile.LanguageSwitch.as_view(), name="language"),
    path("accounts/notifications/", notifications.NotificationList.as_view(), name="notifications"),
    path(
        "accounts/notifications/badge/",
        notifications.NotificationBadge.as_view(),
        name="notifications_badge",
    ),
    path(
        "accounts/notifications/seen/",
        notifications.NotificationsSeen.as_view(),
        name="notifications_seen",
    ),
    path(
        "accounts/notifications/read/",
        notifications.NotificationsRead.as_view(),
        name="notifications_read",
    ),
    path(
        "accounts/notifications/<int:pk>/open/",
        notifications.NotificationOpen.as_view(),
        name="notification_open",
    ),
    path("accounts/sessions/", sessions.SessionList.as_view(), name="sessions"),
    path("accounts/sessions/<int:pk>/end/", sessions.SessionEnd.as_view(), name="session_end"),
    path(
        "accounts/sessions/end-others/",
        sessions.SessionsEndOthers.as_view(),
        name="sessions_end_others",
    ),
    path(
        "settings/people/<int:pk>/sessions/end/",
        sessions.PersonSessionsEnd.as_view(),
        name="person_sessions_end",
    ),
    path(
        "settings/people/<int:pk>/second-factor/reset/",
        sessions.PersonFactorReset.as_view(),
        name="person_factor_reset",
    ),
    path("settings/people/", people.PersonList.as_view(), name="people"),
    path("settings/people/new/", people.PersonCreate.as_view(), name="person_create"),
    path("settings/people/<int:pk>/", people.PersonUpdate.as_view(), name="person_edit"),
    path(
        "settings/people/<int:pk>/deactivate/",
        people.PersonDeactivate.as_view(),
        name="person_deactivate",
    ),
    path(
        "settings/people/<int:pk>/activate/",
        people.PersonActivate.as_view(),
        name="person_activate",
    ),
    path("settings/people/<int:pk>/view-as/", viewing_as.ViewAs.as_view(), name="view_as"),
    path("view-as/end/", viewing_as.ViewAsEnd.as_view(), name="view_as_end"),
    path("settings/people/<int:pk>/invite/", people.PersonInvite.as_view(), name="person_invite"),
    path(
        "settings/people/<int:pk>/deputies/",
        deputies.PersonDeputies.as_view(),
        name="person_deputies",
    ),
    path(
        "settings/deputies/<int:pk>/recall/", deputies.DeputyRecall.as_view(), name="deputy_recall"
    ),
    path("settings/departments/", departments.DepartmentList.as_view(), name="departments"),
    path(
        "settings/departments/new/",
        departments.DepartmentCreate.as_view(),
        name="department_create",
    ),
    path(
        "settings/departments/<int:pk>/",
        departments.DepartmentUpdate.as_view(),
        name="department_edit",
    ),
    path(
        "settings/departments/<int:pk>/close/",
        departments.DepartmentClose.as_view(),
        name="department_close",
    ),
    path("settings/groups/", groups.GroupList.as_view(), name="groups"),
    path("settings/groups/new/", groups.GroupCreate.as_view(), name="group_create"),
    path("settings/groups/<int:pk>/", groups.GroupUpdate.as_view(), name="group_edit"),
    path("settings/groups/<int:pk>/delete/", groups.GroupDelete.as_view(), name="group_delete"),
    path("settings/roles/", roles.RoleList.as_view(), name="roles"),
    path("settings/roles/new/", roles.RoleCreate.as_view(), name="role_create"),
    path("settings/roles/compare/", roles.RoleComparison.as_view(), name="role_compare"),
    path("settings/roles/<int:pk>/holders/", roles.RoleHolders.as_view(), name="role_holders"),
    path("settings/roles/<int:pk>/rules/", roles.RoleRules.as_view(), name="role_rules"),
    path("settings/roles/<int:pk>/", roles.RoleUpdate.as_view(), name="role_edit"),
    path("settings/roles/<int:pk>/delete/", roles.RoleDelete.as_view(), name="role_delete"),
]
