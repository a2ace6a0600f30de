"""What customers are worth: the stored forecast for those whose cards the person may open."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from records.formatting import money, percent
from records.policy import right
from reports import clv
from reports.views.pages import SumsPage

BARS = 10


class CustomerValues(SumsPage, TemplateView):
    """The current run: settings, warnings, totals, the most valuable customers."""

    policy = right("view_reports")
    template_name = "reports/clv.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        run = clv.current_run()
        if run is None:
            return super().get_context_data(run=None, **kwargs)
        values = clv.visible_values(run, self.request.user)
        rows = clv.top(values, self.request.user)
        for row in rows:
            chance = row["alive_probability"]
            row["alive"] = percent(chance * 100) if chance is not None else _("not enough history")
        totals = clv.totals(values)
        currency = run.parameters.get("currency", "")
        return super().get_context_data(
            run=run,
            currency=currency,
            weeks=run.parameters.get("horizon_weeks"),
            rate=percent(_hundred(run.parameters.get("annual_rate"))),
            margin=percent(_hundred(run.parameters.get("margin"))),
            warnings=[clv.warning_words(warning) for warning in run.warnings],
            totals=totals,
            rows=rows,
            bars=_bars(rows, totals["lifetime_value"], currency),
            **kwargs,
        )


def _hundred(share: Any) -> Decimal:
    return Decimal(str(share or 0)) * 100


def _bars(rows: list[dict[str, Any]], whole: Decimal | None, currency: str) -> list[dict[str, Any]]:
    """The first customers, each bar on the scale of the greatest; empty without values."""
    valued = [row for row in rows[:BARS] if row["lifetime_value"]]
    if not valued or not whole:
        return []
    greatest = valued[0]["lifetime_value"]
    return [
        {
            "label": str(row["customer"]),
            "value": money(row["lifetime_value"], currency),
            "share": row["lifetime_value"] / greatest * 100,
            "url": row["customer"].get_absolute_url(),
        }
        for row in valued
    ]
