"""Application configuration."""

from django.apps import AppConfig


class LeadsConfig(AppConfig):
    """Leads, sources, conversion, distribution."""

    name = "leads"

    def ready(self) -> None:
        """Subscribe to the news of this room."""
        from leads import handlers
        from records.events import subscribe

        subscribe("lead.waiting", handlers.wake_distribution)
        subscribe("lead.assigned", handlers.tell_assignee)
