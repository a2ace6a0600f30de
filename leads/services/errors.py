"""Expected failures of leads."""


class LeadRuleError(Exception):
    """A rule of leads refuses; the message is for the person."""
