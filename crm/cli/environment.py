"""The environment the programs of an installation run with: .env, then what we start ourselves."""

import os
from collections.abc import Mapping
from pathlib import Path

import environ

from crm.cli.console import Problem
from crm.cli.folders import ROOT, DataFolder


def load_env_file(file: Path = ROOT / ".env") -> None:
    """Take .env into the environment; what is already set wins, as in the settings."""
    if file.is_file():
        environ.Env.read_env(str(file))


def web_host() -> str:
    """Address the web server listens on."""
    return os.environ.get("CRM_HOST") or "127.0.0.1"


def web_port() -> int:
    """Port the web server listens on; PORT must be a number."""
    text = os.environ.get("PORT") or "8000"
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise Problem(f"PORT={text} is not a port number (1-65535).")
    return int(text)


def own_address() -> str:
    """Where a person on this machine opens the pages."""
    host = web_host()
    shown = "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104 - shown, not bound
    return f"http://{shown}:{web_port()}"


def complete(folder: DataFolder, servers: Mapping[str, str]) -> dict[str, str]:
    """The environment for children: what the person set, the servers, defaults of this folder."""
    found = dict(os.environ) | dict(servers)
    defaults = {
        "CRM_DATA_DIR": str(folder.path),
        "DJANGO_SETTINGS_MODULE": "crm.settings",
        "BASE_URL": own_address(),
        "MEDIA_ROOT": str(folder.path / "media"),
        "STATIC_ROOT": str(folder.path / "static"),
        "PYTHONUNBUFFERED": "1",
        "PYTHONPATH": str(ROOT),
    }
    if not found.get("SECRET_KEY"):
        found["SECRET_KEY"] = folder.secret("secret-key", 48)
    found["CRM_DATA_DIR"] = str(folder.path)
    return defaults | found
