"""The Celery application; the beat schedule lives in code, due work lives in PostgreSQL."""

import os
from logging.config import dictConfig
from typing import Any

from celery import Celery
from celery.signals import setup_logging
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")

app = Celery("crm")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def write_the_same_lines(**kwargs: Any) -> None:
    """Worker and beat log as the web server does."""
    dictConfig(settings.LOGGING)
