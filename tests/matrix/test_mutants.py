"""The guard is guarded: each hole cut into the product turns the matrix red."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.matrix import aggregates
from tests.matrix.mutants import BEYOND, MUTANTS
from tests.matrix.test_matrix import DOORS
from tests.matrix.walk import Walk

pytestmark = pytest.mark.django_db
BY_NAME = {door.name: door for door in DOORS}


def named(mutant):
    return mutant.name.replace(" ", "_")


@pytest.fixture
def counted(request, record_property):
    """The mutant, told to the summary."""
    record_property("matrix_mutant", request.param.name)
    record_property("matrix_of_mutants", len(MUTANTS) + len(BEYOND))
    return request.param


@pytest.mark.parametrize("counted", MUTANTS, ids=named, indirect=True)
def test_mutant_is_killed(counted, asker):
    """A leak or a write is seen behind its door; a crash would prove nothing."""
    walk = Walk(asker, people=counted.people, stop_early=True)
    with pytest.MonkeyPatch.context() as patch:
        counted.cut(patch)
        walk.run([BY_NAME[counted.door]])
    assert [found for found in walk.problems if found.kind != "unclassified"]


@pytest.mark.parametrize("counted", BEYOND, ids=named, indirect=True)
def test_mutant_beyond_pages_is_killed(counted, asker, mailoutbox):
    """The check beside the pages says what is wrong."""
    known = dict(asker.world.records)
    aggregates.close_some(asker.world, timezone.now() - timedelta(hours=1))
    try:
        with pytest.MonkeyPatch.context() as patch:
            counted.cut(patch)
            assert counted.check(asker)
    finally:
        asker.world.records = known
