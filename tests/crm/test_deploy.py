"""Production settings pass Django's own list of checks."""

import os
import secrets
import subprocess
import sys

from crm.cli.folders import ROOT

PRODUCTION = {
    "DEBUG": "0",
    "HTTPS": "1",
    "ALLOWED_HOSTS": "crm.example.com",
    "CSRF_TRUSTED_ORIGINS": "https://crm.example.com",
    "BASE_URL": "https://crm.example.com",
    "EMAIL_URL": "smtp+tls://user:password@smtp.example.com:587",
}


def production(**changes: str) -> dict[str, str]:
    """The environment of an installation behind a proxy that ends TLS."""
    environment = {**os.environ, "SECRET_KEY": secrets.token_urlsafe(48), **PRODUCTION, **changes}
    environment.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)  # the browser tests set it
    return environment | {"DJANGO_SETTINGS_MODULE": "crm.settings"}


def check(**changes: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env=production(**changes),
        capture_output=True,
        text=True,
        check=False,
    )


def test_production_settings_are_clean():
    done = check()
    assert done.returncode == 0, done.stderr


def test_weak_settings_are_named():
    done = check(HTTPS="0", DEBUG="1", SECRET_KEY="short", EMAIL_URL="consolemail://")
    assert done.returncode != 0
    for code in ("security.W012", "security.W018", "security.W009", "mail.E001"):
        assert code in done.stderr
