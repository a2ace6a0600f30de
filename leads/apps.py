"""Application configuration."""

from django.apps import AppConfig


class LeadsConfig(AppConfig):
    """Leads, sources, conversion, distribution."""

    name = "leads"
