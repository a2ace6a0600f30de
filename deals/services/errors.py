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


class StageNeedsFields(DealRuleError):
    """The stage demands fields that are empty; `empty` are their names, `wish` is for each."""

    def __init__(self, message: str, empty: list[str], wish: str) -> None:
        super().__init__(message, field="stage")
        self.empty = empty
        self.wish = wish


class StaleVersionError(DealRuleError):
    """Somebody changed the deal after the person had opened it."""

    def __init__(self) -> None:
        super().__init__(_("Somebody changed this deal meanwhile. Look at it and try again."))
