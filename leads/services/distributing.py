"""Giving a lead without owner to a person by the rules, once."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from accounts.models import User
from leads.distribution import Candidate, Choice, RuleView, choose, first_fitting, level_start
from leads.models import Decision, Lead, Rule, RuleState
from records.events import publish


@transaction.atomic
def distribute_lead(*, lead_id: int, now: datetime) -> Decision | None:
    """Decide about one lead and keep the explanation; None when there is nothing to decide.

    The lead is locked with SKIP LOCKED, so a second worker passes by; the rule is locked, so the
    rotation is fair. Without a fitting rule or an active person the lead stays without owner and
    one decision says so.
    """
    lead = Lead.objects.unassigned().select_for_update(skip_locked=True).filter(pk=lead_id).first()
    if lead is None:
        return None
    rule = _rule_for(lead)
    if rule is None:
        return _decide(lead, None, Choice(None), now)
    Rule.objects.select_for_update().get(pk=rule.pk)
    states = _rotation(rule)
    choice = choose([Candidate(s.user_id, s.given, s.was_eligible) for s in states])
    if choice.user_id is not None:
        state = next(state for state in states if state.user_id == choice.user_id)
        state.given, state.last_at = state.given + 1, now
        state.save(update_fields=["given", "last_at"])
    return _decide(lead, rule, choice, now)


def waiting_leads(limit: int) -> list[int]:
    """Keys of the oldest leads without owner about whom a decision is possible or still due."""
    rules = [
        (rule, any(person.is_active for person in _pool(rule)))
        for rule in Rule.objects.filter(is_active=True).order_by("position", "pk")
    ]
    rows = Lead.objects.worth_deciding(rules).order_by("created_at", "pk")
    return list(rows.values_list("pk", flat=True)[:limit])


def _rule_for(lead: Lead) -> Rule | None:
    rules = list(Rule.objects.filter(is_active=True).order_by("position", "pk"))
    views = [
        RuleView(rule.pk, rule.name, rule.amount_from, rule.amount_to, rule.source_id)
        for rule in rules
    ]
    found = first_fitting(views, lead.amount, lead.source_id)
    return next((rule for rule in rules if found and rule.pk == found.pk), None)


def _pool(rule: Rule) -> list[User]:
    named = Q(pk__in=rule.pool.values("user"))
    if rule.department_id:
        named |= Q(department=rule.department_id)
    return list(User.objects.filter(named).order_by("pk"))


def _rotation(rule: Rule) -> list[RuleState]:
    """The state of everyone in the pool; who joins or comes back starts level.

    Being away is being inactive or out of the pool, and it counts in neither direction: a
    person who comes back owes nothing and is owed nothing.
    """
    known = {state.user_id: state for state in rule.rotation.all()}
    people = _pool(rule)
    _leave(known, people)
    present = [
        known[p.pk].given
        for p in people
        if p.pk in known and p.is_active and known[p.pk].was_eligible
    ]
    start, states = level_start(present), []
    for person in people:
        state = known.get(person.pk) or RuleState(rule=rule, user=person, given=start)
        if person.is_active and not state.was_eligible and present:
            state.given = start
        if state.pk is None or state.was_eligible != person.is_active:
            state.was_eligible = person.is_active
            state.save()
        states.append(state)
    return states


def _leave(known: dict[int, RuleState], people: list[User]) -> None:
    """Those who are no longer in the pool are away."""
    stay = {person.pk for person in people}
    gone = [s for s in known.values() if s.was_eligible and s.user_id not in stay]
    for state in gone:
        state.was_eligible = False
    if gone:
        RuleState.objects.bulk_update(gone, ["was_eligible"])


def _decide(lead: Lead, rule: Rule | None, choice: Choice, now: datetime) -> Decision | None:
    """Write the owner and the decision; a repeated "nobody" of one rule is not written again."""
    last = lead.decisions.order_by("-sequence").first()
    same_rule = last is not None and last.rule_id == (rule.pk if rule else None)
    if last is not None and choice.user_id is None and last.user_id is None and same_rule:
        return last
    sequence = last.sequence + 1 if last else 1
    decision = Decision.objects.create(
        lead=lead,
        sequence=sequence,
        rule=rule,
        rule_name=rule.name if rule else "",
        user_id=choice.user_id,
        explanation=choice.explanation,
        at=now,
    )
    if choice.user_id is not None:
        lead.owner_id, lead.assigned_at = choice.user_id, now
        lead.version += 1
        lead.save(update_fields=["owner", "assigned_at", "version", "updated_at"])
        publish("lead.assigned", lead_id=lead.pk, user_id=choice.user_id, by_id=None, now=now)
    return decision
