"""Fixtures of every test."""

import os

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db.backends.postgresql.operations import DatabaseOperations
from django.test import Client

from accounts.models import Workplace
from accounts.services.workplace import CACHE_KEY
from tests.matrix.summary import Summary
from tests.people import people  # noqa: F401 - a fixture


@pytest.fixture
def sign_in():
    """A client signed in as the person: `sign_in(people.manager)`."""

    def _client(user) -> Client:
        client = Client()
        client.force_login(user, backend="accounts.adapter.EmailBackend")
        return client

    return _client


PREFIX = f"test-{os.getpid()}"


def pytest_configure(config: pytest.Config) -> None:
    """Own cache keys for each worker process; texts are compared in the source language."""
    config.pluginmanager.register(Summary(), "matrix-summary")
    settings.CACHES["default"]["KEY_PREFIX"] = PREFIX
    settings.LANGUAGE_CODE = "en"
    settings.REQUESTS_PER_MINUTE = settings.EXPORTS_PER_HOUR = 0  # tests ask faster than hands
    settings.PASSWORD_HASHERS = ["tests.hashing.LightArgon2"]
    plain = (
        "django.contrib.staticfiles.storage.StaticFilesStorage"  # the live server has no manifest
    )
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": plain}}


@pytest.fixture(autouse=True)
def _empty_cache():
    cache.clear()
    cache.set(CACHE_KEY, Workplace(language="en", time_zone=settings.TIME_ZONE))  # as after a page


def _allowing_truncate(flush):
    """Tests of several transactions empty every table afterwards, the append-only log too."""

    def sql_flush(self, *args, **kwargs):
        found = flush(self, *args, **kwargs)
        return ["SET LOCAL crm.audit_retention = 'on'", *found] if found else found

    return sql_flush


DatabaseOperations.sql_flush = _allowing_truncate(DatabaseOperations.sql_flush)
