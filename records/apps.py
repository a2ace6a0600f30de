"""Application configuration."""

from django.apps import AppConfig


class RecordsConfig(AppConfig):
    """The lowest layer; imports no other room."""

    name = "records"
