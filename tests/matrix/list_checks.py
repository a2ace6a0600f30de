"""Deeds on many rows and saved views: what they change and show beside the rows of the list.

Each check returns the sentences of what is wrong; a mutant must make it return some.
"""

from typing import Any

from django.db import transaction
from django.urls import reverse

from crm.lists.views import LISTS
from records.models import SavedView, Sharing
from tests.matrix.asking import Asker
from tests.matrix.beyond import LIMITED, get, told
from tests.matrix.expect import DELETED, may, sees

READERS = (*LIMITED, "analyst")
ACTS = {"assign": "assign", "delete": "delete", "stage": "change"}
KINDS = ("lead", "deal", "contact", "company")


def rows_of(asker: Asker, kind: str) -> dict[int, str]:
    """Every row of the type with its ownership."""
    return {
        row.pk: "own" if ownership == "shared" else ownership.split()[0]
        for (found, ownership), row in asker.world.records.items()
        if found == kind
    }


def bulk_errors(
    asker: Asker, people: tuple[str, ...] = READERS, kinds: tuple[str, ...] = KINDS
) -> list[str]:
    """All rows of all people ticked at once: only those within reach change; the rest stay."""
    wrong = []
    for kind in kinds:
        model = LISTS[kind].model
        owned = rows_of(asker, kind)
        for who in people:
            for act, right in ACTS.items():
                if act == "stage" and kind != "deal":
                    continue
                with transaction.atomic():
                    before = versions(model)
                    response = tick_all(asker, who, kind, act, list(owned))
                    after = versions(model)
                    transaction.set_rollback(True)
                changed = {key for key, number in after.items() if number != before[key]}
                allowed = may(who, kind, "bulk") and may(who, kind, right)
                reach = {key for key, own in owned.items() if allowed and sees(who, kind, own)}
                cell = f"{who}: {act} of many {kind}s"
                wrong += [f"{cell} changed {owned[key]}" for key in changed - reach]
                if reach and act == "delete" and changed != reach:
                    wrong.append(f"{cell} left out {len(reach - changed)}")
                wrong += [f"{cell} told {text}" for text in told(who, response)]
    return wrong


def versions(model: Any) -> dict[int, int]:
    return dict(model._base_manager.values_list("pk", "version"))


def tick_all(asker: Asker, who: str, kind: str, act: str, keys: list[int]) -> Any:
    """The post of the list with every row."""
    world = asker.world
    values = {
        "assign": world.people[who].pk,
        "delete": "",
        "stage": world.records["deal", "own"].pipeline.stages.last().pk,
    }
    body = {"act": act, "rows": ",".join(map(str, keys)), "value": values[act], "next": "/"}
    return asker.client(who).post(reverse(f"lists:{kind}_bulk"), body)


def shared_view_errors(
    asker: Asker, people: tuple[str, ...] = READERS, kinds: tuple[str, ...] = KINDS
) -> list[str]:
    """A view for everybody, with every column and a filter that names hidden rows."""
    wrong = []
    private = SavedView.objects.filter(sharing=Sharing.OWN)
    for kind in kinds:
        place = LISTS[kind]
        owned = rows_of(asker, kind)
        for ownership in ("key", "foreign", ""):
            with transaction.atomic():
                view = shared_view(asker, kind, ownership)
                for who in people:
                    url = reverse(place.list_name)
                    response = get(asker, who, f"{url}?{view.query}&view={view.pk}")
                    cell = f"{who}: a shared view of {kind}s"
                    wrong += [f"{cell} shows {text}" for text in told(who, response)]
                    shown = {row.pk for row in response.context["rows"]}
                    wrong += [
                        f"{cell} lists {own}"
                        for key, own in owned.items()
                        if key in shown and (own == DELETED or not sees(who, kind, own))
                    ]
                    others = private.filter(record_type=kind).exclude(owner=asker.world.people[who])
                    names = {other.name for other in others}
                    tabs = {str(tab.label) for tab in response.context["table"].tabs()}
                    wrong += [f"{cell}: a tab of somebody else" for _name in names & tabs]
                transaction.set_rollback(True)
    return wrong


def shared_view(asker: Asker, kind: str, ownership: str) -> SavedView:
    """Every column; a filter by the rows of the ownership, which the reader may not see."""
    world = asker.world
    named = ("company", "contact") if ownership else ()
    query = "&".join(f"{name}={world.records[name, ownership].pk}" for name in named)
    return SavedView.objects.create(
        owner=world.people["admin"],
        record_type=kind,
        name="For everybody",
        query=query or "sort=new",
        columns=[column.name for column in LISTS[kind].columns],
        sharing=Sharing.EVERYBODY,
    )
