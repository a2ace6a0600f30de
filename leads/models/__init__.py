"""Leads, sources, distribution rules and their decisions, chances to be won."""

from leads.models.distribution import Decision, PoolMember, Rule, RuleState
from leads.models.leads import Lead, LeadStatus, Source
from leads.models.scores import FitKind, LeadScore, ScoreFit

__all__ = [
    "Decision",
    "FitKind",
    "Lead",
    "LeadScore",
    "LeadStatus",
    "PoolMember",
    "Rule",
    "RuleState",
    "ScoreFit",
    "Source",
]
