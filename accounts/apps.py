"""Application configuration."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Users, departments, roles."""

    name = "accounts"

    def ready(self) -> None:
        """Listen to sign-in."""
        from accounts import handlers

        handlers.connect()
