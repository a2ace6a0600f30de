"""manage.py report NAME --from DAY --to DAY --by WHAT --as EMAIL --format json|csv."""

import csv
import json
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.middleware import known_zone
from accounts.models import Department, User
from deals.filters import FIRST_DAY, LAST_DAY
from deals.models import Pipeline
from records.rights import SYSTEM
from reports.asking import Asked
from reports.closed import why_closed
from reports.clv import clv_report
from reports.days.report import day_report
from reports.dimensions import offered
from reports.forecast.rates import HORIZONS
from reports.forecast.report import forecast_report
from reports.forecast.weighing import BY as FORECAST_BY
from reports.forms import departments_seen, people_seen
from reports.funnel.beside_report import beside_report
from reports.funnel.report import funnel_report
from reports.funnel.words import LENSES
from reports.health.report import health_report
from reports.ledger.abc_report import abc_report
from reports.ledger.bills_report import bills_report
from reports.ledger.retention import MONTHS as STEPS
from reports.ledger.retention_report import retention_report
from reports.losses.counting import BY as LOSSES_BY
from reports.losses.report import losses_report
from reports.managers import sales
from reports.managers_report import managers_report
from reports.output import sales_values
from reports.periods import COMPARED, Period, compared_with
from reports.plan_report import plan_report
from reports.plans import plan_days, sees_company
from reports.quality_sheet import quality_report
from reports.rfm import rfm_report
from reports.score.report import score_report
from reports.sources.report import sources_report
from reports.trend.report import manager_report
from reports.velocity.counting import BY as VELOCITY_BY
from reports.velocity.push_report import push_report
from reports.velocity.report import velocity_report
from reports.voice.counting import BY as VOICE_BY
from reports.voice.report import voice_report

OTHERS = ("pipeline", "department", "owner", "source")
SALES_BY = ("manager", "department", "source", "pipeline", "month")
SOURCES_BY = ("source", "campaign")
BY = sorted({*SALES_BY, *LOSSES_BY, *SOURCES_BY, *STEPS, *VOICE_BY})


def funnel_values(asked: Asked) -> dict[str, Any]:
    """The funnel by a lens; without --pipeline that of the default one."""
    return funnel_report(asked.of(pipeline=asked.pipeline or default_pipeline())).values


def default_pipeline() -> Pipeline:
    """The pipeline of a funnel for which none is named."""
    pipeline = Pipeline.objects.order_by("-is_default", "position", "pk").first()
    if pipeline is None:
        raise CommandError(_("There is no pipeline."))
    return pipeline


def managers_values(asked: Asked) -> dict[str, Any]:
    """Deals and work by owner."""
    quality = quality_report(asked).values["quality"]
    return {**managers_report(asked).values, "quality": quality}


def sales_report(asked: Asked) -> dict[str, Any]:
    """Won revenue by owner and month, or by what --by names."""
    return sales_values(sales(asked, _by(asked, "manager", SALES_BY)))


def losses_values(asked: Asked) -> dict[str, Any]:
    """Lost deals by reason, or by what --by names."""
    by = _by(asked, "reason", offered(LOSSES_BY, asked.user))
    return losses_report(asked.of(options={"by": by})).values


def sources_values(asked: Asked) -> dict[str, Any]:
    """Leads of the period by source or campaign, with costs where the person sees them."""
    for kind in ("lead", "deal"):
        if not asked.user.fields(kind).sees("source"):
            raise CommandError(_("Your role does not include this."))
    options = {"by": _by(asked, "source", SOURCES_BY), "margin": asked.options["margin"]}
    return sources_report(asked.of(options=options)).values


def forecast_values(asked: Asked) -> dict[str, Any]:
    """What open deals will bring within --horizon days, by stage or what --by names."""
    by = _by(asked, "stage", offered(FORECAST_BY, asked.user))
    return forecast_report(asked.of(options={"by": by, "horizon": asked.options["horizon"]})).values


def retention_values(asked: Asked) -> dict[str, Any]:
    """Clients who came in the period by the month or quarter of their first purchase."""
    step = _by(asked, "month", STEPS)
    return retention_report(asked.of(options={"step": step}, before=None)).values


