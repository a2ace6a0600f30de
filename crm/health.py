"""/healthz: the process answers. /readyz: it can work, and the background work is alive."""

import datetime as dt

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone

from records.models import Heartbeat
from records.policy import PUBLIC
from records.views import Door

HEARTBEATS = ("reminders",)
OLDEST_HEARTBEAT = dt.timedelta(minutes=2)


class Alive(Door):
    """The process answers; touches nothing else, so that a slow database never restarts it."""

    policy = PUBLIC

    def get(self, request: HttpRequest) -> JsonResponse:
        return JsonResponse({"status": "ok"})


class Ready(Door):
    """Database, queue and the last signs of life of the background work; 503 when one is bad."""

    policy = PUBLIC

    def get(self, request: HttpRequest) -> JsonResponse:
        checks = {"database": check_database(), "redis": check_redis()}
        if checks["database"] == "ok":
            checks |= check_heartbeats(timezone.now())
        is_ready = all(text == "ok" for text in checks.values())
        body = {"status": "ok" if is_ready else "unavailable", "checks": checks}
        return JsonResponse(body, status=200 if is_ready else 503)


def check_database() -> str:
    """`ok` when a query is answered."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "no answer"
    return "ok"


def check_redis() -> str:
    """`ok` when the queue answers within two seconds."""
    client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2)
    try:
        client.ping()
    except redis.RedisError:
        return "no answer"
    finally:
        client.close()
    return "ok"


def check_heartbeats(now: dt.datetime) -> dict[str, str]:
    """`ok` for each background process whose last beat is younger than two minutes."""
    try:
        beats = dict(Heartbeat.objects.values_list("name", "beat_at"))
    except DatabaseError:
        return {"heartbeats": "tables are missing: migrate"}
    return {name: describe(beats.get(name), now) for name in HEARTBEATS}


def describe(beat_at: dt.datetime | None, now: dt.datetime) -> str:
    """`ok`, or what is wrong with the age of a beat."""
    if beat_at is None:
        return "no beat yet"
    age = now - beat_at
    return "ok" if age < OLDEST_HEARTBEAT else f"last beat {int(age.total_seconds())} s ago"
