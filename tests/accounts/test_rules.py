"""Rules beside the matrix, and deputies, as services write them."""

from datetime import timedelta

import pytest

from accounts import services
from accounts.models import Deputy, Role
from accounts.services import StageInput
from records.rights import Level
from tests import factories as make
from tests.factories import NOW


@pytest.fixture
def role(db):
    return Role.objects.create(name="Trainee")


def test_field_rules_are_replaced_as_a_whole(role):
    services.set_field_rules(
        role=role, levels={("deal", "amount"): Level.NONE, ("contact", "phone"): Level.VIEW}
    )
    services.set_field_rules(
        role=role, levels={("deal", "amount"): Level.VIEW, ("contact", "phone"): None}
    )
    rules = role.field_rules.values_list("record_type", "field", "level")
    assert list(rules) == [("deal", "amount", Level.VIEW)]


@pytest.mark.parametrize("cell", [("deal", "title"), ("deal", "owner"), ("user", "email")])
def test_field_outside_the_allow_list_cannot_be_ruled(role, cell):
    with pytest.raises(services.UnknownField):
        services.set_field_rules(role=role, levels={cell: Level.NONE})
    assert not role.field_rules.exists()


def test_copy_of_a_role_keeps_its_rules(role):
    first, second = make.pipeline(stages=2).stages.all()
    services.set_role_flags(role=role, closed_by_default=True, is_novice=True)
    services.set_field_rules(role=role, levels={("deal", "amount"): Level.VIEW})
    services.set_stage_rules(
        role=role, rules=[StageInput(first.pk, Level.VIEW, (second.pk,), can_close=False)]
    )
    copy = services.copy_role(role=role, name="Trainee 2")
    copy.refresh_from_db()
    rule = copy.stage_rules.get()
    assert (copy.closed_by_default, copy.is_novice) == (True, True)
    assert copy.field_rules.get().level == Level.VIEW
    assert (rule.level, rule.limits_moves, rule.can_close) == (Level.VIEW, True, False)
    assert list(rule.moves.all()) == [second]


def test_deputy_stands_in_to_the_minute(people):
    term = services.appoint_deputy(
        person=people.manager,
        deputy=people.colleague,
        starts_at=NOW + timedelta(seconds=40),
        ends_at=NOW + timedelta(hours=1),
        by=people.admin,
    )
    assert term.starts_at == NOW
    assert list(Deputy.objects.at(NOW)) == [term]
    assert not Deputy.objects.at(NOW - timedelta(seconds=1)).exists()
    assert not Deputy.objects.at(NOW + timedelta(hours=1)).exists()


def test_term_without_length_or_with_oneself_is_refused(people):
    with pytest.raises(services.DeputyRefused):
        services.appoint_deputy(
            person=people.manager, deputy=people.colleague, starts_at=NOW, ends_at=NOW, by=None
        )
    with pytest.raises(services.DeputyRefused):
        services.appoint_deputy(
            person=people.manager,
            deputy=people.manager,
            starts_at=NOW,
            ends_at=NOW + timedelta(hours=1),
            by=None,
        )


def test_recalled_deputy_stops_now_and_stays_in_history(people):
    term = services.appoint_deputy(
        person=people.manager,
        deputy=people.colleague,
        starts_at=NOW,
        ends_at=NOW + timedelta(days=1),
        by=people.admin,
    )
    services.recall_deputy(deputy=term, now=NOW + timedelta(hours=2))
    term.refresh_from_db()
    assert term.ends_at == NOW + timedelta(hours=2)
    services.recall_deputy(deputy=term, now=NOW)
    assert not Deputy.objects.exists()
