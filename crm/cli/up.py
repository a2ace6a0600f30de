"""`crm up` and `crm down`: the whole installation under one supervisor."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from crm.cli import processes
from crm.cli.console import Problem, complain, say, step
from crm.cli.environment import complete, own_address, web_host, web_port
from crm.cli.folders import ROOT, DataFolder
from crm.cli.programs import beat_command, web_command, worker_command
from crm.cli.servers import Servers, reap_leftovers
from crm.cli.supervisor import Child, StopRequest, StopSignals, Supervisor

FIRST_ANSWER = 60.0  # seconds the web server has for its first page


def up() -> int:
    """Start everything, stay, stop everything; exit code 0 after an orderly stop."""
    started = time.monotonic()
    folder = DataFolder.from_environment()
    with folder.locked("up"):
        reap_leftovers(folder)
        require_free_port()
        signals = StopSignals()
        servers = Servers(folder)
        supervisor = Supervisor(folder, signals)
        try:
            run(servers, supervisor, started)
        except StopRequest:
            pass
        finally:
            signals.may_raise = False
            signals.asked = True
            say("stopping")
            supervisor.stop()
            servers.stop()
            folder.forget()
    return 0


def run(servers: Servers, supervisor: Supervisor, started: float) -> None:
    """Everything between the first line and the request to stop."""
    folder = supervisor.folder
    servers.start()
    environment = complete(folder, servers.urls)
    folder.note(address=own_address())
    prepare(environment, ("migrate",), ("messages", "assets", "static"))
    prepare(environment, ("demo", "people"))
    # The web server alone first: a person waits for it, the others would take its cores.
    supervisor.add(child_of(folder, environment, "web"))
    await_first_page(supervisor.children[0])
    for name in ("worker", "beat"):
        supervisor.add(child_of(folder, environment, name))
    greet(folder, time.monotonic() - started)
    supervisor.signals.may_raise = False
    supervisor.watch(servers.revive)


def require_free_port() -> None:
    """Say now, not after a minute of preparation, that somebody listens there already."""
    host, port = web_host(), web_port()
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError as error:
            raise Problem(f"Port {port} needs root. Choose one above 1023: PORT=8001.") from error
        except OSError as error:
            raise Problem(
                f"Port {port} of {host} is taken by another program. Choose another: "
                f"PORT={port + 1} make run"
            ) from error


def prepare(environment: dict[str, str], *groups: tuple[str, ...]) -> None:
    """Run groups of preparing steps, each in a process of its own and all at once.

    What went wrong a process has said itself; Problem then ends the command.
    """
    children = [preparation(environment, steps) for steps in groups]
    try:
        codes = [child.wait() for child in children]
    finally:
        for child in children:
            processes.stop(child)
    if any(codes):
        raise Problem("Stopped, see above.")


def preparation(environment: dict[str, str], steps: tuple[str, ...]) -> subprocess.Popen[bytes]:
    """The process of some steps, one after the other."""
    return subprocess.Popen(
        [sys.executable, "-m", "crm.cli.prepare", *steps],
        cwd=ROOT,
        env={"LOG_LEVEL": "WARNING"} | environment,
        start_new_session=True,
        preexec_fn=processes.die_with_parent(signal.SIGTERM),
    )


def command_of(name: str, folder: DataFolder) -> list[str]:
    """Command line of web server, worker or beat."""
    if name == "web":
        return web_command()
    return worker_command() if name == "worker" else beat_command(folder.run)


def child_of(folder: DataFolder, environment: dict[str, str], name: str) -> Child:
    """A program for the supervisor; a killed supervisor makes the worker drop its work at once."""
    last_signal = signal.SIGQUIT if name == "worker" else signal.SIGTERM
    log = folder.log(name)
    return Child(name, command_of(name, folder), environment, log, last_signal)


def await_first_page(web: Child) -> None:
    """Wait until the web server answers anything at all."""
    with step("web") as note:
        answered = processes.wait_until(lambda: answers() or ended(web), FIRST_ANSWER, 0.1)
        if not answered or ended(web):
            tail = web.log.read_text(errors="replace").strip().splitlines()[-5:]
            raise Problem("\n".join(["The web server does not start. The end of its log:", *tail]))
        note.text = "answers"


def ended(child: Child) -> bool:
    """The child's process is gone."""
    return child.process is None or child.process.poll() is not None


def answers() -> bool:
    """The health page gives any HTTP answer."""
    try:
        with urllib.request.urlopen(f"{own_address()}/healthz", timeout=10):  # noqa: S310 - http
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def greet(folder: DataFolder, seconds: float) -> None:
    """The address, who may sign in, where the logs are."""
    say()
    say(f"The CRM is running (started in {seconds:.0f} s): {own_address()}")
    logins = folder.path / "demo-logins.txt"
    if logins.is_file():
        say()
        say(logins.read_text().strip())
    if folder.state().get("needs_administrator"):
        say()
        say("Nobody can administer it yet. Type in a second terminal, in this folder: make admin")
    say()
    say(f"Logs and mail sent without a mail server: {folder.path / 'log'}. Stop: Ctrl-C")


def down() -> int:
    """Ask the running supervisor to stop and wait for it."""
    folder = DataFolder.from_environment()
    if not folder.is_locked():
        reap_leftovers(folder)
        say("The CRM is not running in this folder.")
        return 0
    holder = folder.holder()
    if holder.get("purpose") != "up":
        complain(folder.who_runs())
        return 2
    with contextlib.suppress(ProcessLookupError):
        os.kill(int(holder["pid"]), signal.SIGTERM)
    with step("stop") as note:
        if not processes.wait_until(lambda: not folder.is_locked(), 120, 0.1):
            raise Problem(f"Process {holder['pid']} does not stop. End it: kill -9 {holder['pid']}")
        note.text = "stopped"
    return 0


def serve(name: str) -> int:
    """Become one of the programs (`crm web`, `worker`, `beat`): for compose and systemd."""
    folder = DataFolder.from_environment()
    environment = complete(folder, {})
    os.chdir(ROOT)
    command = command_of(name, folder)
    os.execve(Path(command[0]), command, environment)  # noqa: S606 - our own interpreter
