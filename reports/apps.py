"""Application configuration."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    """Funnel, managers, RFM, CLV: reads everything."""

    name = "reports"
