"""Plain functions that make one valid record each, written straight to the tables."""

from datetime import UTC, date, datetime
from typing import Any

from accounts.models import User
from activities.models import Activity, Mark
from catalog.models import Currency, Product
from contacts.models import Company, Contact
from deals.models import (
    Competitor,
    Deal,
    LossReason,
    MoveKind,
    Pipeline,
    Purchase,
    Stage,
    StageMove,
)
from deals.services import keep_purchases
from leads.models import Lead, Source

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def currency(code: str = "RUB") -> Currency:
    symbols = {"RUB": "₽", "UAH": "₴", "USD": "$", "EUR": "€"}
    return Currency.objects.get_or_create(
        code=code, defaults={"symbol": symbols.get(code, code), "is_base": code == "RUB"}
    )[0]


def pipeline(name: str = "Sales", stages: int = 4) -> Pipeline:
    found = Pipeline.objects.filter(name=name).first()
    if found:
        return found
    made = Pipeline.objects.create(
        name=name, is_default=not Pipeline.objects.filter(is_default=True).exists()
    )
    Stage.objects.bulk_create(
        Stage(
            pipeline=made,
            name=f"Stage {n}",
            position=n,
            probability=n * 20,
            hue=n,
            rot_days=7,
        )
        for n in range(1, stages + 1)
    )
    return made


def loss_reason(name: str = "Too expensive") -> LossReason:
    return LossReason.objects.get_or_create(name=name)[0]


def competitor(name: str = "Northwind") -> Competitor:
    return Competitor.objects.get_or_create(name=name)[0]


def source(name: str = "Site form") -> Source:
    return Source.objects.get_or_create(name=name)[0]


def lead(owner: User | None, **fields: Any) -> Lead:
    fields.setdefault("created_at", NOW)
    fields.setdefault("last_name", "Лисенко")
    fields.setdefault("first_name", "Богдан")
    return Lead.objects.create(owner=owner, **fields)


def contact(owner: User | None, **fields: Any) -> Contact:
    fields.setdefault("created_at", NOW)
    fields.setdefault("last_name", "Дорошенко")
    fields.setdefault("first_name", "Назар")
    return Contact.objects.create(owner=owner, **fields)


def company(owner: User | None, **fields: Any) -> Company:
    fields.setdefault("created_at", NOW)
    fields.setdefault("name", "ООО «Тёплый хлеб»")
    return Company.objects.create(owner=owner, **fields)


def product(**fields: Any) -> Product:
    fields.setdefault("created_at", NOW)
    fields.setdefault("name", "Кондиционер")
    fields.setdefault("currency", currency())
    return Product.objects.create(**fields)


def deal(owner: User | None, **fields: Any) -> Deal:
    """A deal with its ENTERED move; `stage` is a Stage, the first one by default."""
    fields.setdefault("created_at", NOW)
    fields.setdefault("title", "Поставка вентиляции")
    fields.setdefault("pipeline", pipeline())
    fields.setdefault("stage", fields["pipeline"].stages.first())
    fields.setdefault("currency", currency())
    fields.setdefault("amount_base", fields.get("amount", 0))
    fields.setdefault("stage_entered_at", fields["created_at"])
    fields.setdefault("furthest", fields["stage"].position)
    made = Deal.objects.create(owner=owner, **fields)
    StageMove.objects.create(
        deal=made,
        kind=MoveKind.ENTERED,
        to_stage=made.stage,
        at=made.created_at,
        by=owner,
    )
    keep_purchases([made.pk])
    return made


def purchase(customer: Company | Contact, day: date, amount: int) -> Purchase:
    """A row of imported history, the amount in kopecks."""
    count = Purchase.objects.count()
    return Purchase.objects.create(
        day=day, amount=amount, import_key=f"row:{count}", **{customer.record_type: customer}
    )


def activity(owner: User | None, **fields: Any) -> Activity:
    fields.setdefault("created_at", NOW)
    fields.setdefault("kind", "task")
    fields.setdefault("subject", "Перезвонить")
    if "done_at" not in fields:
        fields.setdefault("due_at", NOW)
    fields.setdefault("happened_at", fields.get("done_at") or fields.get("due_at") or NOW)
    return Activity.objects.create(owner=owner, **fields)


def mark(name: str = "Competitor", kind: str = "competitor") -> Mark:
    return Mark.objects.get_or_create(name=name, defaults={"kind": kind})[0]
