"""What people learn beside pages: letters, notices, commands, warnings, order and filters.

Each check returns the sentences of what is wrong; a mutant must make it return some.
"""

import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.core import mail
from django.core.management import CommandError, call_command
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import Notification
from activities.models import Reminder
from activities.tasks import sweep_reminders as reminder_task
from contacts.models import Phone
from deals.models import Deal
from leads.services import assign_lead
from records.doors import routed_doors
from reports.services import refresh_customer_values
from tests.matrix.asking import Asker
from tests.matrix.bodies import page_body
from tests.matrix.expect import REACH, sees
from tests.matrix.markers import everything_in, foreign_markers

LIMITED = ("manager", "colleague", "head", "other_head")
REPORTS = ("funnel", "managers", "sales", "rfm", "clv")


def told(who: str, response: Any) -> list[str]:
    return [f"{who}: {found}" for found in foreign_markers(who, everything_in(response))]


def get(asker: Asker, who: str, url: str, **query: Any) -> Any:
    """The page; what reading it wrote into the log is undone."""
    with transaction.atomic():
        response = asker.client(who).get(url, query)
        transaction.set_rollback(True)
    return response


# search and the boxes that choose


def search_terms(asker: Asker) -> Iterator[str]:
    """Words, numbers and telephones of every record, without the whole marker."""
    for (kind, ownership), row in asker.world.records.items():
        if kind in ("company", "contact", "lead", "deal", "activity"):
            yield f"mk-{kind}-{ownership.split()[0]}"
        if kind == "deal":
            yield f"№{row.pk}"
    yield from Phone.objects.values_list("e164", flat=True)


def search_leaks(asker: Asker, people: tuple[str, ...] = ("manager", "other_head")) -> list[str]:
    """Search and pick with every term as each limited person."""
    wrong: list[str] = []
    for term in sorted(set(search_terms(asker))):
        for who in people:
            wrong += told(who, get(asker, who, reverse("search"), q=term))
    for kind in ("company", "contact", "lead", "deal", "product"):
        for who in people:
            for q in ("mk", "7999", f"mk-{kind}-foreign", f"mk-{kind}-own"):
                wrong += told(who, get(asker, who, reverse("pick", args=[kind]), q=q))
    return wrong


# letters and notices


def reminder_leaks(asker: Asker) -> list[str]:
    """Everybody loses every deal after reminders were planned: no letter may name one."""
    world = asker.world
    now = timezone.now()
    Deal.objects.update(owner=world.people["outsider"])
    for row in Reminder.objects.select_related("activity"):
        row.activity.owner = world.people["outsider"]
        row.activity.save(update_fields=["owner"])
    Reminder.objects.update(due_at=now - timedelta(minutes=1), claimed_until=None)
    mail.outbox.clear()
    reminder_task()
    names = {person.email: who for who, person in world.people.items() if person.pk}
    wrong = []
    for letter in mail.outbox:
        who = names[letter.to[0]]
        text = f"{letter.subject} {letter.body} {letter.extra_headers}"
        if who != "outsider" and "mk-" in text:
            wrong.append(f"{who} got a letter about what is not theirs: {letter.subject}")
    return wrong + notice_leaks(asker)


def notice_leaks(asker: Asker) -> list[str]:
    """The text of every notice, as the person it is for."""
    names = {person.pk: who for who, person in asker.world.people.items() if person.pk}
    return [
        f"notice for {names[notice.user_id]}: {found}"
        for notice in Notification.objects.all()
        if names[notice.user_id] in REACH
        for found in foreign_markers(names[notice.user_id], notice.text)
    ]


def assignment_leaks(asker: Asker) -> list[str]:
    """A lead given away tells the new owner, and nobody else."""
    world = asker.world
    lead = world.records["lead", "foreign"]
    assign_lead(
        lead_id=lead.pk,
        owner=world.people["outsider"],
        by=world.people["admin"],
        now=timezone.now(),
    )
    return notice_leaks(asker)


