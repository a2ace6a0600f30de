"""The embedded servers: they start, keep data, and come back after being killed."""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg
import pytest
import redis

from crm.cli import postgres, processes
from crm.cli.console import Problem
from crm.cli.environment import complete
from crm.cli.folders import ROOT, DataFolder
from crm.cli.servers import Servers, reap_leftovers, servers_of
from crm.cli.up import require_free_port
from crm.cli.valkey import Valkey


@pytest.fixture
def folder(monkeypatch):
    for name in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "MEDIA_ROOT", "STATIC_ROOT"):
        monkeypatch.delenv(name, raising=False)
    with tempfile.TemporaryDirectory(prefix="crm-") as place:
        Path(place).chmod(0o711)  # pytest's own folders are closed to the database's account
        monkeypatch.setenv("CRM_DATA_DIR", f"{place}/var")
        yield DataFolder.from_environment()


@pytest.fixture
def servers(folder):
    running = Servers(folder)
    try:
        running.start()
        yield running
    finally:
        running.stop()


def test_servers_answer_with_the_collation_of_names_and_a_durable_queue(servers):
    with psycopg.connect(servers.urls["DATABASE_URL"]) as connection:
        assert connection.execute("SELECT lower('ЇЖАК ҐАНОК')").fetchone() == ("їжак ґанок",)
        connection.execute("CREATE EXTENSION pg_trgm")
        trigrams = connection.execute("SELECT show_trgm('їжак')").fetchone()[0]
        assert len(trigrams) == 5, "search by a part of a name cannot use its index"
    queue = redis.Redis.from_url(servers.urls["REDIS_URL"])
    assert queue.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
    assert servers.valkey.port not in {6379, 5432}


def test_strangers_are_refused_by_both_servers(servers):
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(servers.urls["DATABASE_URL"].replace(servers.postgres.password, "guess"))
    with pytest.raises(redis.AuthenticationError):
        redis.Redis(port=servers.valkey.port).ping()


def test_killed_servers_come_back_at_the_same_address_with_their_data(servers):
    url = servers.urls["DATABASE_URL"]
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    for server in (servers.postgres, servers.valkey):
        server.child.send_signal(signal.SIGKILL)
        server.child.wait()
    servers.revive()
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)
    assert redis.Redis.from_url(servers.urls["REDIS_URL"]).ping()


def test_pid_file_that_names_a_stranger_does_not_prevent_the_start(servers, folder):
    servers.postgres.stop()
    (servers.postgres.data / "postmaster.pid").write_text(f"{os.getpid()}\n")
    servers.postgres.start()
    with psycopg.connect(servers.urls["DATABASE_URL"]) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_manage_uses_the_servers_that_run(servers, folder):
    with folder.locked("up"), servers_of(folder, "manage") as urls:
        assert urls == servers.urls


def test_data_of_another_major_version_are_named_not_touched(servers, monkeypatch):
    servers.postgres.stop()
    monkeypatch.setattr(postgres, "major_version", lambda folder: 99)
    with pytest.raises(Problem, match="are of PostgreSQL 18, the programs are of 99"):
        servers.postgres.start()


def test_long_socket_path_makes_the_server_use_a_loopback_port(folder):
    deep = DataFolder(folder.path / ("x" * 90))
    deep.make()
    server = postgres.Postgres(deep, throw_away=True)
    try:
        server.start()
        assert not server.uses_socket
        assert "@127.0.0.1:" in server.url()
        psycopg.connect(server.url()).close()
    finally:
        server.stop()


def test_queue_keeps_jobs_over_a_restart(folder):
    server = Valkey(folder)
    server.start()
    redis.Redis.from_url(server.url).lpush("jobs", "one")
    server.stop()
    server.start()
    try:
        assert redis.Redis.from_url(server.url).lrange("jobs", 0, -1) == [b"one"]
    finally:
        server.stop()


def test_second_start_in_a_folder_says_that_it_runs_already(folder):
    with folder.locked("up"):
        folder.note(address="http://127.0.0.1:8000")
        with pytest.raises(Problem, match=r"already running in this folder http://127.0.0.1:8000"):
            folder.locked("up").__enter__()
    assert not folder.is_locked()


def test_secrets_are_made_once_and_are_private(folder):
    environment = complete(folder, {})
    assert environment["SECRET_KEY"] == complete(folder, {})["SECRET_KEY"]
    file = folder.path / "secrets" / "secret-key"
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700


def test_processes_of_a_killed_supervisor_are_ended_and_strangers_are_not(folder):
    script = "import time; time.sleep(60)"
    ours = subprocess.Popen([sys.executable, "-c", script, "crm.celery"], start_new_session=True)
    stranger = subprocess.Popen([sys.executable, "-c", script], start_new_session=True)
    try:
        folder.note(children={"worker": ours.pid, "web": stranger.pid})
        assert processes.wait_until(lambda: "crm.celery" in processes.command_of(ours.pid), 5)
        reap_leftovers(folder)
        assert ours.wait(5) != 0
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_taken_port_is_named_with_a_way_out(monkeypatch):
    taken = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import socket, time; s = socket.create_server(('127.0.0.1', 0));"
            "print(s.getsockname()[1], flush=True); time.sleep(60)",
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        monkeypatch.setenv("PORT", taken.stdout.readline().strip())
        with pytest.raises(Problem, match="is taken by another program"):
            require_free_port()
    finally:
        taken.kill()
        taken.wait()


def test_backup_is_restored_with_data_files_and_key(folder):
    def crm(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "crm", *arguments],
            cwd=ROOT,
            env={k: v for k, v in os.environ.items() if k != "SECRET_KEY"} | URLS_OFF,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def sql(query: str) -> str:
        with servers_of(folder, "test") as urls, psycopg.connect(urls["DATABASE_URL"]) as db:
            cursor = db.execute(query)
            return str(cursor.fetchone()) if cursor.description else ""

    archive = folder.path.parent / "all.tar"
    sql("CREATE TABLE kept AS SELECT 'before' AS what")
    (folder.path / "media" / "contract.txt").write_text("signed")
    crm("backup", str(archive))
    sql("UPDATE kept SET what = 'after'; CREATE TABLE later (id int)")
    (folder.path / "media" / "contract.txt").write_text("spoiled")
    crm("restore", str(archive), "--yes")
    assert sql("SELECT what, to_regclass('later') FROM kept") == "('before', None)"
    assert (folder.path / "media" / "contract.txt").read_text() == "signed"
    assert archive.stat().st_mode & 0o777 == 0o600


URLS_OFF = {"DATABASE_URL": "", "REDIS_URL": ""}  # set, so that a developer's .env does not fill in
