"""What a new installation begins with: a pipeline, loss reasons, currencies."""

from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext, gettext_noop, pgettext

from catalog.models import Currency
from deals.models import LossReason, Pipeline, Stage

ROT_DAYS = 7
BASE = "RUB"
CURRENCIES = (("RUB", "₽"), ("UAH", "₴"), ("USD", "$"), ("EUR", "€"))
PIPELINE = gettext_noop("Main pipeline")
REASONS = (
    gettext_noop("Too expensive"),
    gettext_noop("Chose somebody else"),
    gettext_noop("No answer"),
    gettext_noop("Put off"),
)


@dataclass(frozen=True, slots=True)
class StageDefault:
    """A stage of the default pipeline; `probability` in percent."""

    name: str
    probability: int
    short_name: str = ""


STAGES = (
    StageDefault(gettext_noop("In processing"), 10),
    StageDefault(gettext_noop("Awaiting information"), 25),
    StageDefault(gettext_noop("Negotiation"), 50),
    StageDefault(gettext_noop("Commercial proposal"), 75, gettext_noop("Proposal sent")),
)


@transaction.atomic
def create_defaults(language: str = "ru") -> Pipeline:
    """The default pipeline, reasons and currencies, named in the language; once."""
    with translation.override(language):
        _currencies()
        _reasons()
        return Pipeline.objects.filter(is_default=True).first() or _pipeline()


@transaction.atomic
def rename_defaults(language: str) -> None:
    """Say the names this module gave in another language; names people gave stay."""
    for noun in (PIPELINE, *REASONS):
        known = []
        for code, _title in settings.LANGUAGES:
            with translation.override(code):
                known.append(gettext(noun))
        with translation.override(language):
            model = Pipeline if noun == PIPELINE else LossReason
            model._default_manager.filter(name__in=known).update(name=gettext(noun))


def _currencies() -> None:
    has_base = Currency.objects.filter(is_base=True).exists()
    for code, symbol in CURRENCIES:
        is_base = code == BASE and not has_base
        Currency.objects.get_or_create(code=code, defaults={"symbol": symbol, "is_base": is_base})


def _reasons() -> None:
    if LossReason.objects.exists():
        return
    names = [*map(gettext, REASONS), pgettext("loss reason", "Other")]
    LossReason.objects.bulk_create(
        LossReason(name=name, position=position) for position, name in enumerate(names, 1)
    )


def _pipeline() -> Pipeline:
    pipeline = Pipeline.objects.create(name=gettext(PIPELINE), is_default=True, position=1)
    Stage.objects.bulk_create(
        Stage(
            pipeline=pipeline,
            name=gettext(stage.name),
            short_name=gettext(stage.short_name) if stage.short_name else "",
            position=position,
            probability=stage.probability,
            hue=position,
            rot_days=ROT_DAYS,
        )
        for position, stage in enumerate(STAGES, 1)
    )
    return pipeline