def purchases_values(asked: Asked) -> dict[str, Any]:
    """Purchases by month."""
    return bills_report(asked).values


def abc_values(asked: Asked) -> dict[str, Any]:
    """Clients by their part of the revenue."""
    return abc_report(asked).values


def velocity_values(asked: Asked) -> dict[str, Any]:
    """The sales velocity by manager, or by what --by names."""
    by = _by(asked, "manager", offered(VELOCITY_BY, asked.user))
    return velocity_report(asked.of(options={"by": by})).values


def push_values(asked: Asked) -> dict[str, Any]:
    """Open deals that stand longer than won ones did, by stage."""
    return push_report(asked.of(period=Period(), before=None)).values


def manager_values(asked: Asked) -> dict[str, Any]:
    """Twelve months of the manager --owner, by default of the person himself."""
    asked = asked.of(period=Period(), before=None, owner=asked.owner or asked.user)
    found = manager_report(asked)
    return found.values if found else {}


def day_values(asked: Asked) -> dict[str, Any]:
    """What was done on the day of --on, by default today, by person and hour."""
    on = asked.as_of or timezone.localdate()
    return day_report(asked.of(period=Period(on, on), before=None, as_of=None)).values


def score_values(asked: Asked) -> dict[str, Any]:
    """The lead score: its quality, and open leads by chance."""
    return score_report(asked.of(period=Period(), before=None)).values


def voice_values(asked: Asked) -> dict[str, Any]:
    """Marked talks by mark, or by what --by names."""
    return voice_report(asked.of(options={"by": _by(asked, "mark", VOICE_BY)})).values


def health_values(asked: Asked) -> dict[str, Any]:
    """Completeness, validity, uniqueness and freshness of the records by type."""
    return health_report(asked.of(period=Period(), before=None, options={})).values


def compare_values(asked: Asked) -> dict[str, Any]:
    """Two funnels side by side; the second one by --other-…, of the first pipeline unless named."""
    first = asked.of(pipeline=asked.pipeline or default_pipeline(), options={})
    other = asked.options
    second = first.of(
        pipeline=_pipeline(other["other_pipeline"]) or first.pipeline,
        department=_department(other["other_department"]),
        owner=_owner(asked.user, other["other_owner"]),
        source=other["other_source"],
    )
    return beside_report(first, second).values


def _by(asked: Asked, usual: str, known: Iterable[str]) -> str:
    """What --by names, else the usual dimension; CommandError for one the report has not."""
    by = asked.options.get("by") or usual
    if by not in known:
        raise CommandError(_("This report has no --by %(name)s.") % {"name": by})
    return by


def recency_report(asked: Asked) -> dict[str, Any]:
    """Customers by recency, frequency and sum as of the last day asked, today without one."""
    return rfm_report(asked.user, asked.period.last or timezone.localdate())


def value_report(asked: Asked) -> dict[str, Any]:
    """The stored run of customer value, limited to the clients the person may see."""
    return clv_report(asked.user)


def plan_values(asked: Asked) -> dict[str, Any]:
    """Plan and fact of the month that holds the first day asked, the present one without it."""
    days = plan_days("month", asked.period.first or timezone.localdate())
    user = asked.user
    people = list(people_seen(user).filter(is_active=True))
    departments = list(departments_seen(user).filter(is_active=True))
    asked = asked.of(period=days, before=None)
    return plan_report(asked, "month", people, departments, company=sees_company(user)).values


REPORTS: dict[str, Callable[[Asked], dict[str, Any]]] = {
    "funnel": funnel_values,
    "managers": managers_values,
    "day": day_values,
    "manager": manager_values,
    "compare": compare_values,
    "sales": sales_report,
    "losses": losses_values,
    "sources": sources_values,
    "retention": retention_values,
    "purchases": purchases_values,
    "abc": abc_values,
    "velocity": velocity_values,
    "push": push_values,
    "plan": plan_values,
    "forecast": forecast_values,
    "score": score_values,
    "voice": voice_values,
    "health": health_values,
    "rfm": recency_report,
    "clv": value_report,
}
"""Each answers what is asked; `rows` goes into CSV."""


