"""Leads given out by the rules in the last months, with the reason a real decision would give."""

from collections import Counter
from datetime import timedelta

from accounts.models import User
from crm.demo.world import World
from leads.distribution import Candidate, Choice, RuleView, choose, first_fitting
from leads.models import Decision, Lead, LeadStatus, Rule, RuleState

SINCE = timedelta(days=120)


class Giver:
    """Replays the rotation over the leads of the past, oldest first."""

    def __init__(self, world: World) -> None:
        self.world = world
        rules = Rule.objects.filter(pool__user__in=world.people.values()).distinct()
        self.rules = {rule.pk: rule for rule in rules.order_by("position", "pk")}
        self.views = [
            RuleView(rule.pk, rule.name, rule.amount_from, rule.amount_to, rule.source_id)
            for rule in self.rules.values()
        ]
        people = {user.pk: user for user in world.people.values()}
        self.pools: dict[int, list[User]] = {
            pk: [people[key] for key in sorted(rule.pool.values_list("user", flat=True))]
            for pk, rule in self.rules.items()
        }
        self.given: dict[int, Counter[int]] = {pk: Counter() for pk in self.rules}
        self.decisions: list[Decision] = []

    def give(self, leads: list[Lead]) -> None:
        """Set the owners of what came lately; what fits no rule keeps waiting, explained too."""
        fresh = [
            lead
            for lead in leads
            if lead.status != LeadStatus.CONVERTED and lead.created_at > self.world.now - SINCE
        ]
        for lead in sorted(fresh, key=lambda lead: (lead.created_at, lead.import_key)):
            self._decide(lead)

    def _decide(self, lead: Lead) -> None:
        view = first_fitting(self.views, lead.amount, lead.source_id)
        choice = Choice(None)
        if view is not None:
            counts = self.given[view.pk]
            choice = choose([Candidate(u.pk, counts[u.pk]) for u in self.pools[view.pk]])
            lead.owner = next(u for u in self.pools[view.pk] if u.pk == choice.user_id)
            counts[lead.owner.pk] += 1
        self.decisions.append(
            Decision(
                lead=lead,
                rule=self.rules[view.pk] if view else None,
                rule_name=view.name if view else "",
                user_id=choice.user_id,
                explanation=choice.explanation,
                at=lead.assigned_at or lead.created_at,
            )
        )

    def keep(self) -> None:
        """Write the decisions and where the rotation stands; the leads are written before."""
        Decision.objects.bulk_create(self.decisions)
        RuleState.objects.bulk_create(
            RuleState(rule=self.rules[pk], user=user, given=self.given[pk][user.pk])
            for pk, pool in self.pools.items()
            for user in pool
        )
