"""What can be imported: the records, their fields, and what follows from them."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from django.db import models

from accounts.models import Department, User
from activities.models import Activity
from catalog.models import Product
from contacts.models import Company, Contact
from crm.importing import deals, people, simple
from crm.importing.channels import ChannelPieces, EmploymentPieces
from crm.importing.context import Context, PieceFields, Pieces
from crm.importing.drafts import Draft
from deals.models import Deal
from leads.models import Lead

Rule = Callable[[Draft], None]


def _plain(complete: Callable[[Draft, Context], None]) -> Callable[[Context], Rule]:
    """A rule without memory."""
    return lambda context: partial(complete, context=context)


@dataclass(frozen=True, slots=True)
class Target:
    """A record type: its fields open to import, its pieces, its rules."""

    model: type[models.Model]
    names: tuple[str, ...]
    right: tuple[str, str]
    rules: Callable[[Context], Rule]
    pieces: tuple[type[Pieces], ...] = ()

    def fields(self) -> PieceFields:
        """Every field a mapping may name."""
        found: PieceFields = {name: self.model._meta.get_field(name) for name in self.names}
        for piece in self.pieces:
            found.update(piece.fields)
        return found


def _split(text: str) -> tuple[str, ...]:
    return tuple(text.split())


ADMINISTER = ("system", "administer")
TARGETS: dict[str, Target] = {
    "departments": Target(
        Department,
        _split("name parent head is_active"),
        ADMINISTER,
        _plain(people.complete_department),
        (people.PlacePieces,),
    ),
    "users": Target(
        User,
        _split("email last_name first_name patronymic position department language")
        + _split("time_zone is_active"),
        ADMINISTER,
        _plain(people.complete_user),
        (people.RolePieces,),
    ),
    "companies": Target(
        Company,
        _split("owner created_at name kind industry founded_year head_count annual_revenue")
        + _split("country city address website tax_id registration_code parent description"),
        ("company", "import"),
        _plain(simple.complete_owned),
        (ChannelPieces,),
    ),
    "contacts": Target(
        Contact,
        _split("owner created_at last_name first_name patronymic sex birthday position city")
        + _split("language is_key interests description"),
        ("contact", "import"),
        _plain(simple.complete_owned),
        (ChannelPieces, EmploymentPieces),
    ),
    "products": Target(
        Product,
        _split("owner created_at name group sku unit price currency is_active"),
        ("product", "import"),
        _plain(simple.complete_product),
    ),
    "leads": Target(
        Lead,
        _split("owner created_at title last_name first_name patronymic company_name position city")
        + _split("status source amount campaign utm_source utm_medium utm_campaign utm_content")
        + _split("utm_term description assigned_at closed_at reject_reason contact company deal"),
        ("lead", "import"),
        _plain(simple.complete_lead),
        (ChannelPieces,),
    ),
    "deals": Target(
        Deal,
        _split("owner created_at title stage status amount currency expected_close_date company")
        + _split("contact source description stage_entered_at closed_at loss_reason")
        + _split("competitor loss_comment"),
        ("deal", "import"),
        lambda context: deals.DealRules(context).complete,
        (deals.LinePieces, deals.MovePieces),
    ),
    "activities": Target(
        Activity,
        _split("owner created_at kind subject body due_at ends_at done_at direction result")
        + _split("duration place lead deal contact company"),
        ("activity", "import"),
        _plain(simple.complete_activity),
    ),
}
