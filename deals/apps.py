"""Application configuration."""

from django.apps import AppConfig


class DealsConfig(AppConfig):
    """Pipelines, stages, deals, stage history, the board."""

    name = "deals"
