"""Reads of leads that have a name."""

from typing import Self

from records.querysets import RecordQuerySet


class LeadQuerySet(RecordQuerySet):
    """Leads."""

    def open(self) -> Self:
        """Still to be worked on."""
        return self.filter(status__in=["new", "working"])

    def unassigned(self) -> Self:
        """Open leads that nobody has."""
        return self.alive().open().filter(owner__isnull=True)
