"""Application configuration."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Users, departments, roles."""

    name = "accounts"
