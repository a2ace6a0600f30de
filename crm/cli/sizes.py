"""Size limits of the house: a file of at most 500 lines, a function of at most 50."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

FILE_LINES = 500
FUNCTION_LINES = 50
SUFFIXES = {".py", ".js", ".css", ".html"}
SKIPPED = {".venv", ".venv-tools", ".assets", "var", "migrations", "node_modules", "vendor", "dist"}


def sources(root: Path) -> Iterator[Path]:
    """Hand-written sources, without what is generated or fetched."""
    for path in sorted(root.iterdir()):
        if path.name in SKIPPED or path.name.startswith(".") or path.name == "staticfiles":
            continue
        if path.is_dir():
            yield from sources(path)
        elif path.suffix in SUFFIXES:
            yield path


def too_long(path: Path, text: str) -> Iterator[str]:
    """A sentence for each limit the file breaks; tests may have long functions."""
    lines = text.count("\n")
    if lines > FILE_LINES:
        yield f"{path}: {lines} lines, at most {FILE_LINES}"
    if path.suffix != ".py" or "tests" in path.parts:
        return
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_LINES:
                yield (
                    f"{path}:{node.lineno}: {node.name} has {length} lines, "
                    f"at most {FUNCTION_LINES}"
                )


def main(root: Path) -> int:
    """Print every break; 1 when there is one."""
    broken = [
        sentence
        for path in sources(root)
        for sentence in too_long(path.relative_to(root), path.read_text())
    ]
    for sentence in broken:
        print(sentence)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(Path(__file__).resolve().parents[2]))
