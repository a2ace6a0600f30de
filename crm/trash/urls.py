"""Addresses of the trash."""

from django.urls import path

from crm.trash.views import Purge, Restore, Trash

app_name = "trash"
urlpatterns = [
    path("", Trash.as_view(), name="list"),
    path("<slug:kind>/<int:pk>/restore/", Restore.as_view(), name="restore"),
    path("<slug:kind>/<int:pk>/purge/", Purge.as_view(), name="purge"),
]
