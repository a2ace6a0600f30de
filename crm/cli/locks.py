"""The lock files: in step with what is declared, and without addresses of package hosts."""

import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", re.MULTILINE)
ADDRESS = re.compile(r"https?://[^\s\"']+")
FIELDS_OF_AUTHORS = ("funding", "url")  # an author's own page, not a place packages come from


def declared(pyproject: Path) -> Iterator[Requirement]:
    """Every requirement of the project and of its groups."""
    content = tomllib.loads(pyproject.read_text())
    yield from map(Requirement, content["project"]["dependencies"])
    for group in content.get("dependency-groups", {}).values():
        yield from (Requirement(entry) for entry in group if isinstance(entry, str))


def out_of_step(pyproject: Path, lock: Path) -> Iterator[str]:
    """A sentence for each declared requirement the lock does not satisfy."""
    pinned = {
        canonicalize_name(name): version for name, version in PINNED.findall(lock.read_text())
    }
    for requirement in declared(pyproject):
        version = pinned.get(canonicalize_name(requirement.name))
        if version is None:
            yield f"{lock.name}: {requirement.name} is missing; run make lock"
        elif not requirement.specifier.contains(version, prereleases=True):
            yield f"{lock.name}: {requirement.name} {version} is outside {requirement.specifier}"


def addresses(lock: Path) -> Iterator[str]:
    """A sentence for each line with an address in it."""
    for number, line in enumerate(lock.read_text().splitlines(), 1):
        is_authors = any(f'"{field}"' in line for field in FIELDS_OF_AUTHORS)
        if ADDRESS.search(line) and not is_authors:
            yield f"{lock.name}:{number}: holds an address; lock files name no hosts"


def main(root: Path) -> int:
    """Print every finding; 1 when there is one."""
    found = list(out_of_step(root / "pyproject.toml", root / "requirements.lock"))
    for name in ("requirements.lock", "package-lock.json"):
        if (root / name).is_file():
            found += addresses(root / name)
    for sentence in found:
        print(sentence)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(Path(__file__).resolve().parents[2]))
