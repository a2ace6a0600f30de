"""The command line of an installation: `python -m crm COMMAND`."""

import argparse
import errno
import sys
from collections.abc import Callable

from crm.cli.console import Problem, complain
from crm.cli.environment import load_env_file

COMMANDS = {
    "up": "start everything here and stay: servers, web, worker, beat",
    "down": "stop what `up` started in this folder",
    "doctor": "say what this machine has and lacks",
    "backup": "write database and files into one archive: backup FILE",
    "restore": "replace everything by an archive: restore FILE --yes",
    "assets": "build the front-end assets",
    "manage": "run manage.py with the servers of this folder: manage COMMAND …",
    "test": "the gate and the whole suite on throw-away servers",
    "check": "the gate alone",
    "matrix": "the permission matrix",
    "journeys": "the journeys in a real browser",
    "bench": "the measured pages",
    "guide": "take the pictures of the user guide anew: guide [ADDRESS]",
    "prepare": "migrate, compile messages, collect static files",
    "web": "become the web server (compose, systemd)",
    "worker": "become the Celery worker (compose, systemd)",
    "beat": "become the clock (compose, systemd)",
    "ping": "ask the web server of this machine for /healthz",
}

DENIED = {
    errno.EACCES: "Start as the owner of the files, or choose other ones with CRM_DATA_DIR.",
    errno.EROFS: "Choose a folder that can be written with CRM_DATA_DIR.",
    errno.ENOSPC: "Free some space on the disk.",
}


def main(arguments: list[str]) -> int:
    """Run one command; a problem is told in a sentence and ends with code 2."""
    listing = "\n".join(f"  {name:<10} {text}" for name, text in COMMANDS.items())
    parser = argparse.ArgumentParser(
        prog="crm",
        epilog=f"commands:\n{listing}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", choices=COMMANDS, metavar="COMMAND")
    parser.add_argument("arguments", nargs=argparse.REMAINDER)
    options = parser.parse_args(arguments)
    load_env_file()
    try:
        return handler(options.command)(options.arguments)
    except Problem as problem:
        complain(str(problem))
        return 2
    except OSError as error:
        if error.errno not in DENIED:
            raise
        complain(f"{error.filename or 'The data folder'}: {error.strerror}. {DENIED[error.errno]}")
        return 2
    except KeyboardInterrupt:
        complain("interrupted")
        return 130


def handler(command: str) -> Callable[[list[str]], int]:
    """The function behind a command; loaded only now, because some of them load Django."""
    from crm.cli import backup, doctor, guide, suite, up, work

    if command in {"web", "worker", "beat"}:
        return lambda arguments: up.serve(command)
    return {
        "up": lambda arguments: up.up(),
        "down": lambda arguments: up.down(),
        "doctor": lambda arguments: doctor.main(),
        "backup": backup.backup,
        "restore": backup.restore,
        "assets": work.assets,
        "guide": guide.guide,
        "manage": work.manage,
        "prepare": work.prepare,
        "ping": work.ping,
        "test": suite.test,
        "check": suite.check,
        "matrix": suite.matrix,
        "journeys": suite.journeys,
        "bench": suite.bench,
    }[command]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
