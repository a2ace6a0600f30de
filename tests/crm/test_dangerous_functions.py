"""What the product does not do at all; who adds it assesses docs/asvs.md anew."""

import ast
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import FileField
from django.forms import FileField as UploadField

from tests.matrix.test_matrix import DOORS

ROOT = Path(__file__).resolve().parents[2]
APPS = (
    *("accounts", "activities", "catalog", "contacts", "crm"),
    *("deals", "leads", "records", "reports"),
)
SOURCES = [path for app in APPS for path in sorted((ROOT / app).rglob("*.py"))]
TALKERS = {
    "accounts/single_sign_on.py": {"jwt"},
    "accounts/adapter.py": {"smtplib"},
    "accounts/letters.py": {"smtplib"},
    "accounts/views/single_sign_on.py": {"requests"},
    "crm/health.py": {"redis"},
    "records/cache.py": {"redis"},
}
"""Who may know a library that reaches the network; the command line of the operator aside."""
NETWORK = {"requests", "urllib.request", "http.client", "socket", "smtplib", "ftplib", "httpx"}
NETWORK |= {"aiohttp", "urllib3", "redis", "jwt", "ssl", "xmlrpc", "telnetlib", "paramiko"}
RISKY = {"pickle", "marshal", "shelve", "yaml", "subprocess", "lxml", "xml", "zipfile", "tarfile"}
RISKY |= {"jinja2", "ldap3", "ctypes", "cffi"}
CALLS = {"eval", "exec", "compile", "__import__", "mark_safe"}


def imports_of(tree: ast.AST) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
    return found


@pytest.fixture(scope="module")
def trees():
    return {str(path.relative_to(ROOT)): ast.parse(path.read_text()) for path in SOURCES}


def served(trees) -> dict[str, ast.AST]:
    """What runs behind a page or in the worker, without the operator's command line."""
    tools = ("crm/cli/", "crm/assets.py", "crm/__main__.py", "crm/catalogues.py")
    return {name: tree for name, tree in trees.items() if not name.startswith(tools)}


def test_only_named_modules_reach_the_network(trees):
    found = {}
    for name, tree in served(trees).items():
        known = {x for x in imports_of(tree) if x in NETWORK or x.split(".")[0] in NETWORK}
        if known:
            found[name] = {x.split(".")[0] if x.split(".")[0] in NETWORK else x for x in known}
    assert found == TALKERS


def test_nothing_is_evaluated_unpickled_or_unpacked(trees):
    for name, tree in served(trees).items():
        risky = {x.split(".")[0] for x in imports_of(tree)} & RISKY
        assert not risky, name
        called = {
            node.func.id
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        assert not called & CALLS, name


def test_templates_never_mark_text_as_safe():
    """Only letters in plain text are written without escapes."""
    for path in sorted((ROOT / "templates").rglob("*.*")):
        text = path.read_text()
        assert not re.search(r"\|\s*safe\b|\|\s*safeseq\b", text), path
        assert path.suffix == ".txt" or "autoescape off" not in text, path


def test_scripts_write_text_as_text():
    """Markup is put in only where the server or a template of the page made it."""
    allowed = {"dialog.js", "formset.js"}
    for path in sorted((ROOT / "static" / "js").glob("*.js")):
        text = path.read_text()
        written = re.search(r"(inner|outer)HTML\s*=[^=]|insertAdjacentHTML|document\.write", text)
        assert not written or path.name in allowed, path
        assert not re.search(r"\beval\(|new Function|__proto__|postMessage|WebSocket", text), path


def test_nothing_takes_files_from_a_browser():
    """Chapter V5 of docs/asvs.md rests on it."""
    columns = [column for model in apps.get_models() for column in model._meta.get_fields()]
    assert not [column for column in columns if isinstance(column, FileField)]
    forms = [getattr(door.view_class, "form_class", None) for door in DOORS]
    fields = [f for form in forms if form for f in getattr(form, "base_fields", {}).values()]
    assert not [field for field in fields if isinstance(field, UploadField)]
    markup = [
        path for path in (ROOT / "templates").rglob("*.html") if 'type="file"' in path.read_text()
    ]
    assert markup == []
