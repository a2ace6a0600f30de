"""Addresses of activities."""

from activities import views
from records.views import record_paths

app_name = "activities"

urlpatterns = record_paths(
    [
        ("", "list", views.ActivityList),
        ("add/", "create", views.ActivityCreate),
        ("timeline/<str:kind>/<int:pk>/", "timeline", views.RecordTimeline),
        ("log/<str:kind>/<int:pk>/", "log", views.LogActivity),
        ("plan/<str:kind>/<int:pk>/", "plan", views.PlanActivity),
        ("marks/", "marks", views.MarkList),
        ("marks/new/", "mark_create", views.MarkCreate),
        ("marks/<int:pk>/", "mark_edit", views.MarkUpdate),
        ("<int:pk>/", "detail", views.ActivityDetail),
        ("<int:pk>/edit/", "edit", views.ActivityUpdate),
        ("<int:pk>/complete/", "complete", views.ActivityComplete),
        ("<int:pk>/reschedule/", "reschedule", views.ActivityReschedule),
        ("<int:pk>/delete/", "delete", views.ActivityDelete),
    ]
)
