"""Fixtures of every test."""

import pytest
from django.core.cache import cache
from django.test import Client

from tests.people import people  # noqa: F401 - a fixture


@pytest.fixture
def sign_in():
    """A client signed in as the person: `sign_in(people.manager)`."""

    def _client(user) -> Client:
        client = Client()
        client.force_login(user, backend="accounts.adapter.EmailBackend")
        return client

    return _client


@pytest.fixture(autouse=True)
def _empty_cache():
    cache.clear()
