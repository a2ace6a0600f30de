"""manage.py report NAME --from DAY --to DAY [--pipeline NAME] --as EMAIL --format json|csv."""

import csv
import json
from collections.abc import Callable
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.middleware import known_zone
from accounts.models import User
from deals.filters import FIRST_DAY, LAST_DAY
from deals.models import Pipeline
from records.rights import SYSTEM
from reports.clv import clv_report
from reports.funnel import funnel
from reports.managers import managers, sales
from reports.output import funnel_values, managers_values, sales_values, without_sums
from reports.periods import Period
from reports.rfm import rfm_report

Asked = dict[str, Any]


def funnel_report(asked: Asked) -> dict[str, Any]:
    """The funnel; without --pipeline that of the default one."""
    ordered = Pipeline.objects.order_by("-is_default", "position", "pk")
    pipeline = asked["pipeline"] or ordered.first()
    if pipeline is None:
        raise CommandError(_("There is no pipeline."))
    return funnel_values(funnel(**{**asked, "pipeline": pipeline}, now=timezone.now()))


def managers_report(asked: Asked) -> dict[str, Any]:
    """Deals and work by owner."""
    return managers_values(managers(**_without_day(asked)))


def sales_report(asked: Asked) -> dict[str, Any]:
    """Won revenue by owner and month."""
    return sales_values(sales(**_without_day(asked)))


def recency_report(asked: Asked) -> dict[str, Any]:
    """Customers by recency, frequency and sum as of the last day asked, today without one."""
    return rfm_report(asked["user"], asked["period"].last or timezone.localdate())


def value_report(asked: Asked) -> dict[str, Any]:
    """The stored run of customer value, limited to the clients the person may see."""
    return clv_report(asked["user"])


def _without_day(asked: Asked) -> Asked:
    return {name: value for name, value in asked.items() if name != "as_of"}


REPORTS: dict[str, Callable[[Asked], dict[str, Any]]] = {
    "funnel": funnel_report,
    "managers": managers_report,
    "sales": sales_report,
    "rfm": recency_report,
    "clv": value_report,
}
"""Each takes user, period, pipeline (or None) and as_of (or None); `rows` goes into CSV."""


SUMS_ONLY = {"sales", "rfm", "clv"}
"""Reports that are nothing without the amounts of deals."""


class Command(BaseCommand):
    """Prints a report with the rights and in the time zone of a person; docs/reports.md."""

    help = "Print a report as JSON or CSV."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", choices=sorted(REPORTS))
        parser.add_argument("--from", dest="first", type=day, help="YYYY-MM-DD")
        parser.add_argument("--to", dest="last", type=day, help="YYYY-MM-DD")
        parser.add_argument("--as-of", type=day, help="YYYY-MM-DD, funnel only")
        parser.add_argument("--pipeline", help="name or number")
        parser.add_argument("--as", dest="email", required=True, help="whose rights and zone")
        parser.add_argument("--format", choices=["json", "csv"], default="json")

    def handle(self, *args: Any, **options: Any) -> None:
        person = _person(options["email"])
        if options["first"] and options["last"] and options["first"] > options["last"]:
            raise CommandError(_("The last day is before the first one."))
        asked = {
            "user": person,
            "period": Period(options["first"], options["last"]),
            "pipeline": _pipeline(options["pipeline"]),
            "as_of": options["as_of"],
        }
        sees_sums = person.fields("deal").sees("amount")
        if options["name"] in SUMS_ONLY and not sees_sums:
            raise CommandError(_("Your role does not include this."))
        with timezone.override(known_zone(person.time_zone)):
            found = REPORTS[options["name"]](asked)
        found = found if sees_sums else without_sums(found)
        if options["format"] == "csv":
            self._print_table(found["rows"])
        else:
            text = json.dumps(found, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)
            self.stdout.write(text)

    def _print_table(self, rows: list[dict[str, Any]]) -> None:
        """The main table; empty cells for what is not defined."""
        if rows:
            table = csv.DictWriter(self.stdout, list(rows[0]), lineterminator="\n")
            table.writeheader()
            table.writerows(rows)


def day(text: str) -> date:
    """A day the calendar and the database both hold."""
    found = date.fromisoformat(text)
    if not FIRST_DAY <= found <= LAST_DAY:
        raise ValueError(text)
    return found


def _person(email: str) -> User:
    person = User.objects.filter(email=email.lower(), is_active=True).first()
    if person is None:
        raise CommandError(_("There is no active person %(email)s.") % {"email": email})
    if not person.grant(SYSTEM, "view_reports"):
        raise CommandError(_("Your role does not include this."))
    return person


def _pipeline(text: str | None) -> Pipeline | None:
    if not text:
        return None
    found = Pipeline.objects.filter(name=text).first()
    if found is None and text.isdecimal() and len(text) < 10:
        found = Pipeline.objects.filter(pk=int(text)).first()
    if found is None:
        raise CommandError(_("There is no pipeline %(name)s.") % {"name": text})
    return found
