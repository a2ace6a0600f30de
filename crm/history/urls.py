"""Addresses of the history of any record."""

from django.urls import path

from crm.history.views import RecordHistory, RestoreValue

app_name = "history"
urlpatterns = [
    path("<slug:kind>/<int:pk>/", RecordHistory.as_view(), name="record"),
    path("<slug:kind>/<int:pk>/restore/", RestoreValue.as_view(), name="restore"),
]