class Command(BaseCommand):
    """Prints a report with the rights and in the time zone of a person; docs/reports.md."""

    help = "Print a report as JSON or CSV."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", choices=sorted(REPORTS))
        parser.add_argument("--from", dest="first", type=day, help="YYYY-MM-DD")
        parser.add_argument("--to", dest="last", type=day, help="YYYY-MM-DD")
        parser.add_argument("--as-of", type=day, help="YYYY-MM-DD, funnel, forecast")
        parser.add_argument("--on", dest="as_of", type=day, help="YYYY-MM-DD, day")
        parser.add_argument("--lens", choices=sorted(LENSES), default="reached", help="funnel")
        parser.add_argument("--by", choices=BY, default="", help="what rows are")
        parser.add_argument("--compare", choices=sorted(COMPARED), default="previous")
        parser.add_argument("--pipeline", help="name or number")
        parser.add_argument("--department", help="name or number, with those below it")
        parser.add_argument("--owner", help="e-mail of a manager")
        parser.add_argument("--source", default="", help="source of the deals")
        for name in OTHERS:
            parser.add_argument(f"--other-{name}", default="", help="the second side of compare")
        parser.add_argument("--margin", type=margin, help="per cent, sources only")
        parser.add_argument("--horizon", type=int, choices=HORIZONS, default=90, help="forecast")
        parser.add_argument("--as", dest="email", required=True, help="whose rights and zone")
        parser.add_argument("--format", choices=["json", "csv"], default="json")

    def handle(self, *args: Any, **options: Any) -> None:
        person = _person(options["email"])
        if options["first"] and options["last"] and options["first"] > options["last"]:
            raise CommandError(_("The last day is before the first one."))
        period = Period(options["first"], options["last"])
        asked = Asked(
            user=person,
            period=period,
            before=compared_with(period, options["compare"]),
            pipeline=_pipeline(options["pipeline"]),
            department=_department(options["department"]),
            owner=_owner(person, options["owner"]),
            source=options["source"],
            as_of=options["as_of"],
            options={
                "lens": options["lens"],
                "by": options["by"],
                "margin": options["margin"] or "",
                "horizon": str(options["horizon"]),
                **{f"other_{name}": options[f"other_{name}"] for name in OTHERS},
            },
        )
        with timezone.override(known_zone(person.time_zone)):
            found = REPORTS[options["name"]](asked)
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


def margin(text: str) -> str:
    """A share in per cent."""
    try:
        is_share = 0 <= Decimal(text) <= 100
    except InvalidOperation as error:
        raise ValueError(text) from error
    if not is_share:
        raise ValueError(text)
    return text


def _person(email: str) -> User:
    person = User.objects.filter(email=email.lower(), is_active=True).first()
    if person is None:
        raise CommandError(_("There is no active person %(email)s.") % {"email": email})
    if not person.grant(SYSTEM, "view_reports"):
        raise CommandError(_("Your role does not include this."))
    reason = why_closed(person)
    if reason:
        raise CommandError(reason)
    return person


def _owner(person: User, email: str | None) -> User | None:
    if not email:
        return None
    found = people_seen(person).filter(email=email.lower()).first()
    if found is None:
        raise CommandError(_("There is no active person %(email)s.") % {"email": email})
    return found


def _pipeline(text: str | None) -> Pipeline | None:
    return _named(Pipeline, text, _("There is no pipeline %(name)s."))


def _department(text: str | None) -> Department | None:
    return _named(Department, text, _("There is no department %(name)s."))


def _named(model: Any, text: str | None, refusal: str) -> Any:
    """A row by its name, else by its number."""
    if not text:
        return None
    found = model.objects.filter(name=text).first()
    if found is None and text.isdecimal() and len(text) < 10:
        found = model.objects.filter(pk=int(text)).first()
    if found is None:
        raise CommandError(refusal % {"name": text})
    return found
