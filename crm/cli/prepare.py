"""Between starting the servers and starting the web server, in one Django process."""

import contextlib
import hashlib
import importlib.util
import io
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import django
from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management import call_command, get_commands
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from crm.cli.console import Note, Problem, complain, step
from crm.cli.folders import ROOT, DataFolder

LOGINS = "demo-logins.txt"
BLIND_TO_CYRILLIC = (
    "warning:     the database was made for Latin letters (LC_CTYPE is C): search by a part of a "
    "Cyrillic name is slow and forgives no misspelling. Back up, make the database anew with "
    "LC_CTYPE 'C.UTF-8' and restore: docs/operations.md, “Letters of the database”."
)
MIGRATING = 0x63726D  # "crm": key of the lock in the database


def main(arguments: list[str]) -> int:
    """Run the named steps; 0 when the web server may start."""
    steps: dict[str, Callable[[DataFolder], None]] = {
        "migrate": migrate,
        "messages": compile_messages,
        "assets": build_assets,
        "static": collect_static,
        "demo": load_demo,
        "people": first_people,
    }
    folder = DataFolder.from_environment()
    django.setup()
    try:
        for name in arguments:
            steps[name](folder)
    except Problem as problem:
        complain(str(problem))
        return 2
    except OperationalError as error:
        complain(f"The database does not answer: {str(error).strip()}")
        return 2
    return 0


@contextlib.contextmanager
def explained(folder: DataFolder, name: str) -> Iterator[Note]:
    """A step whose failure becomes one sentence; the details go to a log."""
    try:
        with step(name) as note:
            yield note
    except (Problem, OperationalError):
        raise
    except Exception as error:
        folder.log(f"failed-{name}").write_text(traceback.format_exc())
        detail = " ".join(str(error).split())[:300]
        raise Problem(
            f"{name} failed: {type(error).__name__}: {detail}\n"
            f"Details: {folder.log(f'failed-{name}')}"
        ) from error


def migrate(folder: DataFolder) -> None:
    """Bring the tables to the code's state."""
    with explained(folder, "migrations") as note:
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if plan:
            with alone():
                call_command("migrate", interactive=False, verbosity=0)
        note.text = f"{len(plan)} applied" if plan else "nothing to do"
    with connection.cursor() as cursor:
        cursor.execute("SELECT show_trgm('щ') = '{}'")
        if cursor.fetchone()[0]:
            complain(BLIND_TO_CYRILLIC)


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """One machine at a time; whoever waited finds the work done."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATING])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [MIGRATING])


def compile_messages(folder: DataFolder) -> None:
    """Compile the catalogues; git holds their sources only."""
    if "messages" not in get_commands():
        return
    with explained(folder, "messages") as note, contextlib.redirect_stdout(io.StringIO()):
        call_command("messages", "compile")
        note.text = "compiled"


def build_assets(folder: DataFolder) -> None:
    """Build styles and scripts when stale; without them the pages still work, unstyled.

    CRM_ASSETS_REQUIRED makes a failure fatal: tests, images and `crm assets` set it.
    """
    if importlib.util.find_spec("crm.assets") is None:
        return
    from crm.assets import build_if_stale

    try:
        with step("assets") as note:
            note.text = "built" if build_if_stale() else "up to date"
    except (Exception, SystemExit) as error:
        folder.log("failed-assets").write_text(traceback.format_exc())
        text = f"The front-end assets could not be built: {' '.join(str(error).split())[:300]}"
        if os.environ.get("CRM_ASSETS_REQUIRED"):
            raise Problem(text) from error
        complain(f"warning:     {text}. The pages work without styles; repeat: crm assets")


def collect_static(folder: DataFolder) -> None:
    """Gather and compress static files when one of them changed."""
    stamp = Path(settings.STATIC_ROOT) / ".stamp"
    wanted = _static_fingerprint()
    with explained(folder, "static") as note:
        if stamp.is_file() and stamp.read_text() == wanted:
            note.text = "up to date"
            return
        call_command("collectstatic", interactive=False, verbosity=0)
        stamp.write_text(wanted)
        note.text = "collected"


def _static_fingerprint() -> str:
    """Changes when a static file, a package or the way of serving changes."""
    digest = hashlib.sha256((ROOT / "requirements.lock").read_bytes())
    digest.update(str(settings.STORAGES["staticfiles"]).encode())
    for entry in settings.STATICFILES_DIRS:
        base = entry[1] if isinstance(entry, tuple) else entry
        for path in sorted(Path(base).rglob("*")):
            if path.is_file():
                facts = path.stat()
                digest.update(f"{path}:{facts.st_size}:{facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def load_demo(folder: DataFolder) -> None:
    """On the first run, with nobody in the database, load the demo company."""
    if os.environ.get("CRM_DEMO", "1").lower() in {"0", "no", "false"}:
        return
    if apps.get_model(settings.AUTH_USER_MODEL).objects.exists():
        return
    if "demo" not in get_commands():
        complain("demo:        this version has no demo company")
        return
    with explained(folder, "demo") as note:
        with contextlib.redirect_stdout(io.StringIO()) as output:
            call_command("demo", "load")
        note.text = "company loaded"
    _note_logins(folder, output.getvalue())


def first_people(folder: DataFolder) -> None:
    """Roles and pipeline of an empty installation; the administrator of ADMIN_EMAIL.

    Notes whether somebody can sign in, so that the person at the terminal is told what to do.
    """
    from crm import first_run

    first_run.set_up()
    if not first_run.has_administrator() and settings.ADMIN_EMAIL and settings.ADMIN_PASSWORD:
        with explained(folder, "people") as note:
            try:
                first_run.make_administrator(settings.ADMIN_EMAIL, settings.ADMIN_PASSWORD)
            except ValidationError as error:
                raise Problem(f"ADMIN_PASSWORD: {' '.join(error.messages)}") from error
            note.text = f"administrator {settings.ADMIN_EMAIL} added"
    folder.note(needs_administrator=not first_run.has_administrator())


def _note_logins(folder: DataFolder, printed: str) -> None:
    """Keep the demo logins for the next starts, when the demo command did not do so itself."""
    file = folder.path / LOGINS
    if file.is_file():
        return
    with (
        contextlib.suppress(Exception),
        contextlib.redirect_stdout(io.StringIO()) as output,
    ):
        call_command("demo", "logins")
        printed = output.getvalue()
    file.write_text(printed)
    file.chmod(0o600)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
