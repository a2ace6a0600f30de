"""Who sees a record and why; what one person may do with it, and why he does not see it."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Department, User
from accounts.models.holdings import read_holders
from crm.access_words import Answer, Place, answer, field_lines, place_of
from crm.kinds import RECORDS
from crm.record_address import record_at
from crm.search import cleaned
from records.explaining import explain_people
from records.forms import RecordField
from records.models import Deed
from records.policy import PERSON, right
from records.rights import ACTIONS, RECORD_TYPES
from records.views import Door, go_to

ASKED = {key: label for key, label in ACTIONS.items() if key not in ("create", "import")}
AT_ONCE, MOST = 20, 100
PARENTS = ("deal", "lead", "company", "contact")


@dataclass(frozen=True, slots=True)
class Found:
    """The record asked about; one the reader may not see himself is told by its number alone."""

    record: Any
    is_hidden: bool


class WhoSees(Door):
    """For administrators about everybody, for heads about their people, for each about oneself.

    An administrator may ask about a record that is hidden from himself or deleted: the page then
    names neither it nor anything in it, only where it stands and why.
    """

    policy = PERSON
    deed = ""

    def get(self, request: HttpRequest, kind: str, pk: int) -> HttpResponse:
        found = self._found(kind, pk)
        record = found.record
        people = self._people()
        person = self._person(people)
        line = cleaned(request.GET.get("q", ""))
        for word in line.split():
            people = people.filter(Q(last_name__icontains=word) | Q(first_name__icontains=word))
        shown = list(people.select_related("department")[: MOST + 1])
        place = place_of(record)
        context = {
            "record": record,
            "is_hidden": found.is_hidden,
            "what": RECORD_TYPES[kind],
            "kind": kind,
            "person": person,
            "answers": _answers(person, record, place),
            "fields": field_lines(person, kind),
            "parents": _parents(record),
            "rows": _rows(shown[:MOST], record, place),
            "has_more": len(shown) > MOST,
            "is_about_others": len(shown) > 1 or bool(line),
            "q": line,
            "back_url": "" if found.is_hidden else record.get_absolute_url(),
            "can_view_as": self._can_view_as(person),
            "can_ask": self._is_administrator,
        }
        return TemplateResponse(request, "access.html", context)

    @cached_property
    def _is_administrator(self) -> bool:
        user: Any = self.request.user
        return user.has_right("administer")

    def _found(self, kind: str, pk: int) -> Found:
        """The record the reader sees; about another one only administrators are told anything."""
        model = RECORDS.get(kind)
        if model is None:
            raise Http404
        record = model.objects.visible_to(self.request.user).filter(pk=pk).first()
        if record is not None:
            return Found(record, is_hidden=False)
        hidden = model._base_manager.filter(pk=pk).first() if self._is_administrator else None
        if hidden is None:
            raise Http404
        self.deed = Deed.VIEW
        return Found(hidden, is_hidden=True)

    def _people(self) -> QuerySet[User]:
        """Active people the reader may ask about."""
        user: Any = self.request.user
        people = User.objects.filter(is_active=True)
        if self._is_administrator:
            return people
        reached = Q(pk=user.pk)
        for path in Department.objects.filter(head=user.pk).values_list("path", flat=True):
            reached |= Q(department__path__startswith=path)
        return people.filter(reached)

    def _person(self, people: QuerySet[User]) -> User:
        """The person asked about, else the reader; Http404 for somebody out of reach."""
        key = self.request.GET.get("person", "")
        if not key:
            return self.request.user
        if not (key.isascii() and key.isdigit() and len(key) < 19):
            raise Http404
        askable = User.objects.all() if self._is_administrator else people
        person = askable.filter(pk=int(key)).first()
        if person is None:
            raise Http404
        return person

    def _can_view_as(self, person: User) -> bool:
        user: Any = self.request.user
        rights = self._is_administrator and user.has_right("view_as")
        return rights and person.is_active and person.pk != user.pk


def _answers(person: User, record: Any, place: Place) -> list[Answer]:
    """Every action on the record, in one query."""
    told = explain_people([person], list(ASKED), record)
    return [answer(label, told[person.pk, action], place) for action, label in ASKED.items()]


def _rows(people: list[User], record: Any, place: Place) -> list[dict[str, Any]]:
    """The people with their answers, those who see the record first."""
    read_holders(people, timezone.now())
    rows = []
    for start in range(0, len(people), AT_ONCE):
        part = people[start : start + AT_ONCE]
        told = explain_people(part, ["view", "change"], record)
        for person in part:
            view = answer(_("View"), told[person.pk, "view"], place)
            change = answer(_("Edit"), told[person.pk, "change"], place)
            rows.append({"person": person, "view": view, "change": change})
    return sorted(rows, key=lambda row: (not row["view"].allowed, not row["change"].allowed))


def _parents(record: Any) -> list[tuple[Any, str]]:
    """What an activity hangs on, by type and number, with the address of the same question."""
    if record.record_type != "activity":
        return []
    keys = [(kind, getattr(record, f"{kind}_id")) for kind in PARENTS]
    return [
        (f"{RECORD_TYPES[kind]}, № {key}", reverse("access", args=[kind, key]))
        for kind, key in keys
        if key
    ]


class AskForm(forms.Form):
    """Which record and whom: an address of the product, or a type and a number."""

    address = forms.CharField(
        label=gettext_lazy("Address or number"),
        max_length=300,
        help_text=gettext_lazy("Copied from the browser, such as /deals/2148/, or just 2148."),
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("What it is"),
        choices=[("", gettext_lazy("As in the address")), *RECORD_TYPES.items()],
        required=False,
    )
    person = RecordField(User.objects.all(), "user", label=gettext_lazy("Who does not see it"))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        found = record_at(data.get("address", ""), data.get("kind", ""))
        if "address" in data and found is None:
            text = _("This is no address of a record. For a number choose what it is.")
            self.add_error("address", text)
        elif found and not RECORDS[found[0]]._base_manager.filter(pk=found[1]).exists():
            self.add_error("address", _("There is no such record, not even in the trash."))
        self.found = found
        return data


class AskWhy(Door):
    """“Why does she not see it?”: administrators name a record and a person."""

    policy = right("administer")

    def get(self, request: HttpRequest) -> HttpResponse:
        asked = "person" in request.GET
        initial = {"address": request.GET.get("address", "")[:300]}
        form = AskForm(request.GET) if asked else AskForm(initial=initial)
        if asked and form.is_valid():
            url = reverse("access", args=form.found)
            return go_to(request, f"{url}?person={form.cleaned_data['person'].pk}")
        status = 422 if asked else 200
        return TemplateResponse(request, "access_ask.html", {"form": form}, status=status)
