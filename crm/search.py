"""Search from any page: phones in any spelling, names, companies, deals; rights before counting."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.lookups import TrigramWordSimilar
from django.contrib.postgres.search import TrigramWordDistance
from django.db.models import CharField, F, FloatField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from contacts.models import Company, Contact, Phone
from contacts.phones import digits_of, holders_of, looks_like_phone
from crm.layouts import readings
from deals.models import Deal
from leads.models import Lead
from records.fields import Fold
from records.models import Deed
from records.policy import PERSON
from records.views import Door

LONGEST = 100
SHOWN = 10
FEWEST_LETTERS = 2
FEWEST_DIGITS = 3
SHORTEST_TYPO = 4
MOST_WORDS = 5
LONGEST_KEY = 18


@dataclass(frozen=True, slots=True)
class Found:
    """One group of results."""

    title: Any
    icon: str
    rows: list[Any]


KINDS: tuple[tuple[str, Any, str], ...] = (
    ("contact", _("Contacts"), "user"),
    ("company", _("Companies"), "building"),
    ("lead", _("Leads"), "target-arrow"),
    ("deal", _("Deals"), "briefcase"),
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
    """Groups with at most ten rows each that the person may see; at most six queries.

    One query finds the keys in every group at once, a second one looks for similar names when
    nothing was found, then each group that has anything is read.
    """
    line = cleaned(text)
    if not is_enough(line):
        return []
    rows = {
        kind: model.objects.visible_to(user)
        for kind, model in MODELS.items()
        if user.grant(kind, "view")
    }
    ranks = _ranks([branch for kind in rows for branch in _branches(kind, rows[kind], line)])
    if not ranks and len(line) >= SHORTEST_TYPO:
        ranks = _ranks([_similar(kind, rows[kind], line) for kind in rows])
    return [
        Found(title, icon, _read(kind, rows[kind], ranks[kind]))
        for kind, title, icon in KINDS
        if kind in ranks
    ]


Ranks = dict[str, dict[int, float]]


def _ranks(branches: list[QuerySet]) -> Ranks:
    """The rank of every key found, by record type; one query for all branches."""
    found: Ranks = defaultdict(dict)
    if not branches:
        return found
    keys = branches[0].union(*branches[1:], all=True) if len(branches) > 1 else branches[0]
    for kind, key, rank in keys:
        found[kind][key] = min(rank, found[kind].get(key, rank))
    return found


def _branch(kind: str, rows: QuerySet, rank: float) -> QuerySet:
    """The newest ten keys: (record type, key, rank)."""
    named = rows.annotate(
        record_type=Value(kind, CharField()), rank=Value(rank, FloatField())
    ).values_list("record_type", "pk", "rank")
    return named.order_by("-pk")[:SHOWN]


def _branches(kind: str, rows: QuerySet, line: str) -> list[QuerySet]:
    """Everything the line may mean for a record type, each through its own index."""
    number = line.lstrip("№# ")
    is_key = kind == "deal" and number.isdecimal() and len(number) <= LONGEST_KEY
    found = [_branch(kind, rows.filter(pk=int(number)), 0)] if is_key else []
    if kind != "deal" and looks_like_phone(line) and not rows.hides("phones"):
        found.append(_branch(kind, rows.filter(pk__in=holders_of(Phone, kind, line)), 1))
        if kind != "company":
            return found
    return [*found, _branch(kind, meaning(rows, line), 2)]


def meant_by(line: str, column: str = "search_text") -> Q:
    """Every word somewhere in the folded text, in any reading of the keyboard."""
    meant = Q(pk__in=[])
    for reading in readings(line):
        words = Q()
        for word in reading.split()[:MOST_WORDS]:
            words &= Q(**{f"{column}__contains": Fold(Value(word))})
        meant |= words
    return meant


def text_of(rows: QuerySet) -> tuple[QuerySet, str]:
    """The rows and the column of their text; a hidden tax number is no part of it."""
    if rows.hides("tax_id"):
        return rows.annotate(open_text=Fold("name")), "open_text"
    return rows, "search_text"


def meaning(rows: QuerySet, line: str) -> QuerySet:
    """Rows the line may mean."""
    texts, column = text_of(rows)
    return texts.filter(meant_by(line, column))


def _similar(kind: str, rows: QuerySet, line: str) -> QuerySet:
    """The most similar texts, for a misspelled name."""
    needle = Fold(Value(line))
    texts, column = text_of(rows)
    near = texts.filter(TrigramWordSimilar(F(column), needle)).annotate(
        record_type=Value(kind, CharField()),
        rank=Cast(TrigramWordDistance(needle, column), FloatField()),
    )
    return near.values_list("record_type", "pk", "rank").order_by("rank", "-pk")[:SHOWN]


def _read(kind: str, rows: QuerySet, ranks: dict[int, float]) -> list[Any]:
    """The rows themselves, best first, each with what its line shows."""
    keys = sorted(ranks, key=lambda key: (ranks[key], -key))[:SHOWN]
    if kind == "deal":
        shown = rows.select_related("company", "contact", "stage")
    elif rows.hides("phones"):
        shown = rows
    else:
        phones = Phone.objects.filter(**{kind: OuterRef("pk")}).order_by("position", "pk")
        shown = rows.annotate(first_phone=Subquery(phones.values("e164")[:1]))
    found = shown.in_bulk(keys)
    return [found[key] for key in keys if key in found]


class Search(Door):
    """The page of results, and the rows under the search box."""

    policy = PERSON

    def get(self, request: HttpRequest) -> HttpResponse:
        line = cleaned(request.GET.get("q", ""))
        template = "search.html#results" if request.htmx else "search.html"
        groups = search(request.user, line)
        self.shown_count = sum(len(group.rows) for group in groups)
        self.deed = Deed.SEARCH if is_enough(line) else ""
        context = {"groups": groups, "q": line, "enough": is_enough(line)}
        return TemplateResponse(request, template, context)
