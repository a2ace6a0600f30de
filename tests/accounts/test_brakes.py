"""Guessing is slow, nobody is locked out of his own device, strangers learn nothing by time."""

import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils.http import int_to_base36 as base36

from accounts import services
from accounts.devices import network_of
from accounts.models import Brake
from accounts.services.brakes import ACCOUNT, ADDRESS, DEVICE, PAIR
from tests.accounts.test_sign_in import LOGIN, is_in, person, sign_in  # noqa: F401 - a fixture

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
HERE, THERE = "198.51.100.1", "203.0.113.9"


def attempt(login="a@example.com", address=HERE, device="", now=NOW):
    return services.take_attempt(login=login, address=address, device=device, now=now)


def fail(times, **where):
    for _number in range(times):
        attempt(**where)


def wait_of(**where):
    with pytest.raises(services.Braked) as caught:
        attempt(**where)
    return caught.value.wait


def test_delay_doubles_after_the_free_failures_and_has_a_top(db):
    fail(PAIR.free)
    waits, now = [], NOW
    for _number in range(12):
        waits.append(wait_of(now=now))
        now += waits[-1]
        attempt(now=now)
    assert waits[:4] == [timedelta(seconds=s) for s in (15, 30, 60, 120)]
    assert max(waits) == PAIR.longest


def test_refused_attempt_is_not_counted_and_does_not_prolong_the_wait(db):
    fail(PAIR.free)
    for _number in range(5):
        wait_of()
    assert wait_of(now=NOW + timedelta(seconds=5)) == timedelta(seconds=10)


def test_failures_elsewhere_do_not_close_the_account_here(db):
    fail(PAIR.free, address=THERE)
    assert wait_of(address=THERE)
    attempt(address=HERE)


def test_address_that_tries_many_accounts_is_braked(db):
    for number in range(ADDRESS.free):
        attempt(login=f"p{number}@example.com")
    assert wait_of(login="fresh@example.com")
    attempt(login="fresh@example.com", address=THERE)


def test_spread_attack_closes_the_account_for_strangers_only(db):
    known = attempt(address=HERE)
    services.give_back(attempt=known, now=NOW)
    device = attempt(address=THERE, device="own-browser")
    services.give_back(attempt=device, now=NOW)
    for number in range(ACCOUNT.free):
        attempt(address=f"10.0.{number // 4}.{number % 4}")
    assert wait_of(address="10.9.9.9")
    attempt(address=HERE)
    attempt(address=THERE, device="own-browser")


def test_stolen_device_cookie_is_braked_too(db):
    fail(DEVICE.free, device="stolen")
    assert wait_of(device="stolen")
    attempt()


def test_success_clears_the_own_count_but_buys_no_guesses_for_the_address(db):
    for number in range(ADDRESS.free - 1):
        attempt(login=f"p{number}@example.com")
    services.give_back(attempt=attempt(login="mine@example.com"), now=NOW)
    attempt(login="victim@example.com")
    assert wait_of(login="victim@example.com")


def test_failures_are_forgotten_and_swept(db):
    fail(PAIR.free)
    later = NOW + PAIR.forget + timedelta(minutes=1)
    attempt(now=later)
    attempt(now=later)
    assert services.forget_old_failures(now=later + 3 * PAIR.forget) == 3
    assert not Brake.objects.exists()


def test_table_keeps_no_typed_text(db):
    fail(1, login="Secret-Typed-By-Mistake")
    assert not any("secret" in str(vars(row)).lower() for row in Brake.objects.all())


@pytest.mark.django_db(transaction=True)
def test_parallel_guesses_do_not_overtake_the_count():
    def guess(_number):
        try:
            attempt()
            return 1
        except services.Braked:
            return 0
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(guess, range(24))) == PAIR.free


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("rubbish", ""),
    ],
)
def test_address_of_a_customer(address, network):
    assert network_of(address) == network


# through the page


def guess_wrong(client, email, times=PAIR.free, **extra):
    for _number in range(times):
        client.post(LOGIN, {"login": email, "password": "wrong password"}, **extra)


def test_empty_cache_gives_no_attempts_back(person):  # noqa: F811
    client = Client()
    guess_wrong(client, person.email)
    cache.clear()
    response = sign_in(client, person.email)
    assert "Too many attempts. Try again in 15 seconds." in response.content.decode()
    assert not is_in(client)


def test_known_browser_gets_in_while_strangers_are_held(person):  # noqa: F811
    own = Client()
    sign_in(own, person.email)
    own.post("/accounts/logout/")
    guess_wrong(Client(), person.email)
    assert "Too many" in sign_in(Client(), person.email).content.decode()
    assert sign_in(own, person.email).status_code == 302


def test_known_browser_of_one_account_is_a_stranger_to_another(people, person):  # noqa: F811
    own = Client()
    sign_in(own, person.email)
    own.post("/accounts/logout/")
    guess_wrong(own, people.head.email)
    assert "Too many" in sign_in(own, people.head.email).content.decode()


@pytest.mark.parametrize("forged", ["x", "W10:1:1", ""])
def test_forged_device_cookie_is_nothing(person, forged):  # noqa: F811
    client = Client()
    client.cookies[settings.DEVICE_COOKIE_NAME] = forged
    assert sign_in(client, person.email).status_code == 302


def test_forwarded_address_counts_only_behind_a_configured_proxy(person, settings):  # noqa: F811
    forwarded = {"headers": {"X-Forwarded-For": f"{THERE}"}}
    guess_wrong(Client(), person.email, **forwarded)
    assert "Too many" in sign_in(Client(), person.email).content.decode()
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    elsewhere = Client(headers={"X-Forwarded-For": "192.0.2.77"})
    assert sign_in(elsewhere, person.email).status_code == 302
    too_few = Client(headers={"X-Forwarded-For": "192.0.2.78"})
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 3
    assert "Too many" in sign_in(too_few, person.email).content.decode()


def test_unknown_account_takes_the_time_of_a_known_one(person, settings):  # noqa: F811
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    person.set_password("correct horse battery")
    person.save()

    def seconds(email):
        times = []
        for number in range(5):
            Brake.objects.all().delete()
            start = time.perf_counter()
            sign_in(Client(REMOTE_ADDR=f"10.0.0.{number}"), email, "wrong password")
            times.append(time.perf_counter() - start)
        return statistics.median(times)

    known, unknown = seconds(person.email), seconds("nobody@example.com")
    assert 0.5 < known / unknown < 2


def test_unknown_account_is_braked_with_the_same_words(person):  # noqa: F811
    texts = []
    for number, email in enumerate((person.email, "nobody@example.com")):
        client = Client(REMOTE_ADDR=f"10.1.0.{number}")
        guess_wrong(client, email)
        texts.append(sign_in(client, email).context["form"].non_field_errors())
    assert texts[0] == texts[1]


def test_former_address_no_longer_signs_in(person):  # noqa: F811
    client = Client()
    sign_in(client, person.email)
    services.update_person(person=person, email="moved@example.com")
    assert sign_in(Client(), "manager@example.com").status_code == 200
    assert sign_in(Client(), "moved@example.com").status_code == 302


def test_opening_a_reset_link_changes_nothing_but_the_session(person):  # noqa: F811
    from tests.matrix.digest import digest

    client = Client()
    before = digest()
    assert client.get(f"/accounts/password/reset/key/{base36(person.pk)}-ab-cd/").status_code == 200
    cache.clear()
    assert client.get(f"/accounts/password/reset/key/{base36(person.pk)}-ab-cd/").status_code == 200
    assert digest() == before
