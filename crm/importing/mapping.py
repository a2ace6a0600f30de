"""The mapping file: which column becomes which field, and how its texts are read."""

import json
import re
import zoneinfo
from dataclasses import dataclass, field, fields
from datetime import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.text import slugify
from django.utils.translation import gettext as _

from crm.importing.problems import ImportRefused

PLACE = re.compile(r"\{([^{}:]+)(?::([a-z]+))?\}")
FILTERS = {
    "lower": str.lower,
    "upper": str.upper,
    "slug": slugify,
    "first": lambda text: text.split(" ", 1)[0],
    "rest": lambda text: text.split(" ", 1)[1] if " " in text else "",
    "last": lambda text: text.rsplit(" ", 1)[-1],
}
LEVELS = ("ignore", "note", "warn", "error")
DATE_FORMATS = ("%Y-%m-%d", "%d.%m.%Y", "%Y-%m-%d %H:%M:%S", "%d.%m.%Y %H:%M", "%Y-%m-%dT%H:%M:%S")
TOP = {
    "record",
    "key",
    "encoding",
    "delimiter",
    "empty",
    "dates",
    "corrections",
    "fields",
    "pipeline",
    "region",
    "repeated",
    "only",
}


@dataclass(frozen=True, slots=True)
class FieldRule:
    """How one field gets its value.

    The text comes from `column`, `template` or `constant`; then the empty texts and corrections
    of the file apply, then `codes`, then `default`. A reference is found by `by`: the import key
    (`key` is the pattern, `{}` the text) or a named field.
    """

    name: str
    column: str = ""
    template: str = ""
    constant: str | None = None
    codes: dict[str, str] | None = None
    default: str = ""
    by: str = ""
    key: str = "{}"
    missing: str = "error"
    when_empty: str = "ignore"
    known: tuple[str, ...] = ()
    create: bool = False

    def columns(self) -> list[str]:
        """The columns this rule reads."""
        return [self.column] if self.column else [name for name, _f in PLACE.findall(self.template)]


@dataclass(frozen=True, slots=True)
class Mapping:
    """A mapping file, checked."""

    record: str
    key: str
    rules: tuple[FieldRule, ...]
    empty: frozenset[str] = frozenset({""})
    corrections: dict[str, dict[str, str]] = field(default_factory=dict)
    date_formats: tuple[str, ...] = DATE_FORMATS
    zone: zoneinfo.ZoneInfo = field(default_factory=lambda: zoneinfo.ZoneInfo("UTC"))
    at: time = time(0)
    region: str = ""
    encoding: str = ""
    delimiter: str = ""
    repeated: str = "error"
    only: str = ""
    pipeline: dict[str, Any] | None = None

    def columns(self) -> set[str]:
        """Every column the mapping reads."""
        found = {name for name, _f in PLACE.findall(self.key)}
        for rule in self.rules:
            found.update(rule.columns())
        return found

    def field_names(self) -> set[str]:
        """Every field the mapping writes."""
        return {rule.name for rule in self.rules}


def render(template: str, cells: dict[str, str]) -> str:
    """`b2b:{id}` with the texts of the row; `{name:slug}` passes a text through a filter."""

    def _text(match: re.Match) -> str:
        text = cells[match[1]]
        return FILTERS[match[2]](text) if match[2] else text

    return PLACE.sub(_text, template).strip()


def load_mapping(path: Path) -> Mapping:
    """Read and check a mapping file. Raises ImportRefused naming what is wrong."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ImportRefused(f"{path}: {error.strerror}") from error
    except ValueError as error:
        raise ImportRefused(f"{path}: {error}") from error
    if not isinstance(data, dict):
        raise ImportRefused(_("The mapping must be a JSON object."))
    return parse_mapping(data)


def parse_mapping(data: dict[str, Any]) -> Mapping:
    """Check a mapping given as plain data. Raises ImportRefused naming what is wrong."""
    unknown = sorted(set(data) - TOP)
    if unknown:
        raise ImportRefused(_("Unknown settings: %(names)s.") % {"names": ", ".join(unknown)})
    for name in ("record", "key", "fields"):
        if not data.get(name):
            raise ImportRefused(_("The mapping says no “%(name)s”.") % {"name": name})
    dates = data.get("dates", {})
    return Mapping(
        record=data["record"],
        key=_template(data["key"]),
        rules=tuple(_rule(name, value) for name, value in data["fields"].items()),
        empty=frozenset({"", *(str(text) for text in data.get("empty", []))}),
        corrections=data.get("corrections", {}),
        date_formats=tuple(dates.get("formats", DATE_FORMATS)),
        zone=_zone(dates.get("zone", settings.TIME_ZONE)),
        at=_time(dates.get("time", "00:00")),
        region=data.get("region", ""),
        encoding=data.get("encoding", ""),
        delimiter=data.get("delimiter", ""),
        repeated=_one_of("repeated", data.get("repeated", "error"), ("error", "skip")),
        only=_one_of("only", data.get("only", ""), ("", "create", "update")),
        pipeline=data.get("pipeline"),
    )


def _rule(name: str, value: Any) -> FieldRule:
    """A text is a column; an object is a full rule."""
    if isinstance(value, str):
        return FieldRule(name, column=value)
    if not isinstance(value, dict):
        raise ImportRefused(_("“%(name)s” must be a column or an object.") % {"name": name})
    unknown = sorted(set(value) - {item.name for item in fields(FieldRule)})
    if unknown:
        raise ImportRefused(
            _("Unknown settings of “%(field)s”: %(names)s.")
            % {"field": name, "names": ", ".join(unknown)}
        )
    ways = [way for way in ("column", "template", "constant") if way in value]
    if len(ways) != 1:
        raise ImportRefused(
            _("“%(name)s” needs exactly one of column, template, constant.") % {"name": name}
        )
    for setting in ("missing", "when_empty"):
        _one_of(setting, value.get(setting, "error"), LEVELS)
    given = {key: item for key, item in value.items() if key != "name"}
    if "constant" in given:
        given["constant"] = str(given["constant"])
    if "template" in given:
        _template(given["template"])
    given["known"] = tuple(given.get("known", ()))
    return FieldRule(name, **given)


def _template(text: str) -> str:
    for _column, name in PLACE.findall(text):
        if name and name not in FILTERS:
            raise ImportRefused(_("Unknown text filter: %(name)s.") % {"name": name})
    return text


def _zone(name: str) -> zoneinfo.ZoneInfo:
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError) as error:
        raise ImportRefused(_("Unknown time zone: %(name)s.") % {"name": name}) from error


def _time(text: str) -> time:
    try:
        return time.fromisoformat(text)
    except ValueError as error:
        raise ImportRefused(_("Not a time of day: %(text)s.") % {"text": text}) from error


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise ImportRefused(
            _("“%(name)s” must be one of: %(allowed)s.")
            % {"name": name, "allowed": ", ".join(allowed)}
        )
    return value
