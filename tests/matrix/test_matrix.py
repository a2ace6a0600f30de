"""The generated permission matrix: a new view joins by itself; a forgotten check turns it red."""

import logging
import time

import pytest
from django.db import transaction

from records.checks import doors_have_policies
from records.doors import THIRD_PARTY, routed_doors
from tests.matrix import world as worlds
from tests.matrix.mutants import MUTANTS, Mutant
from tests.matrix.walk import Problem, Walk

MINIMUM_CELLS = 4000


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """Built once; everything is rolled back."""
    logging.disable(logging.CRITICAL)
    with django_db_blocker.unblock(), transaction.atomic():
        yield worlds.build()
        transaction.set_rollback(True)
    logging.disable(logging.NOTSET)


@pytest.fixture(scope="module")
def walked(world):
    return Walk(world).run()


def test_every_routed_view_has_a_policy():
    assert [str(problem) for problem in doors_have_policies()] == []


def test_table_of_foreign_views_names_only_living_ones():
    assert set(THIRD_PARTY) <= {door.name for door in routed_doors()}


def report(problems: list[Problem]) -> str:
    """The first three red cells of each door, and how many there are."""
    doors: dict[str, list[str]] = {}
    for problem in sorted(problems, key=lambda problem: problem.kind == "unclassified"):
        doors.setdefault((problem.cell.split() * 2)[1], []).append(str(problem))
    return "\n".join(
        "\n".join([f"{name}: {len(texts)}", *(f"  {text}" for text in texts[:3])])
        for name, texts in doors.items()
    )


def doors_for(mutant: Mutant):
    """The doors a mutant is looked for behind."""
    for door in routed_doors():
        kind = getattr(getattr(door.view_class, "model", None), "record_type", "")
        if "" in mutant.kinds or {door.policy.name, kind} & set(mutant.kinds):
            yield door


def survives(mutant: Mutant, walked: Walk) -> bool:
    """Walk with the hole cut until the first cell that is red because of it."""
    known = frozenset((problem.kind, problem.cell) for problem in walked.problems)
    walk = Walk(
        walked.world, stop_early=True, known=known, people=mutant.people, cookies=walked.cookies
    )
    with pytest.MonkeyPatch.context() as patch:
        mutant.cut(patch)
        return not walk.run(doors_for(mutant)).problems


def test_matrix(walked, capsys):
    start = time.monotonic()
    survivors = [mutant.name for mutant in MUTANTS if survives(mutant, walked)]
    count = {"unclassified": 0, "leak": 0, "write": 0}
    for problem in walked.problems:
        count[problem.kind] += 1
    with capsys.disabled():
        print(f"\nmutants alive: {survivors or 'none'}; {time.monotonic() - start:.0f} s for them")
        print(
            f"matrix: {walked.urls} urls, {walked.cells} cells,"
            f" {count['unclassified']} unclassified, {count['leak']} leaks,"
            f" {count['write']} writes on refusal,"
            f" {len(MUTANTS) - len(survivors)} of {len(MUTANTS)} mutants killed"
        )
    assert not walked.problems, report(walked.problems)
    assert survivors == []
    assert walked.cells >= MINIMUM_CELLS
