"""Form fields for several phones and several e-mails, one a line."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, validate_email
from django.utils.translation import gettext_lazy as _

from contacts.phones import digits_of, looks_like_phone, normalise

MOST = 20
LONGEST_EMAIL = 254
LONGEST_NUMBER = 15


class LinesField(forms.CharField):
    """A list of short texts, one a line or separated by commas or semicolons."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"rows": 2, "autocomplete": "off"}
        kwargs.setdefault("widget", forms.Textarea(attrs=attrs))
        kwargs.setdefault("required", False)
        kwargs.setdefault("max_length", 2000)
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        value = self.prepare_value(value)
        text = super().clean(value).replace(";", "\n").replace(",", "\n")
        lines = list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))
        if len(lines) > MOST:
            raise ValidationError(_("At most %(most)d lines."), params={"most": MOST})
        return [self.clean_line(line) for line in lines]

    def clean_line(self, line: str) -> str:
        """One line, checked; override."""
        return line


class PhonesField(LinesField):
    """Numbers in any spelling; one nobody can parse has 5 to 15 digits and no letters."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Phones"))
        kwargs.setdefault("help_text", _("One a line, in any spelling."))
        super().__init__(**kwargs)
        self.widget.attrs["inputmode"] = "tel"

    def clean_line(self, line: str) -> str:
        unknown = looks_like_phone(line) and len(digits_of(line)) <= LONGEST_NUMBER
        if len(line) > 60 or not (normalise(line).is_valid or unknown):
            raise ValidationError(
                _("“%(line)s” is not a phone number."), params={"line": line[:60]}
            )
        return line

    def has_changed(self, initial: Any, data: Any) -> bool:
        return _keys(initial, _phone_key) != _keys(data, _phone_key)


class EmailsField(LinesField):
    """E-mail addresses."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("E-mails"))
        kwargs.setdefault("help_text", _("One a line."))
        super().__init__(**kwargs)
        self.widget.attrs["inputmode"] = "email"

    def clean_line(self, line: str) -> str:
        try:
            validate_email(line)
            MaxLengthValidator(LONGEST_EMAIL)(line)
        except ValidationError as error:
            raise ValidationError(
                _("“%(line)s” is not an e-mail address."), params={"line": line[:60]}
            ) from error
        return line.lower()

    def has_changed(self, initial: Any, data: Any) -> bool:
        return _keys(initial, str.lower) != _keys(data, str.lower)


def _phone_key(line: str) -> str:
    return normalise(line).e164


def _keys(value: Any, key: Any) -> list[str]:
    lines = value if isinstance(value, list) else str(value or "").splitlines()
    return [key(line.strip()) for line in lines if line.strip()]
