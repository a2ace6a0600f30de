"""How a deal stands now: its next step, how long it stays, how long it stayed in each stage."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from activities.models import Kind
from deals.models import Deal, StageMove
from records.formatting import step_sign

LEGAL_FORM = re.compile(
    r"^(ООО|ОАО|ЗАО|ПАО|АО|ИП|ТОВ|ПП|ФОП|ПрАТ|ПАТ|АТ|LLC|Ltd|Inc|GmbH)\.?\s+|"
    r",?\s+(LLC|Ltd|Inc|Corp|GmbH)\.?$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Standing:
    """A deal beside what its card says about now.

    `sign`, `icon` and `step` are the next-step sign, made here because a board shows hundreds;
    `days` are full days in the stage; `rot` is 1 past the limit of the stage and 2 past twice.
    """

    deal: Deal
    sign: str
    icon: str
    step: str
    days: int
    rot: int
    client: str


def standing(deal: Deal, now: datetime) -> Standing:
    """The state of a deal fetched by `for_cards`."""
    due = getattr(deal, "next_due_at", None)
    kind = getattr(deal, "next_kind", None)
    days = max((now - deal.stage_entered_at).days, 0)
    sign, icon, step = step_sign(due, str(Kind(kind).label) if kind else "", now)
    return Standing(
        deal=deal,
        sign=sign,
        icon=icon,
        step=step,
        days=days,
        rot=_rot(deal, days),
        client=client_name(deal),
    )


def _rot(deal: Deal, days: int) -> int:
    limit = deal.stage.rot_days
    if not limit or not deal.is_open or days <= limit:
        return 0
    return 2 if days > 2 * limit else 1


def client_name(deal: Deal) -> str:
    """The company without its legal form, else the person."""
    if deal.company:
        return without_legal_form(deal.company.name)
    return str(deal.contact) if deal.contact else ""


def without_legal_form(name: str) -> str:
    """`ООО «Тёплый хлеб»` is `Тёплый хлеб`: a board card has no room for the form."""
    bare = LEGAL_FORM.sub("", name).strip()
    quoted = re.fullmatch(r"[«\"“](.+)[»\"”]", bare)
    return (quoted.group(1) if quoted else bare) or name


def time_in_stages(
    moves: Iterable[StageMove], now: datetime, closed_at: datetime | None
) -> dict[int, timedelta]:
    """How long the deal stood open in each stage, by key; time while closed does not count."""
    spent: dict[int, timedelta] = {}
    here: StageMove | None = None
    for move in moves:
        if here is not None:
            _add(spent, here, move.at)
        here = None if move.kind in ("won", "lost") else move
    if here is not None:
        _add(spent, here, closed_at or now)
    return spent


def _add(spent: dict[int, timedelta], since: StageMove, until: datetime) -> None:
    key: Any = since.to_stage_id
    spent[key] = spent.get(key, timedelta()) + max(until - since.at, timedelta())
