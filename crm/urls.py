"""Root URLs: each room under its noun."""

from django.conf import settings
from django.urls import path

urlpatterns: list = []

if settings.DEBUG:
    from crm.styleguide import Styleguide

    urlpatterns += [path("styleguide/", Styleguide.as_view(), name="styleguide")]
