"""A list asks the database as often for a thousand rows as for ten."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import Model
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from activities.models import Activity
from catalog.models import Product
from contacts.models import Company, Contact, Phone
from deals.models import Deal
from leads.models import Lead
from tests import factories as make

MOST = 12


def rows(model: type[Model], people: Any, count: int) -> Iterator[Model]:
    """Rows of two owners with everything a list shows beside them."""
    now, owners = timezone.now(), (people.manager, people.colleague)
    company, stages = make.company(people.manager), list(make.pipeline().stages.all())
    for n in range(count):
        common = {"owner": owners[n % 2], "created_at": now - timedelta(minutes=n)}
        yield {
            Lead: lambda c: Lead(**c, last_name="Лисенко", source=make.source()),
            Contact: lambda c: Contact(**c, last_name="Дорошенко"),
            Company: lambda c: Company(**c, name="ООО «Тёплый хлеб»"),
            Product: lambda c: Product(**c, name="Кондиционер", currency=make.currency()),
            Activity: lambda c: Activity(
                **c, kind="call", due_at=now, happened_at=now, company=company
            ),
            Deal: lambda c, n=n: Deal(
                **c,
                title="Поставка",
                company=company,
                pipeline=stages[0].pipeline,
                stage=stages[n % 4],
                currency=make.currency(),
                stage_entered_at=now,
                furthest=stages[n % 4].position,
            ),
        }[model](common)


def add(model: type[Any], people: Any, count: int) -> None:
    made = model.objects.bulk_create(rows(model, people, count))
    holder = {Lead: "lead", Contact: "contact", Company: "company"}.get(model)
    if holder:
        Phone.objects.bulk_create(
            Phone(**{holder: row}, number="+79123456789", e164="+79123456789") for row in made
        )
    if model in (Lead, Deal):
        parent, now = model.__name__.lower(), timezone.now()
        Activity.objects.bulk_create(
            Activity(
                **{parent: row},
                owner=row.owner,
                kind="task",
                created_at=now,
                due_at=now,
                happened_at=now,
            )
            for row in made[::2]
        )


@pytest.mark.parametrize(
    ("model", "name"),
    [
        (Lead, "leads:list"),
        (Contact, "contacts:contact_list"),
        (Company, "contacts:company_list"),
        (Deal, "deals:list"),
        (Deal, "deals:board"),
        (Activity, "activities:list"),
        (Product, "catalog:product_list"),
    ],
)
def test_list_asks_as_often_for_a_thousand_rows_as_for_ten(people, sign_in, model, name):
    client, url = sign_in(people.head), reverse(name)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url).status_code == 200
        return len(captured)

    add(model, people, 10)
    queries()
    few = queries()
    add(model, people, 990)
    assert queries() == few <= MOST
