"""Search from any page: phones in any spelling, names, companies, deals; rights before counting."""

from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.lookups import TrigramWordSimilar
from django.contrib.postgres.search import TrigramWordDistance
from django.db.models import F, Q, QuerySet, Value
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from contacts.models import Company, Contact, Phone
from contacts.phones import digits_of, looks_like_phone, normalise
from crm.layouts import readings
from deals.models import Deal
from leads.models import Lead
from records.fields import Fold
from records.policy import PERSON
from records.views import Door

LONGEST = 100
SHOWN = 10
FEWEST_LETTERS = 2
FEWEST_DIGITS = 3
SUFFIX = 5


@dataclass(frozen=True, slots=True)
class Found:
    """One group of results."""

    title: Any
    icon: str
    rows: list[Any]


KINDS: tuple[tuple[str, Any, str, tuple[str, ...]], ...] = (
    ("contact", _("Contacts"), "user", ("phones",)),
    ("company", _("Companies"), "building", ("phones",)),
    ("lead", _("Leads"), "target-arrow", ("phones",)),
    ("deal", _("Deals"), "briefcase", ()),
)
MODELS: dict[str, Any] = {"contact": Contact, "company": Company, "lead": Lead, "deal": Deal}


def cleaned(text: str) -> str:
    """One line without control signs, at most 100 characters."""
    line = "".join(sign for sign in text[: LONGEST * 10] if sign.isprintable())
    return " ".join(line.split())[:LONGEST]


def is_enough(text: str) -> bool:
    """At least two letters or three digits."""
    digits = digits_of(text)
    return len(digits) >= FEWEST_DIGITS or len(text) - len(digits) >= FEWEST_LETTERS


def search(user: Any, text: str) -> list[Found]:
    """Groups with at most ten rows each that the person may see; at most eight queries."""
    line = cleaned(text)
    if not is_enough(line):
        return []
    phones = _phone_holders(line) if looks_like_phone(line) else None
    groups = []
    for kind, title, icon, prefetched in KINDS:
        if not user.grant(kind, "view"):
            continue
        rows = MODELS[kind].objects.visible_to(user).prefetch_related(*prefetched)
        found = _rows(kind, rows, line, phones)
        if found:
            groups.append(Found(title, icon, found))
    return groups


def _phone_holders(line: str) -> dict[str, QuerySet]:
    """Subqueries of the records that hold the number, whole or by its last digits."""
    parsed = normalise(line)
    same = Q(e164=parsed.e164)
    digits = digits_of(line)
    if len(digits) >= SUFFIX:
        tail = digits[-10:] if len(digits) > 10 else digits
        same |= Q(reversed_digits__startswith=tail[::-1])
    rows = Phone.objects.filter(same)
    return {
        kind: rows.filter(**{f"{kind}__isnull": False}).values(f"{kind}_id")
        for kind in ("contact", "company", "lead")
    }


def _rows(kind: str, rows: QuerySet, line: str, phones: dict[str, QuerySet] | None) -> list[Any]:
    if phones is not None and kind in phones:
        by_number = list(rows.filter(pk__in=phones[kind]).order_by("-pk")[:SHOWN])
        if by_number or kind != "company":
            return by_number
    number = line.lstrip("№# ")
    if kind == "deal" and number.isdecimal() and len(number) < 19:
        return list(rows.filter(pk=int(number))[:1])
    return _by_text(_with_client(kind, rows), line)


def _with_client(kind: str, rows: QuerySet) -> QuerySet:
    return rows.select_related("company", "contact", "stage") if kind == "deal" else rows


def _by_text(rows: QuerySet, line: str) -> list[Any]:
    """Every word somewhere in the folded text, in any reading; otherwise the most similar."""
    meant = Q(pk__in=[])
    for reading in readings(line):
        words = Q()
        for word in reading.split()[:5]:
            words &= Q(search_text__contains=Fold(Value(word)))
        meant |= words
    exact = list(rows.filter(meant).order_by("-pk")[:SHOWN])
    if exact or len(line) < 4:
        return exact
    needle = Fold(Value(line))
    similar = rows.filter(TrigramWordSimilar(F("search_text"), needle))
    return list(similar.order_by(TrigramWordDistance(needle, "search_text"), "-pk")[:SHOWN])


class Search(Door):
    """The page of results, and the rows under the search box."""

    policy = PERSON

    def get(self, request: HttpRequest) -> HttpResponse:
        line = cleaned(request.GET.get("q", ""))
        template = "search.html#results" if request.htmx else "search.html"
        context = {"groups": search(request.user, line), "q": line, "enough": is_enough(line)}
        return TemplateResponse(request, template, context)
