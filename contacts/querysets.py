"""Reads of companies and people that have a name."""

from records.querysets import RecordQuerySet


class CompanyQuerySet(RecordQuerySet):
    """Companies."""


class ContactQuerySet(RecordQuerySet):
    """People."""
