"""The generated permission matrix: a new view joins by itself; a forgotten check turns it red."""

import pytest

from records.checks import doors_have_policies
from records.doors import THIRD_PARTY, RoutedDoor, routed_doors
from tests.matrix.asking import Problem
from tests.matrix.expect import PEOPLE
from tests.matrix.summary import MINIMUM_URLS
from tests.matrix.walk import Walk

DOORS = routed_doors()


def label(door: RoutedDoor) -> str:
    return door.name or door.route or "root"


def report(problems: list[Problem]) -> str:
    """The first cells of each kind, and how many there are."""
    order = sorted(problems, key=lambda problem: problem.kind == "unclassified")
    more = f"\n… and {len(problems) - 12} more" if len(problems) > 12 else ""
    return "\n" + "\n".join(str(problem) for problem in order[:12]) + more


def test_every_routed_view_has_a_policy():
    assert [str(problem) for problem in doors_have_policies()] == []


def test_table_of_foreign_views_names_only_living_ones():
    assert set(THIRD_PARTY) <= {door.name for door in DOORS}


def test_walk_finds_the_doors():
    assert len(DOORS) >= MINIMUM_URLS


@pytest.mark.django_db
@pytest.mark.parametrize("door", DOORS, ids=label)
def test_door(door, asker, record_property):
    """Every person, ownership, method and body behind one address."""
    walk = Walk(asker).run([door])
    record_property("matrix_of", len(DOORS))
    record_property("matrix_cells", walk.cells)
    for kind in ("unclassified", "leak", "write"):
        count = sum(problem.kind == kind for problem in walk.problems)
        record_property(f"matrix_{kind}", count)
    assert not walk.problems, report(walk.problems)
    assert walk.cells >= 5 * len(PEOPLE), "the walk went past this door"
