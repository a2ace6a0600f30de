"""The guard is guarded: each hole cut into the product turns the matrix red."""

import pytest

from tests.matrix.mutants import MUTANTS
from tests.matrix.test_matrix import DOORS
from tests.matrix.walk import Walk

BY_NAME = {door.name: door for door in DOORS}


@pytest.mark.django_db
@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name.replace(" ", "_"))
def test_mutant_is_killed(mutant, asker, record_property):
    """A leak or a write is seen behind its door; a crash would prove nothing."""
    record_property("matrix_mutant", mutant.name)
    record_property("matrix_of_mutants", len(MUTANTS))
    walk = Walk(asker, people=mutant.people, stop_early=True)
    with pytest.MonkeyPatch.context() as patch:
        mutant.cut(patch)
        walk.run([BY_NAME[mutant.door]])
    assert [found for found in walk.problems if found.kind != "unclassified"]
