"""Health pages: alive always, ready only when everything works."""

import datetime as dt

import pytest
from django.utils import timezone

from records.models import Heartbeat

pytestmark = pytest.mark.django_db


def test_alive_needs_nobody_signed_in(client):
    assert client.get("/healthz").json() == {"status": "ok"}


def test_ready_when_the_background_work_beats(client):
    Heartbeat.objects.create(name="reminders", beat_at=timezone.now())
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["checks"] == {"database": "ok", "redis": "ok", "reminders": "ok"}


@pytest.mark.parametrize(("age", "text"), [(None, "no beat yet"), (121, "last beat 121 s ago")])
def test_not_ready_when_the_background_work_is_silent(client, age, text):
    if age:
        Heartbeat.objects.create(
            name="reminders", beat_at=timezone.now() - dt.timedelta(seconds=age)
        )
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["reminders"] == text


def test_not_ready_without_redis(client, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["redis"] == "no answer"
