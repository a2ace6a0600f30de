"""Columns of the lists of companies and people."""

from typing import Any

from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from contacts.phones import pretty
from records.columns import Column
from records.templatetags.crm import icon


def first_phone(row: Any) -> tuple[str, str] | None:
    """Key and spelling of the first phone."""
    phone = next(iter(row.phones.all()), None)
    return (phone.e164, pretty(phone.e164)) if phone else None


def first_email(row: Any) -> str:
    """The first address."""
    email = next(iter(row.emails.all()), None)
    return email.address if email else ""


PHONE = Column("phone", _("Phone"), first_phone, "phone", "w-150", reads=("phones",))
EMAIL = Column("email", _("E-mail"), first_email, "email", "w-180", reads=("emails",))
OWNER = Column(
    "owner",
    _("Owner"),
    lambda row: row.owner,
    width="w-150",
    shown=lambda row: row.owner or "—",
)
CREATED = Column(
    "created_at", _("Created"), lambda row: row.created_at, "moment", "w-100", ("new", "new_up")
)
CHANGED = Column(
    "updated_at", _("Changed"), lambda row: row.updated_at, "moment", "w-100", is_default=False
)


def _person(row: Any) -> Any:
    star = icon("star", label=str(_("Key client"))) if row.is_key else ""
    return format_html('<a class="t" href="{}">{}</a> {}', row.get_absolute_url(), row, star)


def _company(row: Any) -> str:
    job = next(iter(row.employments.all()), None)
    return job.company.name if job else ""


NAMED = ("name", "name_down")
CONTACT_COLUMNS = [
    Column("name", pgettext_lazy("person", "Name"), str, "main", sorts=NAMED, shown=_person),
    Column("company", _("Company"), _company, width="w-180"),
    Column("position", _("Position"), lambda row: row.position, width="w-150"),
    PHONE,
    EMAIL,
    Column("city", _("City"), lambda row: row.city, width="w-100", is_default=False),
    Column(
        "birthday", _("Birthday"), lambda row: row.birthday, "moment", "w-100", is_default=False
    ),
    Column("is_key", _("Key client"), lambda row: row.is_key, "tick", "w-100", is_default=False),
    OWNER,
    CREATED,
    CHANGED,
]
COMPANY_COLUMNS = [
    Column("name", _("Name"), lambda row: row.name, "main", sorts=NAMED),
    Column("kind", _("Type"), lambda row: row.get_kind_display(), width="w-100"),
    Column("industry", _("Industry"), lambda row: row.industry, width="w-150"),
    Column("city", _("City"), lambda row: row.city, width="w-100"),
    PHONE,
    EMAIL,
    Column("tax_id", _("Tax id"), lambda row: row.tax_id, width="w-100", is_default=False),
    Column("website", _("Site"), lambda row: row.website, width="w-150", is_default=False),
    Column(
        "head_count",
        _("Employees"),
        lambda row: row.head_count,
        "number",
        "w-100",
        is_default=False,
    ),
    Column(
        "annual_revenue",
        _("Annual revenue"),
        lambda row: (row.annual_revenue, ""),
        "money",
        "w-150",
        is_default=False,
    ),
    OWNER,
    CREATED,
    CHANGED,
]
