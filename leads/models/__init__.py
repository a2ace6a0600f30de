"""Leads, sources, distribution rules and their decisions."""

from leads.models.distribution import Decision, PoolMember, Rule, RuleState
from leads.models.leads import Lead, LeadStatus, Source

__all__ = ["Decision", "Lead", "LeadStatus", "PoolMember", "Rule", "RuleState", "Source"]
