"""Expected failures of leads."""


class LeadRuleError(Exception):
    """A rule of leads refuses; the message is for the person, `fields` say it field by field."""

    def __init__(self, message: str, fields: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.fields = fields or {}
