"""Rows of a big company as lines of COPY text; equal for equal sizes and seeds."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import accumulate

from crm.demo import words

USERS, DEPARTMENTS, BRANCHES = 200, 30, 5
DAYS = 1095
NULL = r"\N"
STATUSES = ("converted", "rejected", "working", "new")
KINDS = ("call", "note", "email", "task", "meeting")
SURNAMES = [name for side in ("ru", "uk", "en") for name in words.SURNAMES[side].split()]
GIVEN = [name for side in ("ru", "uk", "en") for name in words.MEN[side].split()]
WISHES = [wish for side in ("ru", "uk", "en") for wish in words.WISHES[side].split("|")]
CITIES = [city for side in ("ru", "uk", "en") for city in words.CITIES[side].split()]
NOTES = [note for side in ("ru", "uk", "en") for note in words.NOTES[side].split("|")]


@dataclass(slots=True)
class Frame:
    """What the rows refer to: sizes, the moment, keys of the small tables."""

    size: int
    now: datetime
    stages: list[int]
    pipeline: int
    reasons: list[int]
    sources: list[int]
    seed: int = 7
    owners: list[int] = field(default_factory=lambda: list(range(1, USERS + 1)))

    @property
    def companies(self) -> int:
        """0.3 of the leads."""
        return max(1, self.size * 3 // 10)

    def chance(self, table: str) -> random.Random:
        """Every table has its own chance, so each can be made alone."""
        return random.Random(f"{self.seed}:{table}")


@dataclass(frozen=True, slots=True)
class Table:
    """A table, the columns the lines give, and the lines."""

    name: str
    columns: str
    lines: Callable[[Frame], Iterator[str]]


class Skew:
    """Draws keys so that a few come often (weight 1/rank), by a pool drawn once."""

    def __init__(self, chance: random.Random, keys: range | list[int], power: float = 0.7) -> None:
        weights = list(accumulate(1 / (rank**power) for rank in range(1, min(len(keys), 5000) + 1)))
        step = max(1, len(keys) // len(weights))
        heads = chance.choices(range(len(weights)), cum_weights=weights, k=8192)
        self.pool = [keys[min(len(keys) - 1, h * step + chance.randrange(step))] for h in heads]
        self.chance = chance

    def draw(self) -> int:
        """One key."""
        return self.chance.choice(self.pool)


def _moment(now: datetime, days: float) -> datetime:
    return now - timedelta(days=days)


def departments(frame: Frame) -> Iterator[str]:
    """One root, five branches, the rest below the branches."""
    for key in range(1, DEPARTMENTS + 1):
        if key == 1:
            parent, path = NULL, "1."
        elif key <= BRANCHES + 1:
            parent, path = "1", f"1.{key}."
        else:
            branch = 2 + (key - BRANCHES - 2) % BRANCHES
            parent, path = str(branch), f"1.{branch}.{key}."
        yield f"{key}\tDepartment {key}\t{parent}\t{path}\tt"


def users(frame: Frame) -> Iterator[str]:
    """User n works in department (n - 1) % 30 + 1; the first of each leads it."""
    chance = frame.chance("users")
    for key in range(1, USERS + 1):
        last, first = chance.choice(SURNAMES), chance.choice(GIVEN)
        department = (key - 1) % DEPARTMENTS + 1
        yield f"{key}\tperson{key}@bench.example\t{last}\t{first}\t{department}\tru\tsystem\tt\t!"


def companies(frame: Frame) -> Iterator[str]:
    """Names repeat, as they do in life."""
    chance = frame.chance("companies")
    owners = Skew(chance, frame.owners)
    first = words.FIRM_FIRST["ru"].split() + words.FIRM_FIRST["uk"].split()
    second = words.FIRM_SECOND["ru"].split()
    for key in range(1, frame.companies + 1):
        at = _moment(frame.now, DAYS * chance.random())
        name = f"ООО «{chance.choice(first)} {chance.choice(second)} {key % 977}»"
        tax = f"{7700000000 + key * 7 % 99999999}"
        city = chance.choice(CITIES)
        yield f"{key}\t{at}\t{at}\t{name}\tclient\t{city}\t{tax}\t{owners.draw()}"


def contacts(frame: Frame) -> Iterator[str]:
    """People with repeated surnames."""
    chance = frame.chance("contacts")
    owners, surnames = Skew(chance, frame.owners), Skew(chance, list(range(len(SURNAMES))), 0.5)
    for key in range(1, frame.size + 1):
        at = _moment(frame.now, DAYS * chance.random())
        last, first = SURNAMES[surnames.draw()], chance.choice(GIVEN)
        yield f"{key}\t{at}\t{at}\t{last}\t{first}\t{chance.choice(CITIES)}\tf\t{owners.draw()}"


def employments(frame: Frame) -> Iterator[str]:
    """Every contact works in one company."""
    for key in range(1, frame.size + 1):
        yield f"{key}\t\t{(key * 7919) % frame.companies + 1}\t{key}"


def leads(frame: Frame) -> Iterator[str]:
    """Most are finished; the newest are open, one in a hundred of those has no owner."""
    chance = frame.chance("leads")
    owners, surnames = Skew(chance, frame.owners), Skew(chance, list(range(len(SURNAMES))), 0.5)
    sources = Skew(chance, frame.sources)
    for key in range(1, frame.size + 1):
        days = DAYS * (1 - key / frame.size) + chance.random()
        at = _moment(frame.now, days)
        weights = (38, 57, 4, 1) if days > 30 else (15, 25, 40, 20)
        status = chance.choices(STATUSES, weights)[0]
        is_open = status in ("working", "new")
        closed = NULL if is_open else str(at + timedelta(days=min(days, chance.random() * 20)))
        owner = NULL if is_open and chance.random() < 0.02 else str(owners.draw())
        yield (
            f"{key}\t{at}\t{at}\t{chance.choice(WISHES)}\t{SURNAMES[surnames.draw()]}\t"
            f"{chance.choice(GIVEN)}\tООО «Фирма {key % 4999}»\t{chance.choice(CITIES)}\t{status}\t"
            f"{chance.randrange(5, 900) * 1000}\t{sources.draw()}\t{owner}\t{at}\t{closed}"
        )


@dataclass(frozen=True, slots=True)
class Life:
    """What became of a deal: its start, the moments of its stages, its outcome."""

    start: datetime
    entered: list[datetime]
    status: str
    closed: datetime | None


def lives(frame: Frame) -> Iterator[Life]:
    """The same lives for the deals and for their stage history."""
    chance = frame.chance("lives")
    for key in range(1, frame.size + 1):
        days = DAYS * (1 - key / frame.size) + chance.random()
        at = _moment(frame.now, days)
        entered, left = [at], days
        status = "open"
        for stage in range(len(frame.stages)):
            wait = chance.random() * 30
            if wait > left:
                break
            left -= wait
            at += timedelta(days=wait)
            last = stage == len(frame.stages) - 1
            if chance.random() < 0.2:
                status = "lost"
            elif last:
                status = "won"
            else:
                entered.append(at)
                continue
            break
        yield Life(entered[0], entered, status, at if status != "open" else None)


def deals(frame: Frame) -> Iterator[str]:
    """Deals as their lives say; few clients buy much."""
    chance = frame.chance("deals")
    owners, clients = Skew(chance, frame.owners), range(1, frame.companies + 1)
    often = Skew(chance, clients)
    for key, life in enumerate(lives(frame), 1):
        stage = len(life.entered) - 1
        company = often.draw() if chance.random() < 0.4 else chance.choice(clients)
        amount = chance.randrange(10, 3000) * 1000
        reason = chance.choice(frame.reasons) if life.status == "lost" else NULL
        yield (
            f"{key}\t{life.start}\t{life.start}\t{chance.choice(WISHES)} {key}\t{life.status}\t"
            f"{amount}\t{amount}\tRUB\t{life.entered[-1]}\t{stage + 1}\t{life.closed or NULL}\t"
            f"{company}\t{key}\t{owners.draw()}\t{reason}\t{frame.pipeline}\t{frame.stages[stage]}"
        )


def moves(frame: Frame) -> Iterator[str]:
    """The stage history of the lives."""
    number = 0
    for key, life in enumerate(lives(frame), 1):
        before = NULL
        for index, at in enumerate(life.entered):
            number += 1
            stage = str(frame.stages[index])
            kind = "moved" if index else "entered"
            yield f"{number}\t{kind}\t{at}\t{key}\t{before}\t{stage}"
            before = stage
        if life.closed:
            number += 1
            yield f"{number}\t{life.status}\t{life.closed}\t{key}\t{before}\t{before}"


def activities(frame: Frame) -> Iterator[str]:
    """Five for each lead; one in twenty five is still planned."""
    chance = frame.chance("activities")
    owners = Skew(chance, frame.owners)
    for key in range(1, frame.size * 5 + 1):
        place = chance.random()
        holder = (key * 31) % frame.size + 1
        lead, deal, contact, company = NULL, NULL, NULL, NULL
        if place < 0.45:
            deal = contact = str(holder)
        elif place < 0.8:
            lead = str(holder)
        elif place < 0.9:
            contact = str(holder)
        else:
            company = str((key * 31) % frame.companies + 1)
        kind = chance.choice(KINDS)
        planned = kind != "note" and chance.random() < 0.04
        days = (
            -20 * chance.random() if planned else DAYS * (1 - holder / frame.size) * chance.random()
        )
        at = _moment(frame.now, days + (8 if planned else 0))
        due, done = (at, NULL) if planned else (NULL, at)
        created = min(at, frame.now)
        yield (
            f"{key}\t{created}\t{created}\t{kind}\t{chance.choice(NOTES)}\t{due}\t{done}\t{at}\t"
            f"{owners.draw()}\t{lead}\t{deal}\t{contact}\t{company}"
        )


def spelled(chance: random.Random, digits: str) -> str:
    """A Russian mobile number in one of five spellings."""
    p, a, b, c = digits[:3], digits[3:6], digits[6:8], digits[8:]
    return chance.choice(
        (
            f"+7 {p} {a}-{b}-{c}",
            f"8 ({p}) {a}-{b}-{c}",
            f"7{digits}",
            f"{digits}",
            f"8-{p}-{a}-{b}-{c}",
        )
    )


def phones(frame: Frame) -> Iterator[str]:
    """One number for each lead and company, one or two for each contact."""
    chance = frame.chance("phones")
    number = 0
    holders = (
        (frame.size, f"{{}}\t{NULL}\t{NULL}", 0.0),
        (frame.size, f"{NULL}\t{{}}\t{NULL}", 0.3),
        (frame.companies, f"{NULL}\t{NULL}\t{{}}", 0.0),
    )
    for count, pattern, second in holders:
        for key in range(1, count + 1):
            for position in range(1 + (chance.random() < second)):
                number += 1
                digits = f"9{chance.randrange(10**9):09d}"
                yield (
                    f"{number}\t{position}\t{spelled(chance, digits)}\t+7{digits}\t\t"
                    f"{digits[::-1]}7\tmobile\t{pattern.format(key)}"
                )


TABLES = (
    Table("accounts_department", "id name parent_id path is_active", departments),
    Table(
        "accounts_user",
        "id email last_name first_name department_id language theme is_active password",
        users,
    ),
    Table("contacts_company", "id created_at updated_at name kind city tax_id owner_id", companies),
    Table(
        "contacts_contact",
        "id created_at updated_at last_name first_name city is_key owner_id",
        contacts,
    ),
    Table("contacts_employment", "id role company_id contact_id", employments),
    Table(
        "leads_lead",
        "id created_at updated_at title last_name first_name company_name city status amount "
        "source_id owner_id assigned_at closed_at",
        leads,
    ),
    Table(
        "deals_deal",
        "id created_at updated_at title status amount amount_base currency_id stage_entered_at "
        "furthest closed_at company_id contact_id owner_id loss_reason_id pipeline_id stage_id",
        deals,
    ),
    Table("deals_stagemove", "id kind at deal_id from_stage_id to_stage_id", moves),
    Table(
        "activities_activity",
        "id created_at updated_at kind subject due_at done_at happened_at owner_id lead_id "
        "deal_id contact_id company_id",
        activities,
    ),
    Table(
        "contacts_phone",
        "id position number e164 extension reversed_digits kind lead_id contact_id company_id",
        phones,
    ),
)
