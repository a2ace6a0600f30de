"""The world of the matrix, built once for each worker and undone at the end."""

import logging

import pytest
from django.db import connection, transaction

from tests.matrix import world as worlds
from tests.matrix.asking import Asker


@pytest.fixture(scope="package")
def world(django_db_setup, django_db_blocker):
    """Built once; everything is rolled back."""
    logging.disable(logging.CRITICAL)
    with django_db_blocker.unblock():
        assert connection.settings_dict["NAME"].startswith("test_"), "not a database of tests"
        with transaction.atomic():
            yield worlds.build()
            transaction.set_rollback(True)
    logging.disable(logging.NOTSET)


@pytest.fixture(scope="package")
def asker(world, django_db_blocker):
    with django_db_blocker.unblock():
        yield Asker(world)
