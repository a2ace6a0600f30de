"""The audit log in sentences: who did what to which record, in the reader's language."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext, pgettext_lazy

from crm.kinds import Named, names_for
from records.audit import SAFE
from records.models import AuditEntry, Deed
from records.names import pronoun
from records.rights import RECORD_TYPES

FORMS = ("he", "she", "they")
VERBS: dict[str, Any] = {
    Deed.VIEW: pgettext_lazy("he|she|they", "opened|opened|opened"),
    Deed.LIST: pgettext_lazy("he|she|they", "looked through|looked through|looked through"),
    Deed.SEARCH: pgettext_lazy("he|she|they", "searched|searched|searched"),
    Deed.REPORT: pgettext_lazy("he|she|they", "opened a report|opened a report|opened a report"),
    Deed.EXPORT: pgettext_lazy("he|she|they", "exported|exported|exported"),
    Deed.PRINT: pgettext_lazy("he|she|they", "printed|printed|printed"),
    Deed.CREATE: pgettext_lazy("he|she|they", "created|created|created"),
    Deed.CHANGE: pgettext_lazy("he|she|they", "changed|changed|changed"),
    Deed.DELETE: pgettext_lazy("he|she|they", "deleted|deleted|deleted"),
    Deed.RESTORE: pgettext_lazy("he|she|they", "restored|restored|restored"),
    Deed.PURGE: pgettext_lazy("he|she|they", "removed for good|removed for good|removed for good"),
    Deed.RIGHTS: pgettext_lazy("he|she|they", "set up|set up|set up"),
    Deed.SETTINGS: pgettext_lazy(
        "he|she|they", "changed settings|changed settings|changed settings"
    ),
    Deed.REFUSED: pgettext_lazy("he|she|they", "tried to change|tried to change|tried to change"),
    Deed.VIEW_AS: pgettext_lazy(
        "he|she|they", "looked as another|looked as another|looked as another"
    ),
    Deed.SIGN_IN: pgettext_lazy("he|she|they", "signed in|signed in|signed in"),
    Deed.SIGN_OUT: pgettext_lazy("he|she|they", "signed out|signed out|signed out"),
    Deed.SIGN_IN_FAILED: pgettext_lazy(
        "he|she|they", "failed to sign in|failed to sign in|failed to sign in"
    ),
    Deed.PASSWORD: pgettext_lazy(
        "he|she|they", "changed the password|changed the password|changed the password"
    ),
    Deed.FACTOR: pgettext_lazy(
        "he|she|they",
        "changed the second factor|changed the second factor|changed the second factor",
    ),
}
"""Three forms of each verb, parted by bars: he, she, unknown."""
TRIED_TO_SEE = pgettext_lazy("he|she|they", "tried to open|tried to open|tried to open")
OBJECTS: dict[str, Any] = {
    "lead": pgettext_lazy("object", "lead"),
    "contact": pgettext_lazy("object", "contact"),
    "company": pgettext_lazy("object", "company"),
    "deal": pgettext_lazy("object", "deal"),
    "activity": pgettext_lazy("object", "activity"),
    "product": pgettext_lazy("object", "product"),
    "user": pgettext_lazy("object", "person"),
    "role": pgettext_lazy("object", "role"),
    "department": pgettext_lazy("object", "department"),
    "pipeline": pgettext_lazy("object", "pipeline"),
    "stage": pgettext_lazy("object", "stage"),
    "rule": pgettext_lazy("object", "distribution rule"),
    "source": pgettext_lazy("object", "source"),
    "auditentry": pgettext_lazy("object", "audit log"),
}
"""What the verb acts on, in the accusative."""
MEANS: dict[str, Any] = {
    "password": pgettext_lazy("sign-in", "password"),
    "totp": pgettext_lazy("sign-in", "code of the app"),
    "webauthn": pgettext_lazy("sign-in", "passkey"),
    "recovery_codes": pgettext_lazy("sign-in", "recovery code"),
    "socialaccount": pgettext_lazy("sign-in", "single sign-on"),
}
"""By what somebody signed in or tried to."""
NAMELESS = {Deed.SEARCH, Deed.REPORT, Deed.SIGN_IN, Deed.SIGN_OUT, Deed.SIGN_IN_FAILED}


@dataclass(frozen=True, slots=True)
class Line:
    """One entry as it is shown: `who` may be empty, `named` is the record if it may be named."""

    entry: AuditEntry
    who: str
    verb: str
    what: str
    named: Named | None
    extra: str


def lines_of(entries: Iterable[AuditEntry], viewer: Any) -> list[Line]:
    """The entries in words; a record the viewer may not see is told by its type and number."""
    entries = list(entries)
    names = names_for(viewer, ((row.record_type, row.record_id) for row in entries))
    return [_line(row, names.get((row.record_type, row.record_id))) for row in entries]


def _line(entry: AuditEntry, named: Named | None) -> Line:
    person = entry.user
    who = str(person) if person else (f"№ {entry.user_id}" if entry.user_id else "")
    if not who and entry.deed == Deed.PURGE:
        who = _("The system")
    form = pronoun(person.last_name, person.patronymic) if person else "they"
    only_looked = entry.deed == Deed.REFUSED and entry.details.get("method") in SAFE
    words = TRIED_TO_SEE if only_looked else VERBS.get(entry.deed, entry.deed)
    forms = str(words).split("|")
    verb = forms[FORMS.index(form)] if len(forms) == len(FORMS) else forms[0]
    return Line(entry, who, verb, _what(entry, named), named, _extra(entry))


def _what(entry: AuditEntry, named: Named | None) -> str:
    """`deal`, `deal № 7`, or the title of a list; the name itself is left to the page."""
    if entry.deed in NAMELESS or not entry.record_type:
        return ""
    word = str(OBJECTS.get(entry.record_type, entry.record_type))
    if entry.record_id is None:
        if entry.record_type in RECORD_TYPES and entry.deed in (Deed.LIST, Deed.EXPORT, Deed.PURGE):
            if entry.deed == Deed.PURGE:
                return f"«{RECORD_TYPES[entry.record_type]}»"
            return _("list “%(title)s”") % {"title": RECORD_TYPES[entry.record_type]}
        return word
    return word if named else f"{word} № {entry.record_id}"


def _extra(entry: AuditEntry) -> str:
    """Numbers and circumstances after the sentence."""
    found = []
    if entry.count is not None:
        text = ngettext("%(n)s row", "%(n)s rows", entry.count)
        found.append(text % {"n": entry.count})
    filters = entry.details.get("filters", [])
    if filters:
        text = ngettext("%(n)s filter", "%(n)s filters", len(filters))
        found.append(text % {"n": len(filters)})
    found += [str(MEANS.get(name, name)) for name in entry.details.get("by", [])]
    if entry.details.get("braked"):
        found.append(_("too soon after failures"))
    if entry.deed == Deed.REFUSED:
        found.append(f"{entry.details.get('status', '')} · {entry.door}")
    if entry.acting_as_id:
        text = _("as %(person)s") % {"person": entry.acting_as or f"№ {entry.acting_as_id}"}
        found.append(text)
    return " · ".join(found)


def sentence(line: Line) -> str:
    """The whole line as one text, for the export."""
    name = f"«{line.named.text}»" if line.named else ""
    refused = _("refused") if line.entry.deed == Deed.REFUSED else ""
    parts = (line.who or pgettext("person", "Unknown"), line.verb, line.what, name, refused)
    text = " ".join(part for part in parts if part)
    return f"{text} ({line.extra})" if line.extra else text
