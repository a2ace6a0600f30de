"""Every main page, wide and on a phone: it answers, fits and speaks the person's language."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from contacts.services import set_phones
from tests import factories as make

pytestmark = pytest.mark.django_db(transaction=True)

PAGES = (
    "/",
    "/deals/",
    "/deals/board/",
    "/deals/filter/",
    "/deals/new/",
    "/leads/",
    "/leads/new/",
    "/contacts/",
    "/contacts/new/",
    "/companies/",
    "/companies/new/",
    "/activities/",
    "/activities/add/",
    "/products/",
    "/search/?q=вентил",
    "/reports/",
    "/reports/funnel/",
    "/reports/managers/",
    "/settings/",
    "/settings/people/",
    "/settings/people/new/",
    "/settings/departments/",
    "/settings/roles/",
    "/settings/roles/new/",
    "/settings/pipelines/",
    "/settings/currencies/",
    "/settings/rules/",
    "/settings/rules/new/",
    "/settings/sources/",
    "/accounts/profile/",
    "/accounts/notifications/",
)
CYRILLIC = re.compile("[А-Яа-я]")


@pytest.fixture
def cards(people) -> list[str]:
    """One record of each kind with long words; the addresses of their pages."""
    people.admin.language = "ru"
    people.admin.save()
    long = "Поставка вентиляционного оборудования для Днепропетровского хлебокомбината"
    company = make.company(people.admin, name=f"ООО «{long}»")
    contact = make.contact(people.admin, last_name="Константинопольский-Преображенский")
    set_phones(contact, ["+380671234567"])
    deal = make.deal(
        people.manager,
        title=long,
        amount=123_456_789,
        company=company,
        contact=contact,
        created_at=timezone.now() - timedelta(days=20),
    )
    lead = make.lead(people.admin, title=long, company_name=long, amount=5_000_000)
    set_phones(lead, ["+380671234568"])
    make.product(name=long)
    make.activity(people.admin, deal=deal, subject=long)
    make.activity(people.admin, deal=deal, subject=long, kind="call", done_at=timezone.now())
    records = (company, contact, deal, lead)
    return [record.get_absolute_url() for record in records] + [f"/deals/{deal.pk}/lines/"]


def widest(page: Page) -> str:
    """The width of the page against the window's, with the elements that stick out."""
    return page.evaluate(
        """() => {
          const wide = document.documentElement.scrollWidth, room = innerWidth;
          if (wide <= room) return "";
          const out = [...document.body.querySelectorAll("*")].filter(
            (each) => each.getBoundingClientRect().right > room + 1);
          const names = out.slice(0, 6).map((each) => each.tagName + "." + each.className);
          return `${wide} > ${room}: ${names.join(", ")}`;
        }"""
    )


@pytest.mark.parametrize("width", [1440, 360])
def test_pages_answer_fit_and_speak_russian(people, cards, open_as, width):
    page = open_as(people.admin, width=width, height=800)
    errors: list[str] = []
    page.on("console", lambda line: line.type == "error" and errors.append(line.text))
    faults = []
    for url in (*PAGES, *cards):
        answer = page.goto(url, wait_until="load")
        if answer.status != 200:
            faults.append(f"{url}: {answer.status}")
            continue
        if stuck_out := widest(page):
            faults.append(f"{url}: {stuck_out}")
        if not CYRILLIC.search(page.title()):
            faults.append(f"{url}: title {page.title()!r}")
        if page.locator("html").get_attribute("lang") != "ru":
            faults.append(f"{url}: not in Russian")
        faults += [f"{url}: {text}" for text in errors]
        errors.clear()
    assert faults == []


def test_known_titles_are_russian(people, cards, open_as):
    page = open_as(people.admin)
    page.goto("/leads/")
    assert page.title().startswith("Лиды")
    page.goto("/reports/funnel/")
    assert page.title().startswith("Где")
