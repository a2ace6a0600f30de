"""What a service of deals refuses; the message is for the person."""

from django.utils.translation import gettext as _


class DealRuleError(Exception):
    """A rule of the pipeline forbids it; nothing was written. `field` names the culprit."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.field = field

    def __str__(self) -> str:
        return self.message


class StaleVersionError(DealRuleError):
    """Somebody changed the deal after the person had opened it."""

    def __init__(self) -> None:
        super().__init__(_("Somebody changed this deal meanwhile. Look at it and try again."))
