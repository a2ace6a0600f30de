"""From the cells of a row to typed values, with every finding kept."""

from collections.abc import Iterable

from django.db import models
from django.utils.translation import gettext as _

from crm.importing.convert import convert
from crm.importing.drafts import Draft
from crm.importing.lookups import Lookups, find_by
from crm.importing.mapping import PLACE, FieldRule, Mapping, render
from crm.importing.problems import ImportRefused, Outcome, RowRefused
from crm.importing.tables import Row
from crm.importing.targets import Target

MAX_KEY = 200


class RowReader:
    """Reads rows by the mapping. Raises ImportRefused at once for a field that is not open."""

    def __init__(self, target: Target, mapping: Mapping, lookups: Lookups) -> None:
        self.mapping = mapping
        self.lookups = lookups
        self.fields = target.fields()
        self.own = set(target.names) - {n for piece in target.pieces for n in piece.fields}
        self.seen: dict[str, int] = {}
        self.key_columns = [column for column, _filter in PLACE.findall(mapping.key)]
        unknown = sorted(mapping.field_names() - self.fields.keys())
        if unknown:
            raise ImportRefused(
                _("Unknown fields: %(names)s; there are: %(all)s.")
                % {"names": ", ".join(unknown), "all": ", ".join(sorted(self.fields))}
            )
        self.references = {
            rule.name: self.fields[rule.name].related_model
            for rule in mapping.rules
            if isinstance(self.fields[rule.name], models.ForeignKey)
        }
        for rule in mapping.rules:
            if rule.name in self.references:
                find_by(self.references[rule.name], rule)

    def read(self, rows: Iterable[Row], outcome: Outcome) -> list[Draft]:
        """Drafts of the rows; repeated ones are counted or refused."""
        drafts = []
        for row in rows:
            draft = self._draft(row)
            first = self.seen.setdefault(draft.key, draft.row)
            if first == draft.row or draft.is_refused:
                drafts.append(draft)
            elif self.mapping.repeated == "skip":
                outcome.repeated += 1
            else:
                draft.refuse("", _("The key is already in row %(row)d.") % {"row": first})
                outcome.problems += draft.problems
        for rule in self.mapping.rules:
            if rule.name in self.references:
                texts = {draft.texts[rule.name] for draft in drafts}
                self.lookups.prime(self.references[rule.name], rule, texts)
        for draft in drafts:
            for rule in self.mapping.rules:
                self._fill(draft, rule)
        return drafts

    def _draft(self, row: Row) -> Draft:
        draft = Draft(row.number, "")
        cells = {name: self._cell(draft, name, text) for name, text in row.cells.items()}
        draft.key = render(self.mapping.key, cells)
        if not all(cells[name] for name in self.key_columns) or len(draft.key) > MAX_KEY:
            draft.refuse("", _("The key is empty or too long."))
        for rule in self.mapping.rules:
            draft.texts[rule.name] = self._text(draft, rule, cells)
        return draft

    def _cell(self, draft: Draft, name: str, text: str) -> str:
        """The text of a cell: single spaces, empty texts emptied, corrections reported."""
        text = " ".join(text.replace("\x00", "").split())
        if text in self.mapping.empty:
            return ""
        corrected = self.mapping.corrections.get(name, {}).get(text)
        if corrected is None:
            return text
        draft.report(
            "note", name, _("Corrected: %(old)s → %(new)s.") % {"old": text, "new": corrected}
        )
        return corrected

    def _text(self, draft: Draft, rule: FieldRule, cells: dict[str, str]) -> str:
        if rule.constant is not None:
            return rule.constant
        text = cells[rule.column] if rule.column else render(rule.template, cells)
        label = rule.column or rule.name
        if text and rule.known and text not in rule.known:
            draft.report("warn", label, _("Unknown text: %(text)s.") % {"text": text})
        if text and rule.codes is not None:
            if text not in rule.codes:
                draft.refuse(label, _("Not in the codes: %(text)s.") % {"text": text})
            text = rule.codes.get(text, "")
        if not text:
            draft.report(rule.when_empty, label, _("The cell is empty."))
        return text or rule.default

    def _fill(self, draft: Draft, rule: FieldRule) -> None:
        """One typed value; what is missing is reported as the mapping says."""
        field, text = self.fields[rule.name], draft.texts[rule.name]
        label = rule.column or rule.name
        try:
            if rule.name in self.references:
                model = self.references[rule.name]
                value = self.lookups.get(model, rule, text) if text else None
            else:
                value = convert(field, text, self.mapping) if field is not None else text
        except RowRefused as error:
            level = rule.missing if rule.name in self.references else "error"
            draft.report(level, label, str(error))
            value = None
        if rule.name in self.own:
            draft.values[field.attname] = value
        else:
            draft.pieces[rule.name] = value
