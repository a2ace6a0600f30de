"""`crm guide`: takes the pictures of the user guide anew from a running demo company."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from crm.cli import machine
from crm.cli.console import Problem, say
from crm.cli.environment import own_address
from crm.cli.folders import ROOT

FOLDER = ROOT / "docs" / "guide" / "img"
PASSWORD = os.environ.get("CRM_DEMO_PASSWORD", "demo-2026-crm")
SIZE: Any = {"width": 1440, "height": 860}
COLOURS = 128
SHOTS: dict[str, tuple[tuple[str, str], ...]] = {
    "novikov": (
        ("day", "/"),
        ("board", "/deals/board/?tab=all"),
        ("deal", "first of /deals/"),
        ("leads", "/leads/"),
        ("tasks", "/activities/"),
        ("help", "/help/"),
    ),
    "sokolov": (
        ("funnel", "/reports/funnel/"),
        ("managers", "/reports/managers/"),
    ),
    "admin": (
        ("company", "/settings/company/"),
        ("pipelines", "/settings/pipelines/"),
        ("trades", "/settings/pipelines/new/"),
        ("people", "/settings/people/"),
        ("roles", "/settings/roles/"),
    ),
}


def guide(arguments: list[str]) -> int:
    """Pictures in Russian of the company at ADDRESS (that of this folder by default)."""
    try:
        from playwright.sync_api import sync_playwright  # a development package
    except ImportError as error:
        raise Problem("The pictures need the development packages (playwright).") from error
    address = (arguments[0] if arguments else own_address()).rstrip("/")
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=machine.find_chromium(), args=["--no-sandbox"]
        )
        for login, shots in SHOTS.items():
            context = browser.new_context(base_url=address, viewport=SIZE, locale="ru-RU")
            page = context.new_page()
            restore = _enter(page, login)
            for name, path in shots:
                _shoot(page, name, path)
            restore()
            context.close()
        browser.close()
    return 0


def _enter(page: Any, login: str) -> Callable[[], None]:
    """Sign in and read Russian; what is given back restores the person's own language."""
    page.goto("/accounts/login/")
    page.fill("input[name=login]", f"{login}@klimat.example")
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_load_state("networkidle")
    if "/accounts/login/" in page.url:
        raise Problem("Nobody of the demo company may sign in there.")
    own = page.locator("html").get_attribute("lang")
    _speak(page, "ru")
    return lambda: _speak(page, own)


def _speak(page: Any, code: str) -> None:
    if page.locator("html").get_attribute("lang") != code:
        page.goto("/accounts/profile/")
        page.select_option("select[name=language]", code)
        page.click(".record-form button[type=submit]")
        page.wait_for_load_state("networkidle")


def _shoot(page: Any, name: str, path: str) -> None:
    if found := re.match(r"first of (.+)", path):
        page.goto(found.group(1))
        path = page.locator("main tbody a[href^='/deals/']").first.get_attribute("href")
    page.goto(path)
    page.wait_for_load_state("networkidle")
    file = FOLDER / f"{name}.png"
    page.screenshot(path=str(file))
    _shrink(file)
    say(f"{file.relative_to(ROOT)} {file.stat().st_size // 1024} kB")


def _shrink(file: Path) -> None:
    """A palette instead of true colour: a third of the bytes."""
    from PIL import Image

    with Image.open(file) as picture:
        picture.convert("RGB").quantize(COLOURS).save(file, optimize=True)
