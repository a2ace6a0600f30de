"""Root URLs: each room under its noun."""

from django.conf import settings
from django.urls import include, path

from crm.settings_page import SettingsIndex

urlpatterns: list = [
    path("", include("accounts.signin_urls")),
    path("", include("accounts.urls")),
    path("", include("deals.urls")),
    path("settings/", SettingsIndex.as_view(), name="settings"),
]

if settings.DEBUG:
    from crm.styleguide import Styleguide

    urlpatterns += [path("styleguide/", Styleguide.as_view(), name="styleguide")]
