"""Commands that work on an installation: manage, assets, prepare, ping."""

import os
import subprocess
import sys
import urllib.error
import urllib.request

from crm.cli.console import complain
from crm.cli.environment import complete, web_port
from crm.cli.folders import ROOT, DataFolder
from crm.cli.servers import servers_of
from crm.cli.up import prepare as run_steps


def manage(arguments: list[str]) -> int:
    """`manage.py` with the addresses of this folder's servers, started if they do not run."""
    folder = DataFolder.from_environment()
    with servers_of(folder, "manage") as urls:
        done = subprocess.run(
            [sys.executable, str(ROOT / "manage.py"), *arguments],
            env=complete(folder, urls),
            check=False,
        )
    return done.returncode


def assets(arguments: list[str]) -> int:
    """Build the front-end assets; a failure is a failure here. Needs no server."""
    folder = DataFolder.from_environment()
    environment = complete(folder, {}) | {"CRM_ASSETS_REQUIRED": "1"}
    run_steps(environment, ("assets",))
    return 0


def prepare(arguments: list[str]) -> int:
    """Migrate, compile messages, collect static files: before web and worker are started."""
    folder = DataFolder.from_environment()
    with servers_of(folder, "prepare") as urls:
        run_steps(complete(folder, urls), tuple(arguments) or ("migrate", "messages", "static"))
    return 0


def ping(arguments: list[str]) -> int:
    """0 when the web server here is healthy; asked by a name it is allowed to serve."""
    names = os.environ.get("ALLOWED_HOSTS", "").split(",")
    name = next((name.strip() for name in names if name.strip() not in {"", "*"}), "127.0.0.1")
    request = urllib.request.Request(
        f"http://127.0.0.1:{web_port()}/{arguments[0] if arguments else 'healthz'}",
        headers={"Host": name.lstrip("."), "X-Forwarded-Proto": "https"},
    )
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310
            return 0 if answer.status == 200 else 1
    except urllib.error.HTTPError as error:
        complain(f"unhealthy: {error.code} {error.read(500).decode(errors='replace')}")
        return 1
    except OSError as error:
        complain(f"no answer: {error}")
        return 1
