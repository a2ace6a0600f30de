"""Application configuration."""

from django.apps import AppConfig


class ActivitiesConfig(AppConfig):
    """Calls, meetings, tasks, notes, reminders, the timeline."""

    name = "activities"
