"""Long forms: what is seldom typed waits in folded groups."""

from collections.abc import Iterator
from typing import Any

from django.forms import BoundField


class FoldedFields:
    """A form whose `folded` names groups of fields: (label, names); the rest is always seen."""

    folded: tuple[tuple[Any, tuple[str, ...]], ...] = ()

    def main_fields(self) -> list[BoundField]:
        """What is asked first."""
        away = {name for _, names in self.folded for name in names}
        return [field for field in self.visible_fields() if field.name not in away]

    def folds(self) -> Iterator[tuple[Any, list[BoundField], bool]]:
        """(label, fields, is open): a group with an error opens by itself."""
        for label, names in self.folded:
            fields = [self[name] for name in names if name in self.fields]
            if fields:
                yield label, fields, any(field.errors for field in fields)
