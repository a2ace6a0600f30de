"""The project: settings, root URLs, Celery, the shell around every page."""

from crm.celery import app as celery_app

__all__ = ["celery_app"]
