"""Passwords that are easy to guess here: words of this place, and passwords known from leaks."""

import hashlib
import re
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

WORDS = (
    *("crm", "sales", "lead", "deal", "client", "customer", "manager", "admin", "password"),
    *("продажи", "продаж", "сделка", "клиент", "менеджер", "админ", "пароль", "угода", "клієнт"),
)
"""Words of the trade; the product, its host and PASSWORD_WORDS are added."""
MUST_REMAIN = 6
SHORTEST_WORD = 3
DIGEST = 40


class OwnWordsValidator:
    """Without the words of this place at least six different letters must remain."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError for `Crm-2026-sales!`."""
        rest = password.casefold()
        found = [word for word in words() if word in rest]
        for word in found:
            rest = rest.replace(word, "")
        if found and len(set(re.sub(r"[\W\d_]", "", rest))) < MUST_REMAIN:
            raise ValidationError(self.get_help_text(), code="password_of_own_words")

    def get_help_text(self) -> str:
        return _("The password must not be made of words of this site or of sales.")


def words() -> list[str]:
    """The longest first, so that a word within a word does not leave its rest."""
    host = urlsplit(settings.BASE_URL).hostname or ""
    named = [settings.PRODUCT_NAME, *host.split("."), *settings.PASSWORD_WORDS]
    plain = {word.strip().casefold() for word in (*WORDS, *named)}
    return sorted((word for word in plain if len(word) >= SHORTEST_WORD), key=len, reverse=True)


class LeakedPasswordValidator:
    """LEAKED_PASSWORDS names a file of SHA-1 digests, sorted, as Have I Been Pwned hands it out.

    A line is `DIGEST` or `DIGEST:count`; the file is searched, never read whole. Nothing leaves
    this machine. Without the file the 20,000 commonest passwords of leaks are refused
    (Django's CommonPasswordValidator).
    """

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError for a password in the file."""
        if settings.LEAKED_PASSWORDS and is_leaked(password, settings.LEAKED_PASSWORDS):
            raise ValidationError(self.get_help_text(), code="password_leaked")

    def get_help_text(self) -> str:
        return _("The password must not be known from leaks of other sites.")


def is_leaked(password: str, path: str) -> bool:
    """Halves the file until the line is found or cannot be there."""
    digest = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()
    with open(path, "rb") as file:
        low, high = 0, file.seek(0, 2)
        while low < high:
            middle = (low + high) // 2
            file.seek(middle)
            if middle:
                file.readline()
            line = file.readline()[:DIGEST].decode("ascii", "replace").upper()
            if line == digest:
                return True
            if line and line < digest:
                low = middle + 1
            else:
                high = middle
        return False
