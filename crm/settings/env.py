"""The environment reader shared by the settings modules."""

from pathlib import Path

import environ

ROOT = Path(__file__).resolve().parents[2]

env = environ.FileAwareEnv(  # NAME_FILE: the value is read from that file
    DEBUG=(bool, False),
    ALLOWED_HOSTS=(list, ["127.0.0.1", "localhost", "[::1]"]),
    CSRF_TRUSTED_ORIGINS=(list, []),
    HTTPS=(bool, False),
)
if (ROOT / ".env").is_file():
    env.read_env(str(ROOT / ".env"))

COOKIE_PREFIX = "__Host-" if env("HTTPS") else ""
"""Browsers take such a cookie only over TLS, for this host alone and for every path."""


def mailer(url: str, folder: Path) -> dict[str, object]:
    """A MAILERS entry from an EMAIL_URL; SMTP answers within ten seconds or counts as down.

    Without an address letters are files in the folder: their links must not stand in the log.
    """
    if not url:
        backend = "django.core.mail.backends.filebased.EmailBackend"
        return {"BACKEND": backend, "OPTIONS": {"file_path": str(folder)}}
    config = env.email_url_config(url)
    backend = str(config["EMAIL_BACKEND"])
    if not backend.endswith("smtp.EmailBackend"):
        return {"BACKEND": backend}
    options = {
        "host": config["EMAIL_HOST"],
        "port": config["EMAIL_PORT"] or 25,
        "username": config["EMAIL_HOST_USER"] or "",
        "password": config["EMAIL_HOST_PASSWORD"] or "",
        "use_tls": bool(config.get("EMAIL_USE_TLS")),
        "use_ssl": bool(config.get("EMAIL_USE_SSL")),
        "timeout": 10,
    }
    return {"BACKEND": backend, "OPTIONS": options}
