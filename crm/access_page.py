"""Who sees a record and why; what one person may do with it."""

from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Department, User
from accounts.models.holdings import read_holders
from activities.models import Activity
from catalog.models import Product
from crm.access_words import Answer, answer
from crm.search import MODELS, cleaned
from records.explaining import explain_people
from records.policy import PERSON
from records.rights import ACTIONS
from records.views import Door

KINDS: dict[str, Any] = {**MODELS, "activity": Activity, "product": Product}
ASKED = {key: label for key, label in ACTIONS.items() if key not in ("create", "import")}
AT_ONCE, MOST = 20, 100


class WhoSees(Door):
    """For administrators about everybody, for heads about their people, for each about oneself."""

    policy = PERSON
    deed = ""

    def get(self, request: HttpRequest, kind: str, pk: int) -> HttpResponse:
        record = self._record(kind, pk)
        people = self._people()
        person = self._person(people)
        line = cleaned(request.GET.get("q", ""))
        for word in line.split():
            people = people.filter(Q(last_name__icontains=word) | Q(first_name__icontains=word))
        shown = list(people.select_related("department")[: MOST + 1])
        context = {
            "record": record,
            "kind": kind,
            "person": person,
            "answers": _answers(person, record),
            "rows": _rows(shown[:MOST], record),
            "has_more": len(shown) > MOST,
            "is_about_others": len(shown) > 1 or bool(line),
            "q": line,
            "back_url": record.get_absolute_url(),
            "can_view_as": self._can_view_as(person),
        }
        return TemplateResponse(request, "access.html", context)

    def _record(self, kind: str, pk: int) -> Any:
        """The record the reader sees; about another one not even its being there is told."""
        model = KINDS.get(kind)
        if model is None:
            raise Http404
        user: Any = self.request.user
        record = model.objects.visible_to(user).filter(pk=pk).first()
        if record is None:
            raise Http404
        return record

    def _people(self) -> QuerySet[User]:
        """Active people the reader may ask about."""
        user: Any = self.request.user
        people = User.objects.filter(is_active=True)
        if user.has_right("administer"):
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
        person = people.filter(pk=int(key)).first()
        if person is None:
            raise Http404
        return person

    def _can_view_as(self, person: User) -> bool:
        user: Any = self.request.user
        rights = user.has_right("administer") and user.has_right("view_as")
        return rights and person.pk != user.pk


def _answers(person: User, record: Any) -> list[Answer]:
    """Every action on the record, in one query."""
    told = explain_people([person], list(ASKED), record)
    return [answer(label, told[person.pk, action]) for action, label in ASKED.items()]


def _rows(people: list[User], record: Any) -> list[dict[str, Any]]:
    """The people with their answers, those who see the record first."""
    read_holders(people, timezone.now())
    rows = []
    for start in range(0, len(people), AT_ONCE):
        part = people[start : start + AT_ONCE]
        told = explain_people(part, ["view", "change"], record)
        for person in part:
            view = answer(_("View"), told[person.pk, "view"])
            change = answer(_("Edit"), told[person.pk, "change"])
            rows.append({"person": person, "view": view, "change": change})
    return sorted(rows, key=lambda row: (not row["view"].allowed, not row["change"].allowed))
