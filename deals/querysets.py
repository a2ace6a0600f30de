"""Reads of deals that have a name."""

from typing import Self

from records.querysets import RecordQuerySet


class DealQuerySet(RecordQuerySet):
    """Deals."""

    def open(self) -> Self:
        """Neither won nor lost."""
        return self.filter(status="open")

    def won(self) -> Self:
        """Won deals."""
        return self.filter(status="won")

    def lost(self) -> Self:
        """Lost deals."""
        return self.filter(status="lost")
