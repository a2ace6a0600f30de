"""The hand-written expectation, row by row."""

import pytest

from accounts.presets import PRESETS
from records.rights import ACTIONS, RECORD_TYPES, SYSTEM, Scope
from tests.matrix import expect
from tests.matrix.expect import ALLOWED, FORBIDDEN, MISSING, SIGN_IN, Target, expected

VIEW, CHANGE, DELETE = (("record", "deal", action) for action in ("view", "change", "delete"))


@pytest.mark.parametrize(
    ("policy", "who", "ownership", "answer"),
    [
        (("public", "", ""), "anonymous", None, ALLOWED),
        (("person", "", ""), "anonymous", None, SIGN_IN),
        (("person", "", ""), "deactivated", None, SIGN_IN),
        (("person", "", ""), "manager", None, ALLOWED),
        (("right", "administer", ""), "head", None, FORBIDDEN),
        (("right", "administer", ""), "admin", None, ALLOWED),
        (("right", "view_reports", ""), "manager", None, FORBIDDEN),
        (("right", "view_reports", ""), "other_head", None, ALLOWED),
        (VIEW, "manager", "own", ALLOWED),
        (VIEW, "manager", "colleague", MISSING),
        (VIEW, "manager", "nobody", MISSING),
        (VIEW, "manager", "deleted", MISSING),
        (VIEW, "head", "below", ALLOWED),
        (VIEW, "head", "foreign", MISSING),
        (VIEW, "other_head", "foreign", ALLOWED),
        (VIEW, "other_head", "own", MISSING),
        (VIEW, "analyst", "foreign", ALLOWED),
        (VIEW, "admin", "deleted", MISSING),
        (VIEW, "colleague", "key", MISSING),
        (VIEW, "analyst", "key", MISSING),
        (VIEW, "manager", "key", MISSING),
        (CHANGE, "head", "key", ALLOWED),
        (VIEW, "colleague", "restricted", ALLOWED),
        (CHANGE, "analyst", "own", FORBIDDEN),
        (CHANGE, "analyst", "deleted", FORBIDDEN),
        (CHANGE, "manager", "own", ALLOWED),
        (CHANGE, "colleague", "own", MISSING),
        (DELETE, "manager", "own", FORBIDDEN),
        (DELETE, "head", "nobody", ALLOWED),
        (DELETE, "head", "foreign", MISSING),
    ],
)
def test_expectation(policy, who, ownership, answer):
    target = Target("deal", ownership) if ownership else None
    assert expected(policy, who, target) == answer


def test_activity_on_a_foreign_deal_is_missing_even_for_its_creator():
    create = ("record", "activity", "create")
    assert expected(create, "manager", Target("deal", "foreign")) == MISSING
    assert expected(create, "manager", Target("deal", "own")) == ALLOWED
    assert expected(create, "analyst", Target("deal", "own")) == FORBIDDEN


PRESET_OF = {
    "manager": "manager",
    "head": "head",
    "analyst": "analyst",
    "admin": "administrator",
}


@pytest.mark.parametrize("who", PRESET_OF)
def test_hand_table_says_what_the_presets_grant(who):
    """The presets may change; the tables must then be changed by hand, knowingly."""
    matrix = PRESETS[PRESET_OF[who]]()
    granted = {cell for cell, grant in matrix.items() if grant and cell[0] != SYSTEM}
    by_hand = {
        (kind, action)
        for kind in RECORD_TYPES
        for action in ACTIONS
        if expect.may(who, kind, action)
    }
    assert granted == by_hand
    assert {name for kind, name in matrix if kind == SYSTEM} == expect.RIGHTS.get(who, set())
    scope = {"manager": Scope.OWN, "head": Scope.BELOW}.get(who, Scope.ALL)
    assert {grant.scope for (kind, _a), grant in matrix.items() if kind in expect.WORK} == {scope}
