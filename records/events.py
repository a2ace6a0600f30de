"""News that travels up the layers: published in services, delivered after commit."""

import logging
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from django.db import transaction

logger = logging.getLogger(__name__)
_handlers: dict[str, list[Callable[..., None]]] = defaultdict(list)


def subscribe(name: str, handler: Callable[..., None]) -> None:
    """Call the handler with the payload each time the event is published; once per handler."""
    if handler not in _handlers[name]:
        _handlers[name].append(handler)


def publish(name: str, **payload: Any) -> None:
    """Deliver the event to every subscriber when the surrounding transaction commits."""
    for handler in _handlers[name]:
        transaction.on_commit(lambda handler=handler: handler(**payload), robust=True)
