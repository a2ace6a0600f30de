"""Every page of the demo company against axe in one browser: light Russian, dark Ukrainian.

On the way: nothing sticks out at 320 px, no error in the console, no request to another host.
"""

import time
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page

from accounts.models import User
from crm import assets
from crm.demo import company
from tests.e2e.every_page import pages

pytestmark = pytest.mark.django_db(transaction=True)

ALL = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
OF_LOOKS = {
    "type": "rule",
    "values": [
        "color-contrast",
        "html-has-lang",
        "html-lang-valid",
        "label-content-name-mismatch",
        "link-in-text-block",
        "target-size",
        "valid-lang",
    ],
}
"""All rules in the first walk; in the second those that a theme or longer words can break."""
CHECK = """
async (only) => {
  const told = await axe.run(document, {
    runOnly: only, resultTypes: ["violations"], preload: false,
  });
  return told.violations.map((each) =>
    `${each.id} (${each.nodes.length}): ${each.nodes.slice(0, 3).map((n) => n.target.join(" ")).join(" | ")}`
    + (each.id === "color-contrast" ? " " + (each.nodes[0].any[0]?.message ?? "") : ""));
}
"""  # noqa: E501 - a script
STICKS_OUT = """
() => {
  const wide = document.documentElement.scrollWidth, room = document.documentElement.clientWidth;
  if (wide <= room) return "";
  const out = [...document.body.querySelectorAll("*")].filter(
    (each) => each.getBoundingClientRect().right > room + 1);
  return `${wide} > ${room}: ` +
    out.slice(0, 5).map((each) => `${each.tagName}.${each.className}`).join(", ");
}
"""
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 320, "height": 640}


def axe() -> str:
    """The checker's own script, from the lock file of the front end."""
    assets.install(assets.ROOT, assets.ROOT / ".assets")
    file = Path(assets.ROOT) / ".assets/node_modules/axe-core/axe.min.js"
    return file.read_text(encoding="utf-8")


def faults_of(page: Page, url: str, script: str, only: dict, errors: list[str]) -> list[str]:
    """What is wrong with one page; the walk for looks also makes it narrow."""
    answer = page.goto(url, wait_until="load")
    found = [] if answer and answer.status == 200 else [f"answers {answer and answer.status}"]
    page.evaluate(script)
    found += page.evaluate(CHECK, only)
    if only is OF_LOOKS:
        page.set_viewport_size(NARROW)
        if stuck_out := page.evaluate(STICKS_OUT):
            found.append(f"at 320 px {stuck_out}")
        page.set_viewport_size(WIDE)
    found += errors
    errors.clear()
    return found


@pytest.mark.parametrize(
    ("language", "theme", "only"),
    [("ru", "light", ALL), ("uk", "dark", OF_LOOKS)],
    ids=["ru-light", "uk-dark"],
)
def test_every_page_passes_axe_and_reflows(open_as, record_property, language, theme, only):
    company.load(now=timezone.now())
    admin = User.objects.get(email="admin@klimat.example")
    User.objects.filter(pk=admin.pk).update(language=language, theme=theme)
    client = Client()
    client.force_login(admin, backend="accounts.adapter.EmailBackend")
    addresses = pages(client)
    assert len(addresses) > 80
    if only is OF_LOOKS:  # the question before a deletion looks the same everywhere
        addresses = [url for url in addresses if not url.endswith("/delete/")]
    script, began = axe(), time.monotonic()
    page, errors, faults = open_as(admin, scheme=theme), [], []
    page.on("console", lambda line: line.type == "error" and errors.append(line.text))
    for url in addresses:
        faults += [f"{url}: {text}" for text in faults_of(page, url, script, only, errors)]
    record_property("axe", f"{len(addresses)} pages in {time.monotonic() - began:.0f} s")
    assert faults == [], "\n".join(faults)
