"""`crm backup` and `crm restore`: database, uploaded files, secret key in one archive."""

import os
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from crm.cli.console import Problem, say, step
from crm.cli.environment import complete
from crm.cli.folders import DataFolder, write_private
from crm.cli.postgres import find_binaries
from crm.cli.servers import servers_of

EMPTY_FIRST = b"DROP SCHEMA IF EXISTS public CASCADE; CREATE SCHEMA public;\n"


def backup(arguments: list[str]) -> int:
    """Write the archive; it replaces an older file only when complete."""
    if len(arguments) != 1:
        raise Problem("Say where to write: python -m crm backup FILE.tar")
    target = Path(arguments[0]).resolve()
    if not target.parent.is_dir():
        raise Problem(f"There is no folder {target.parent}.")
    folder = DataFolder.from_environment()
    draft = target.with_name(f".{target.name}.part")
    with servers_of(folder, "backup") as urls, step("backup") as note:
        environment = complete(folder, urls)
        try:
            with tempfile.TemporaryDirectory(dir=folder.run) as work:
                dump = Path(work) / "database.dump"
                _dump(environment["DATABASE_URL"], dump)
                os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
                with tarfile.open(draft, "w") as archive:
                    archive.add(dump, "database.dump")
                    archive.add(environment["MEDIA_ROOT"], "media")
                    key = Path(work) / "secret-key"
                    write_private(key, environment["SECRET_KEY"])
                    archive.add(key, "secret-key")
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)
        note.text = f"{target} ({target.stat().st_size / 1024**2:.1f} MB)"
    return 0


def restore(arguments: list[str]) -> int:
    """Replace everything by the archive; the database changes wholly or not at all."""
    if len(arguments) != 2 or arguments[1] != "--yes":
        raise Problem(
            "This replaces all data of the installation. If you mean it: "
            "python -m crm restore FILE.tar --yes"
        )
    source = Path(arguments[0])
    if not source.is_file() or not tarfile.is_tarfile(source):
        raise Problem(f"{source} is not an archive made by `crm backup`.")
    folder = DataFolder.from_environment()
    if folder.is_locked():
        raise Problem(f"Stop the CRM first.\n{folder.who_runs()}")
    with tempfile.TemporaryDirectory(dir=folder.run) as work, tarfile.open(source) as archive:
        archive.extractall(work, filter="data")
        content = Path(work)
        if not (content / "database.dump").is_file():
            raise Problem(f"{source} is not an archive made by `crm backup`.")
        with servers_of(folder, "restore") as urls, step("restore") as note:
            environment = complete(folder, urls)
            _load(environment["DATABASE_URL"], content / "database.dump")
            _replace(content / "media", Path(environment["MEDIA_ROOT"]))
            if not os.environ.get("SECRET_KEY"):
                key = (content / "secret-key").read_text()
                write_private(folder.path / "secrets" / "secret-key", key)
            note.text = "done"
    say("Start the CRM; it brings older tables to this version by itself.")
    return 0


def _replace(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(source, target)


def _client(url: str) -> tuple[str, dict[str, str]]:
    """Address without password, and the environment with it: `ps` shows arguments to all."""
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    person = f"{parts.username}@" if parts.username else ""
    address = urlunsplit(("postgresql", person + place, parts.path, parts.query, ""))
    password = unquote(parts.password or "")
    return address, dict(os.environ) | ({"PGPASSWORD": password} if password else {})


def _dump(url: str, target: Path) -> None:
    address, environment = _client(url)
    program = str(find_binaries() / "pg_dump")
    command = [program, "--format=custom", "--no-owner", "--no-privileges", "--file", str(target)]
    done = subprocess.run(
        [*command, "--dbname", address],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise Problem(f"The database could not be saved: {done.stderr.strip()}")


def _load(url: str, dump: Path) -> None:
    """One transaction: empty the schema, then play the dump."""
    address, environment = _client(url)
    folder = find_binaries()
    player = subprocess.Popen(
        [folder / "pg_restore", "--no-owner", "--no-privileges", "--file", "-", dump],
        stdout=subprocess.PIPE,
    )
    psql = [str(folder / "psql"), "--no-psqlrc", "--quiet", "--single-transaction"]
    taker = subprocess.Popen(
        [*psql, "--set", "ON_ERROR_STOP=1", "--dbname", address],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    try:
        if taker.stdin and player.stdout:
            taker.stdin.write(EMPTY_FIRST)
            shutil.copyfileobj(player.stdout, taker.stdin)
            if player.wait() != 0:
                taker.stdin.write(b"\nSELECT 1/0; -- the dump is broken: roll everything back\n")
    except BrokenPipeError:
        player.kill()
    _, complaint = taker.communicate()
    player.wait()
    if taker.returncode != 0:
        raise Problem(f"Nothing was changed: {complaint.decode(errors='replace').strip()}")