# commands that speak for a person


def report_leaks(asker: Asker, people: tuple[str, ...] = tuple(REACH)) -> list[str]:
    """Every report printed for each person; without the right it is refused."""
    refresh_customer_values(as_of=timezone.localdate(), now=timezone.now())
    wrong = []
    for who in people:
        for name in REPORTS:
            for kind in ("json", "csv"):
                out = io.StringIO()
                email = asker.world.people[who].email
                try:
                    call_command("report", name, "--as", email, "--format", kind, stdout=out)
                except CommandError:
                    continue
                if who in ("manager", "colleague"):
                    wrong.append(f"{who} may not print {name}")
                wrong += [f"{who}: {name}: {x}" for x in foreign_markers(who, out.getvalue())]
    return wrong


# warnings about doubles


def duplicate_leaks(asker: Asker) -> list[str]:
    """A new contact or company with a foreign telephone: a warning that names nobody."""
    wrong = []
    for who in LIMITED:
        client = asker.client(who)
        for kind in ("contact", "company"):
            url = reverse(f"contacts:{kind}_create")
            page = page_body(client.get(url).context)[0]
            for ownership in ("own", "colleague", "below", "foreign", "nobody", "key"):
                row = asker.world.records[kind, ownership]
                named = {"name": "Doubled", "last_name": "Doubled"}
                body = page | named | {"phones": row.phones.first().number}
                response = client.post(url, body)
                if response.status_code != 422 or not (response.context or {}).get("duplicates"):
                    wrong.append(f"{who}: no warning about {kind}/{ownership}")
                wrong += told(who, response)
                if not sees(who, kind, ownership) and row.get_absolute_url() in str(
                    response.content
                ):
                    wrong.append(f"{who}: the address of {kind}/{ownership}")
    return wrong


# order and filters as questions about hidden fields

HOSTILE = (
    "owner__password__startswith",
    "company__tax_id",
    "company__description__contains",
    "created_by__email",
    "search_text",
    "_connector",
    "pk__in",
    "id",
    "deleted_at__isnull",
    "owner__is_active",
    "contact__emails__address",
)
ORDERS = (
    "owner__password",
    "-owner__password",
    "company__annual_revenue",
    "?",
    "-",
    "search_text",
    "deleted_at",
    "amount_base;select 1",
)


def oracle_leaks(asker: Asker) -> list[str]:
    """A filter or an order that is not offered answers as if it had not been asked."""
    wrong = []
    for door in routed_doors():
        if not hasattr(door.view_class, "filterset_class") or door.converters:
            continue
        for who in ("manager", "admin") if door.policy.kind == "record" else ("admin",):
            plain = keys(get(asker, who, reverse(door.name)))
            if plain is None:
                continue
            asked = [dict.fromkeys(HOSTILE, "zzz"), *({"sort": name} for name in ORDERS)]
            for query in asked:
                if keys(get(asker, who, reverse(door.name), **query)) != plain:
                    wrong += [f"{who}: {door.name} answers to {query}"]
    return wrong


def keys(response: Any) -> list[int] | None:
    """Keys of the rows of a list in their order; None of a file and where nobody may enter."""
    if response.status_code == 403 or response.context is None:
        return None
    return [row.pk for row in response.context["rows"]]


def hidden_client_leaks(asker: Asker) -> list[str]:
    """One's own deal of a client that one does not see answers no question about the client."""
    world = asker.world
    client = world.records["company", "foreign"]
    deal = world.records["deal", "own"]
    Deal.objects.filter(pk=deal.pk).update(company=client)
    wrong = []
    for field in ("tax_id", "city", "industry", "description", "website", "registration_code"):
        text = getattr(client, field)
        response = get(asker, "manager", reverse("deals:list"), q=text)
        if text and deal.pk in (keys(response) or []):
            wrong.append(f"manager: a deal is found by {field} of a hidden client")
    return wrong
