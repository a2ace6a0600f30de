"""What a run knows, and the shape of rows that come with a record."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from django.db import models

from accounts.models import User
from crm.importing.drafts import Draft
from crm.importing.mapping import Mapping
from deals.models import Pipeline

PieceFields = dict[str, models.Field | None]


@dataclass(frozen=True, slots=True)
class Context:
    """The mapping, who imports, when, into which pipeline."""

    mapping: Mapping
    actor: User | None
    now: datetime
    pipeline: Pipeline | None = None


class Pieces(Protocol):
    """Rows of other tables that come with a record; a field of None is plain text."""

    fields: PieceFields

    def __init__(self, context: Context) -> None: ...

    def save(self, drafts: list[Draft]) -> set[int]:
        """Write what differs and return the numbers of the rows where something did."""
