"""Root URLs: each room under its noun."""

from django.urls import include, path

from crm.health import Alive, Ready
from crm.settings_page import SettingsIndex

urlpatterns: list = [
    path("", include("accounts.signin_urls")),
    path("", include("accounts.urls")),
    path("settings/", SettingsIndex.as_view(), name="settings"),
    path("healthz", Alive.as_view(), name="healthz"),
    path("readyz", Ready.as_view(), name="readyz"),
]
