"""Addresses with the pages of customer value."""

from django.urls import include, path

from crm.urls import urlpatterns as everything
from reports.urls import urlpatterns as others
from reports.urls_value import value_paths

urlpatterns = [path("reports/", include(([*value_paths, *others], "reports"))), *everything]
