"""Application configuration."""

from django.apps import AppConfig


class RecordsConfig(AppConfig):
    """The lowest layer; imports no other room."""

    name = "records"

    def ready(self) -> None:
        from records import checks  # noqa: F401 - registers the start-up checks
