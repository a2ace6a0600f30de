"""Addresses of help."""

from django.urls import path

from crm.help.views import HelpIndex, HelpTopic

app_name = "help"

urlpatterns = [
    path("", HelpIndex.as_view(), name="index"),
    path("<slug:code>/", HelpTopic.as_view(), name="topic"),
]
