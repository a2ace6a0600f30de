"""What is asked of the records of each type: which field, of which of them, when it is bad."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, F, Min, OuterRef, Q, QuerySet, Window
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from activities.models import Activity
from contacts.models import Company, Contact, Email, Employment, Phone
from deals.models import Deal
from deals.models.pipelines import REQUIRABLE
from leads.models import Lead
from reports.asking import Asked
from reports.health.tax_ids import tax_id_holds

COMPLETE, VALID, SINGLE, FRESH = "completeness", "validity", "uniqueness", "freshness"
WEIGHTS = {COMPLETE: 40, VALID: 20, SINGLE: 20, FRESH: 20}
PARTS: dict[str, Promise] = {
    COMPLETE: _("Completeness"),
    VALID: _("Validity"),
    SINGLE: _("Uniqueness"),
    FRESH: _("Freshness"),
}
ADDRESS = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"
Made = Callable[[QuerySet, datetime], Q]


@dataclass(frozen=True, slots=True)
class Check:
    """`of` chooses the records asked, `bad` the offenders among them; both get all records.

    `field` is a ruled field of the record type: who may not see it is not shown the check.
    """

    name: str
    part: str
    label: Any
    bad: Made
    of: Made | None = None
    field: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """A record type with its checks; `rows` are those worth keeping in order."""

    name: str
    label: Any
    model: Any
    only_open: bool
    fresh_days: int
    checks: tuple[Check, ...]

    def rows(self, asked: Asked) -> Any:
        """What the viewer may see, of the chosen people."""
        rows = self.model.objects.visible_to(asked.user)
        return asked.narrowed((rows.open() if self.only_open else rows).order_by())

    def shown(self, user: Any) -> list[Check]:
        """The checks that tell no hidden field."""
        fields = user.fields(self.name)
        return [check for check in self.checks if not check.field or fields.sees(check.field)]


def empty(**columns: Any) -> Made:
    """All of these columns hold nothing."""
    return lambda rows, now: Q(**columns)


def without(model: Any, holder: str) -> Made:
    """No row of a channel or of employments."""
    return lambda rows, now: ~Exists(model.objects.filter(**{holder: OuterRef("pk")}))


def having(model: Any, holder: str, **wrong: Any) -> Made:
    """Some row of a channel; with `wrong` one that is like this."""
    return lambda rows, now: Q(Exists(model.objects.filter(**{holder: OuterRef("pk")}, **wrong)))


def bad_phone(holder: str) -> Made:
    """A number that could not be understood, so that nobody finds or calls it."""
    return lambda rows, now: Q(
        Exists(Phone.objects.filter(**{holder: OuterRef("pk")}).exclude(e164__startswith="+"))
    )


def bad_email(holder: str) -> Made:
    """An address no letter goes to."""
    return lambda rows, now: Q(
        Exists(Email.objects.filter(**{holder: OuterRef("pk")}).exclude(address__regex=ADDRESS))
    )


def untouched(days: int, holder: str) -> Made:
    """Neither changed nor worked on for so many days."""

    def made(rows: QuerySet, now: datetime) -> Q:
        edge = now - timedelta(days=days)
        work = Activity.objects.alive().filter(**{holder: OuterRef("pk")}, done_at__gte=edge)
        return Q(updated_at__lt=edge) & ~Exists(work)

    return made


def same_channel(holder: str) -> Made:
    """Another record of an earlier number has the same phone or e-mail."""

    def made(rows: QuerySet, now: datetime) -> Q:
        keys = rows.values("pk")
        phones = Phone.objects.filter(**{f"{holder}__in": keys}).exclude(e164="")
        emails = Email.objects.filter(**{f"{holder}__in": keys})
        later = Q(pk__in=_later(phones, holder, "e164"))
        return later | Q(pk__in=_later(emails, holder, "address"))

    return made


def _later(channels: QuerySet, holder: str, key: str) -> QuerySet:
    """Holders of a key that an earlier holder has too."""
    first = Window(Min(f"{holder}_id"), partition_by=F(key))
    found = channels.order_by().annotate(first=first)
    return found.filter(**{f"{holder}_id__gt": F("first")}).values(f"{holder}_id")


def same_company(rows: QuerySet, now: datetime) -> Q:
    """The same tax number, or the same name, as an earlier company."""
    numbered = rows.exclude(tax_id="")
    by_number = Window(Min("pk"), partition_by=F("tax_id"))
    by_name = Window(Min("pk"), partition_by=F("sort_key"))
    twins = numbered.annotate(first=by_number).filter(pk__gt=F("first")).values("pk")
    namesakes = rows.annotate(first=by_name).filter(pk__gt=F("first")).values("pk")
    return Q(pk__in=twins) | Q(pk__in=namesakes)


def same_deal(rows: QuerySet, now: datetime) -> Q:
    """An earlier open deal of the same client has the same title."""
    first = Window(Min("pk"), partition_by=[F("company"), F("contact"), F("title")])
    known = rows.filter(Q(company__isnull=False) | Q(contact__isnull=False))
    return Q(pk__in=known.annotate(first=first).filter(pk__gt=F("first")).values("pk"))


def lacks_demanded(rows: QuerySet, now: datetime) -> Q:
    """A field that the stage demands is empty."""
    blanks = {
        "amount": Q(amount=0),
        "company": Q(company__isnull=True),
        "contact": Q(contact__isnull=True),
        "expected_close_date": Q(expected_close_date__isnull=True),
        "source": Q(source=""),
        "description": Q(description=""),
    }
    found = Q(pk__in=[])
    for name, _label in REQUIRABLE:
        found |= Q(stage__required_fields__contains=[name]) & blanks[name]
    return found


def wrong_tax_id(rows: QuerySet, now: datetime) -> Q:
    """The check digit does not fit."""
    return Q(pk__in=rows.exclude(tax_id="").filter(~Q(tax_id_holds())).values("pk"))


def _channels(holder: str) -> tuple[Check, ...]:
    return (
        Check("bad_phone", VALID, _("Format of the phone"), bad_phone(holder),
              having(Phone, holder), "phone"),
        Check("bad_email", VALID, _("Format of the e-mail"), bad_email(holder),
              having(Email, holder), "email"),
    )  # fmt: skip


LEAD_DAYS, DEAL_DAYS, CLIENT_DAYS = 14, 30, 180
KINDS = {
    "lead": Kind("lead", _("Open leads"), Lead, True, LEAD_DAYS, (
        Check("name", COMPLETE, _("Name or company"),
              empty(last_name="", first_name="", company_name="")),
        Check("reach", COMPLETE, _("Phone or e-mail"), lambda rows, now:
              without(Phone, "lead")(rows, now) & without(Email, "lead")(rows, now),
              field="phone"),
        Check("source", COMPLETE, _("Source"), empty(source__isnull=True), field="source"),
        Check("amount", COMPLETE, _("Interest, amount"), empty(amount__isnull=True),
              field="amount"),
        Check("city", COMPLETE, _("City"), empty(city="")),
        Check("owner", COMPLETE, _("Owner"), empty(owner__isnull=True)),
        *_channels("lead"),
        Check("twin", SINGLE, _("Repeats by phone or e-mail"), same_channel("lead"),
              field="phone"),
        Check("fresh", FRESH, _("Not touched for long"), untouched(LEAD_DAYS, "lead")),
    )),
    "deal": Kind("deal", _("Open deals"), Deal, True, DEAL_DAYS, (
        Check("client", COMPLETE, _("Client"),
              empty(company__isnull=True, contact__isnull=True)),
        Check("amount", COMPLETE, _("Amount"), empty(amount=0), field="amount"),
        Check("close", COMPLETE, _("Expected close"), empty(expected_close_date__isnull=True),
              field="expected_close_date"),
        Check("source", COMPLETE, _("Source"), empty(source=""), field="source"),
        Check("demanded", COMPLETE, _("What the stage demands"), lacks_demanded, field="amount"),
        Check("past", VALID, _("Expected close in the past"), lambda rows, now:
              Q(expected_close_date__lt=now.date()),
              lambda rows, now: Q(expected_close_date__isnull=False), "expected_close_date"),
        Check("twin", SINGLE, _("Repeats by client and title"), same_deal),
        Check("fresh", FRESH, _("Not touched for long"), untouched(DEAL_DAYS, "deal")),
    )),
    "contact": Kind("contact", _("People"), Contact, False, CLIENT_DAYS, (
        Check("name", COMPLETE, _("Surname"), empty(last_name="")),
        Check("position", COMPLETE, _("Position"), empty(position="")),
        Check("phone", COMPLETE, _("Phone"), without(Phone, "contact"), field="phone"),
        Check("email", COMPLETE, _("E-mail"), without(Email, "contact"), field="email"),
        Check("company", COMPLETE, _("Company"), without(Employment, "contact")),
        *_channels("contact"),
        Check("twin", SINGLE, _("Repeats by phone or e-mail"), same_channel("contact"),
              field="phone"),
        Check("fresh", FRESH, _("Not touched for long"), untouched(CLIENT_DAYS, "contact")),
    )),
    "company": Kind("company", _("Companies"), Company, False, CLIENT_DAYS, (
        Check("tax", COMPLETE, _("Tax id"), empty(tax_id=""), field="tax_id"),
        Check("reach", COMPLETE, _("Phone or e-mail"), lambda rows, now:
              without(Phone, "company")(rows, now) & without(Email, "company")(rows, now),
              field="phone"),
        Check("city", COMPLETE, _("City"), empty(city="")),
        Check("industry", COMPLETE, _("Industry"), empty(industry="")),
        Check("bad_tax", VALID, _("Check digit of the tax id"), wrong_tax_id,
              lambda rows, now: ~Q(tax_id=""), "tax_id"),
        *_channels("company"),
        Check("twin", SINGLE, _("Repeats by tax id or name"), same_company,
              field="tax_id"),
        Check("fresh", FRESH, _("Not touched for long"), untouched(CLIENT_DAYS, "company")),
    )),
}  # fmt: skip
