"""A new deal."""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from catalog.models import Currency
from catalog.services import MoneyError, base_currency, to_base
from contacts.models import Company, Contact
from deals.models import Deal, MoveKind, Pipeline, Stage
from deals.services.errors import DealRuleError
from deals.services.rows import write_move
from deals.services.stage_rules import check_required
from records.events import publish


def in_base(amount: Decimal, currency: Currency, now: datetime) -> Decimal:
    """The sum in the base currency on the day of the moment; refuses as a rule of deals."""
    try:
        return to_base(amount, currency, timezone.localdate(now))
    except MoneyError as error:
        raise DealRuleError(str(error), field="amount") from error


def first_stage(pipeline: Pipeline) -> Stage:
    """Where a deal enters. Raises DealRuleError for a pipeline without active stages."""
    stage = pipeline.stages.filter(is_active=True).order_by("position", "pk").first()
    if stage is None:
        raise DealRuleError(_("This pipeline has no stages yet."), field="pipeline")
    return stage


def _check(title: str, amount: Decimal, pipeline: Pipeline, stage: Stage) -> None:
    if not title.strip():
        raise DealRuleError(_("Name the deal."), field="title")
    if not amount.is_finite() or amount < 0:
        raise DealRuleError(_("The amount cannot be negative."), field="amount")
    if stage.pipeline_id != pipeline.pk:
        raise DealRuleError(_("This stage belongs to another pipeline."), field="stage")
    if not pipeline.is_active:
        raise DealRuleError(_("This pipeline is in the archive."), field="pipeline")
    if not stage.is_active:
        raise DealRuleError(_("This stage is in the archive."), field="stage")


@transaction.atomic
def create_deal(
    *,
    by: User,
    now: datetime,
    title: str,
    pipeline: Pipeline,
    stage: Stage | None = None,
    amount: Decimal | int = 0,
    currency: Currency | None = None,
    owner: User | None = None,
    company: Company | None = None,
    contact: Contact | None = None,
    source: str = "",
    created_at: datetime | None = None,
    expected_close_date: date | None = None,
    import_key: str | None = None,
    description: str = "",
) -> Deal:
    """Store a deal and its entry into the pipeline.

    `created_at` is given for historical rows: then the entry and the rate are of that day.
    Without `owner` the deal is of the person who makes it. Raises DealRuleError.
    """
    at = created_at or now
    amount = Decimal(amount)
    stage = stage or first_stage(pipeline)
    _check(title, amount, pipeline, stage)
    currency = currency or base_currency()
    deal = Deal(
        title=title.strip(),
        pipeline=pipeline,
        stage=stage,
        amount=amount,
        currency=currency,
        amount_base=in_base(amount, currency, at),
        owner=owner or by,
        company=company,
        contact=contact,
        source=source,
        description=description,
        expected_close_date=expected_close_date,
        created_at=at,
        created_by=by,
        stage_entered_at=at,
        furthest=stage.position,
        import_key=import_key,
    )
    _enter(deal, by, at)
    publish("deal.created", deal_id=deal.pk, by_id=by.pk, now=now)
    return deal


def _enter(deal: Deal, by: User, at: datetime) -> None:
    """Store the deal and its entry, if nothing is empty that the stage demands."""
    check_required(deal.stage, deal)
    deal.save()
    write_move(deal, MoveKind.ENTERED, None, deal.stage, by, at)
