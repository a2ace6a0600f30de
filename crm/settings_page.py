"""The index of the settings: each line only for those who may open it."""

from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView

from records.policy import PERSON
from records.rights import RECORD_TYPES
from records.views import Door


@dataclass(frozen=True, slots=True)
class Line:
    """One page of the settings."""

    title: Any
    about: Any
    url_name: str
    right: str
    icon: str
    action: str = ""
    """Open to whoever may do this with some record type."""


SECTIONS: list[tuple[Any, list[Line]]] = [
    (
        _("Mine"),
        [
            Line(_("My profile"), _("Language, time zone, theme"), "accounts:profile", "", "user"),
            Line(
                _("Trash"),
                _("What was deleted, to bring it back"),
                "trash:list",
                "",
                "trash",
                "delete",
            ),
        ],
    ),
    (
        _("Company"),
        [
            Line(
                _("Company"),
                _("Name, country, working time, the demo company"),
                "company",
                "administer",
                "building",
            ),
        ],
    ),
    (
        _("People"),
        [
            Line(_("People"), _("Who signs in, roles"), "accounts:people", "administer", "users"),
            Line(
                _("Departments"),
                _("The tree and its heads"),
                "accounts:departments",
                "administer",
                "hierarchy",
            ),
            Line(
                _("Roles"),
                _("Who may see and do what"),
                "accounts:roles",
                "administer",
                "shield",
            ),
            Line(
                _("Groups"),
                _("People of different departments"),
                "accounts:groups",
                "administer",
                "users-group",
            ),
            Line(
                _("Why is it hidden?"),
                _("A record and a person: what hides it"),
                "access_ask",
                "administer",
                "eye",
            ),
            Line(
                _("Audit log"),
                _("Who saw, exported and changed what"),
                "audit:list",
                "view_audit",
                "shield-lock",
            ),
        ],
    ),
    (
        _("Sales"),
        [
            Line(
                _("Pipelines"),
                _("Stages, probabilities, reasons of loss"),
                "deals:pipelines",
                "manage_pipelines",
                "briefcase",
            ),
            Line(
                _("Marks"),
                _("What customers say: competitors, objections, prices"),
                "activities:marks",
                "administer",
                "message",
            ),
            Line(
                _("Distribution of leads"),
                _("Who gets the new leads"),
                "leads:rules",
                "manage_rules",
                "target-arrow",
            ),
        ],
    ),
]


class SettingsIndex(Door, TemplateView):
    """The grouped list; the profile is there for all."""

    policy = PERSON
    template_name = "settings.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        sections = [(title, self._open(lines)) for title, lines in SECTIONS]
        sections = [(title, lines) for title, lines in sections if lines]
        return super().get_context_data(sections=sections, **kwargs)

    def _open(self, lines: list[Line]) -> list[tuple[Line, str]]:
        found = []
        for line in lines:
            if self._is_open(line):
                try:
                    found.append((line, reverse(line.url_name)))
                except NoReverseMatch:
                    continue
        return found

    def _is_open(self, line: Line) -> bool:
        user = self.request.user
        if line.action:
            return any(user.grant(kind, line.action) for kind in RECORD_TYPES)
        return not line.right or user.has_right(line.right)
