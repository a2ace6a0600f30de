"""Sign-in in a browser: an app set up and asked for; a passkey instead of everything."""

import time

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import Page, expect

from tests.people import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def person(people):
    people.manager.set_password(PASSWORD)
    people.manager.save(update_fields=["password"])
    return people.manager


def enter_password(page: Page, person) -> None:
    page.goto("/accounts/login/")
    page.fill("input[name=login]", person.email)
    page.fill("input[name=password]", PASSWORD)
    page.click("form:not([data-passkey]) button[type=submit]")


def leave(page: Page) -> None:
    page.goto("/accounts/logout/")
    page.click("main button[type=submit]")
    page.wait_for_url("**/accounts/login/")


def code(secret: str, shift: int = 0) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + shift))


def test_app_is_set_up_and_then_asked_for(people, person, open_as):
    page = open_as(people.head)
    leave(page)
    enter_password(page, person)
    page.goto("/accounts/second-factor/")
    page.click("a[href$='/app/']")
    expect(page.locator("img.qr")).to_be_visible()
    secret = page.inner_text(".secret")
    page.fill("input[name=code]", code(secret))
    page.click("main form button[type=submit]")
    expect(page.locator(".codes li")).to_have_count(10)
    kept = page.locator(".codes li").first.inner_text()
    with page.expect_download() as download:
        page.click("a[download]")
    assert kept in download.value.path().read_text()

    leave(page)
    enter_password(page, person)
    page.wait_for_url("**/accounts/login/code/")
    page.fill("input[name=code]", "000000")
    page.click("form:not([data-passkey]) button.b-main")
    expect(page.locator(".invalid-feedback").first).to_be_visible()
    page.fill("input[name=code]", code(secret, 1))
    page.click("form:not([data-passkey]) button.b-main")
    expect(page.locator(".rail")).to_be_visible()

    leave(page)
    enter_password(page, person)
    page.wait_for_url("**/accounts/login/code/")
    page.fill("input[name=code]", kept)
    page.click("form:not([data-passkey]) button.b-main")
    expect(page.locator(".rail")).to_be_visible()


def test_passkey_is_added_and_signs_in_alone(people, person, open_as):
    page = open_as(people.head)
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    leave(page)
    enter_password(page, person)
    page.goto("/accounts/second-factor/passkeys/add/")
    page.fill("input[name=name]", "Laptop")
    page.click("form[data-passkey] button")
    expect(page.locator(".codes li")).to_have_count(10)
    page.goto("/accounts/second-factor/")
    expect(page.get_by_text("Laptop")).to_be_visible()

    leave(page)
    page.click("form[data-passkey] button")
    expect(page.locator(".rail")).to_be_visible()

    leave(page)
    enter_password(page, person)
    page.wait_for_url("**/accounts/login/code/")
    page.click("form[data-passkey] button")
    expect(page.locator(".rail")).to_be_visible()


def test_sign_out_empties_this_browser_and_its_other_tabs(people, person, open_as):
    page = open_as(person)
    page.goto("/companies/")
    page.evaluate("localStorage.setItem('draft:1:note', 'They pay in March')")
    other = page.context.new_page()
    other.goto("/accounts/profile/")
    leave(other)
    page.wait_for_url("**/accounts/login/**")
    drafts = "Object.keys(localStorage).filter((key) => key.startsWith('draft:'))"
    assert page.evaluate(drafts) == []
