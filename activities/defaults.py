"""The marks a new installation begins with."""

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext, gettext_noop

from activities.models import Mark, MarkKind

MARKS = (
    (MarkKind.COMPETITOR, gettext_noop("Competitor")),
    (MarkKind.OBJECTION, gettext_noop("Objection")),
    (MarkKind.PRICE, gettext_noop("Price")),
    (MarkKind.DELIVERY, gettext_noop("Delivery")),
)


def create_marks(language: str) -> None:
    """Make the marks, named in the language, unless there are some."""
    if Mark.objects.exists():
        return
    with translation.override(language):
        Mark.objects.bulk_create(
            Mark(name=gettext(name), kind=kind, position=position)
            for position, (kind, name) in enumerate(MARKS, 1)
        )


def rename_marks(language: str) -> None:
    """Say the names this module gave in another language; names people gave stay."""
    for kind, noun in MARKS:
        known = []
        for code, _title in settings.LANGUAGES:
            with translation.override(code):
                known.append(gettext(noun))
        with translation.override(language):
            Mark.objects.filter(kind=kind, name__in=known).update(name=gettext(noun))
