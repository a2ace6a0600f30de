"""Every write of a lead."""

from leads.services.converting import (
    Conversion,
    convert_lead,
    matching_companies,
    matching_contacts,
)
from leads.services.distributing import distribute_lead, waiting_leads
from leads.services.errors import LeadRuleError
from leads.services.leads import assign_lead, reject_lead, save_lead, take_in_work

__all__ = [
    "Conversion",
    "LeadRuleError",
    "assign_lead",
    "convert_lead",
    "distribute_lead",
    "matching_companies",
    "matching_contacts",
    "reject_lead",
    "save_lead",
    "take_in_work",
    "waiting_leads",
]
