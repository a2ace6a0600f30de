"""The gate's own checks: sizes and lock files."""

import errno
import os
from pathlib import Path

import pytest

from crm import cli
from crm.cli import locks, machine, sizes
from crm.cli.folders import ROOT


def test_long_files_and_functions_are_named():
    text = "def long():\n" + "    pass\n" * 50 + "\n" * 460
    found = list(sizes.too_long(Path("deals/views.py"), text))
    assert found == [
        "deals/views.py: 511 lines, at most 500",
        "deals/views.py:1: long has 51 lines, at most 50",
    ]


def test_functions_of_tests_may_be_long():
    text = "def test_all():\n" + "    pass\n" * 80
    assert list(sizes.too_long(Path("tests/deals/test_all.py"), text)) == []


@pytest.mark.parametrize(
    ("locked", "expected"),
    [
        ("django==6.1.3 \\\n", []),
        ("django==5.2.1 \\\n", ["requirements.lock: django 5.2.1 is outside <6.2,>=6.1"]),
        ("", ["requirements.lock: django is missing; run make lock"]),
    ],
)
def test_lock_must_be_in_step_with_the_project(tmp_path, locked, expected):
    project = tmp_path / "pyproject.toml"
    project.write_text('[project]\ndependencies = ["django>=6.1,<6.2"]\n')
    lock = tmp_path / "requirements.lock"
    lock.write_text(locked)
    assert list(locks.out_of_step(project, lock)) == expected


def test_lock_must_hold_no_addresses_except_those_of_authors(tmp_path):
    lock = tmp_path / "package-lock.json"
    lock.write_text(
        '"resolved": "https://packages.example/a.tgz"\n"url": "https://author.example"\n'
    )
    assert list(locks.addresses(lock)) == [
        "package-lock.json:1: holds an address; lock files name no hosts"
    ]


def test_own_lock_files_pass():
    assert locks.main(ROOT) == 0


def test_missing_browser_and_pango_are_named_with_their_packages(monkeypatch):
    monkeypatch.setenv("CHROMIUM", "no-such-browser")
    monkeypatch.setattr(machine, "lacks_pango", lambda: ["pango-1.0"])
    monkeypatch.setattr(machine.sys, "platform", "linux")
    browser, pango = machine.missing_for_tests()
    assert "apt-get install chromium" in browser
    assert "apt-get install libpango-1.0-0" in pango


@pytest.mark.parametrize(
    ("number", "advice"),
    [(errno.EACCES, "owner of the files"), (errno.ENOSPC, "Free some space")],
)
def test_closed_folder_and_full_disk_are_told_in_a_sentence(monkeypatch, capsys, number, advice):
    def fail(arguments):
        raise OSError(number, os.strerror(number), "/data/run/lock")

    monkeypatch.setattr(cli, "handler", lambda command: fail)
    assert cli.main(["doctor"]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"/data/run/lock: {os.strerror(number)}. ")
    assert advice in said
