"""Words of the place and passwords out of leaks are no passwords."""

import hashlib

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from accounts.passwords import is_leaked


@pytest.mark.parametrize(
    "password", ["Crm-2026-Sales!", "КлиентМенеджер1", "acmewindows77", "example-2026-acme"]
)
def test_words_of_the_place_are_refused(settings, password):
    settings.PASSWORD_WORDS, settings.BASE_URL = ["Acme", "Windows"], "https://crm.example.com"
    with pytest.raises(ValidationError, match="words of this site"):
        validate_password(password)


@pytest.mark.parametrize("password", ["correct horse battery", "my client drinks tea at noon"])
def test_a_word_of_the_trade_within_a_long_one_is_allowed(password):
    validate_password(password)


def test_password_of_a_leak_is_refused(settings, tmp_path):
    leaked = [f"leaked password {number}" for number in range(300)]
    lines = sorted(hashlib.sha1(word.encode()).hexdigest().upper() for word in leaked)
    file = tmp_path / "leaked.txt"
    file.write_text("".join(f"{line}:{number}\n" for number, line in enumerate(lines)))
    assert all(is_leaked(word, str(file)) for word in leaked)
    assert not any(is_leaked(f"another {number}", str(file)) for number in range(300))
    settings.LEAKED_PASSWORDS = str(file)
    with pytest.raises(ValidationError, match="leaks"):
        validate_password(leaked[7])
