"""Root URLs: each room under its noun."""

from django.conf import settings
from django.urls import include, path

from crm.access_page import AskWhy, WhoSees
from crm.handover_page import HandOver, HandOverProgress
from crm.health import Alive, Ready
from crm.home import MyDay
from crm.pick import Pick
from crm.search import Search
from crm.settings_page import SettingsIndex
from crm.setup.views import CompanyPage, DemoClear, DemoLoad, Setup, StepsHide
from crm.understood import Understood

urlpatterns: list = [
    path("", include("accounts.signin_urls")),
    path("", include("accounts.urls")),
    path("", MyDay.as_view(), name="home"),
    path("activities/", include("activities.urls")),
    path("", include("catalog.urls")),
    path("", include("contacts.urls")),
    path("", include("deals.urls")),
    path("", include("leads.urls")),
    path("reports/", include("reports.urls")),
    path("dashboards/", include("reports.dashboard_urls")),
    path("search/", Search.as_view(), name="search"),
    path("pick/<slug:kind>/", Pick.as_view(), name="pick"),
    path("understood/", Understood.as_view(), name="understood"),
    path("lists/", include("crm.lists.urls")),
    path("access/", AskWhy.as_view(), name="access_ask"),
    path("access/<slug:kind>/<int:pk>/", WhoSees.as_view(), name="access"),
    path("history/", include("crm.history.urls")),
    path("trash/", include("crm.trash.urls")),
    path("settings/audit/", include("crm.audit_log.urls")),
    path("settings/people/<int:pk>/hand-over/", HandOver.as_view(), name="hand_over"),
    path("settings/hand-overs/<int:pk>/", HandOverProgress.as_view(), name="hand_over_progress"),
    path("help/", include("crm.help.urls")),
    path("setup/", Setup.as_view(), name="setup"),
    path("setup/steps/hide/", StepsHide.as_view(), name="steps_hide"),
    path("settings/company/", CompanyPage.as_view(), name="company"),
    path("settings/company/demo/load/", DemoLoad.as_view(), name="demo_load"),
    path("settings/company/demo/clear/", DemoClear.as_view(), name="demo_clear"),
    path("settings/", SettingsIndex.as_view(), name="settings"),
    path("healthz", Alive.as_view(), name="healthz"),
    path("readyz", Ready.as_view(), name="readyz"),
]

if settings.DEBUG:
    from crm.styleguide import Styleguide

    urlpatterns += [path("styleguide/", Styleguide.as_view(), name="styleguide")]
