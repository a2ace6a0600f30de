"""Message catalogues without system tools: extract, merge, check and compile by Babel.

Templates are turned into gettext source by Django's own `templatize`, so every tag that Django
translates is found here too.
"""

import io
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

LANGUAGES = ("ru", "uk")
SKIPPED = {"tests", "benchmarks", ".venv", "var", ".assets", "node_modules", "staticfiles"}
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
PLURALS = (
    "nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && "
    "(n%100<10 || n%100>=20) ? 1 : 2)"
)


def sources(root: Path) -> Iterator[tuple[Path, bytes]]:
    """Python files as they are, templates as gettext source."""
    for path in sorted([*root.rglob("*.py"), *root.rglob("*.html"), *root.rglob("*.txt")]):
        relative = path.relative_to(root)
        if SKIPPED & set(relative.parts) or "migrations" in relative.parts:
            continue
        if path.suffix == ".py":
            yield relative, path.read_bytes()
        elif relative.parts[0] == "templates":
            lines = templatize(path.read_text("utf-8")).splitlines()
            yield relative, "\n".join(line.strip() for line in lines).encode()


def extracted(root: Path) -> Catalog:
    """Every source string with its places."""
    found = Catalog(charset="utf-8")
    for path, content in sources(root):
        for line, message, comments, context in extract(
            "python", io.BytesIO(content), KEYWORDS, comment_tags=("Translators:",)
        ):
            flags = ["python-format"] if _has_format(message) else []
            found.add(
                message, None, [(path.as_posix(), line)], flags, (), comments, context=context
            )
    return found


def _has_format(message: str | tuple[str, ...]) -> bool:
    text = message if isinstance(message, str) else message[0]
    return "%(" in text or "%s" in text or "%d" in text


def path_of(root: Path, language: str) -> Path:
    """Where a language's catalogue lies."""
    return root / "locale" / language / "LC_MESSAGES" / "django.po"


def stored(root: Path, language: str) -> Catalog:
    """The catalogue as committed; an empty one when there is none."""
    path = path_of(root, language)
    if not path.is_file():
        return Catalog(locale=language, charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=language)


def updated(root: Path, language: str) -> Catalog:
    """Source strings with the translations that exist; nothing guessed, nothing obsolete kept."""
    old, new = stored(root, language), Catalog(locale=language, charset="utf-8")
    for message in extracted(root):
        if message.id:
            known = old.get(message.id, message.context)
            string = known.string if known and not known.fuzzy else None
            new.add(message.id, string, (), message.flags, context=message.context)
    return new


def write(root: Path, language: str, catalogue: Catalog) -> None:
    """Write sorted and without dates or places, so that merges stay small."""
    ordered = Catalog(locale=language, charset="utf-8", header_comment=f"# {language}")
    for message in sorted(catalogue, key=lambda m: (str(m.id), m.context or "")):
        if message.id:
            ordered.add(message.id, message.string, (), message.flags, context=message.context)
    buffer = io.BytesIO()
    write_po(buffer, ordered, omit_header=True, width=100)
    header = (
        'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n'
        f'"Content-Transfer-Encoding: 8bit\\n"\n"Language: {language}\\n"\n'
        f'"Plural-Forms: {PLURALS};\\n"\n\n'
    )
    path = path_of(root, language)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(header.encode() + buffer.getvalue())


def problems(root: Path) -> list[str]:
    """What is missing, fuzzy, obsolete or broken, one line each."""
    wanted = {(m.id, m.context) for m in extracted(root) if m.id}
    lines = []
    for language in LANGUAGES:
        catalogue = stored(root, language)
        have = {(m.id, m.context): m for m in catalogue if m.id}
        lines += [f"{language}: missing {key[0]!r}" for key in wanted - set(have)]
        lines += [f"{language}: obsolete {key[0]!r}" for key in set(have) - wanted]
        for message in have.values():
            strings = message.string if isinstance(message.string, tuple) else (message.string,)
            if message.fuzzy or not all(strings):
                lines.append(f"{language}: untranslated {message.id!r}")
            lines += [f"{language}: {message.id!r}: {error}" for error in message.check(catalogue)]
    return sorted(lines)


def compile_all(root: Path) -> None:
    """Write the .mo files beside the sources."""
    for language in LANGUAGES:
        with path_of(root, language).with_suffix(".mo").open("wb") as file:
            write_mo(file, stored(root, language))
