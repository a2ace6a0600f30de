"""Application configuration of the project shell."""

from django.apps import AppConfig


class CrmConfig(AppConfig):
    """Commands and pages that belong to no room."""

    name = "crm"
