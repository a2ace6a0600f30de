"""WSGI entry point (granian crm.wsgi:application)."""

import os
from typing import Any

from django.core.wsgi import get_wsgi_application
from django.db.backends.signals import connection_created

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")


def limit_statements(sender: Any, connection: Any, **kwargs: Any) -> None:
    """No page keeps the database busy for longer; commands and the worker are not limited."""
    seconds = connection.settings_dict["STATEMENT_SECONDS"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', %s, false)", [f"{seconds}s"])


connection_created.connect(limit_statements, dispatch_uid="limit_statements")
application = get_wsgi_application()
