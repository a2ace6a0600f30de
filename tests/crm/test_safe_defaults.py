"""What every answer says to the browser, what may come in and how fast, what the log looks like."""

import json
import logging
import subprocess
import sys
from io import BytesIO

import pytest
from django.conf import settings
from django.test import Client

from crm.cli.folders import ROOT
from crm.log_lines import LineFormatter
from records.models import AuditEntry, Deed
from tests import factories as make
from tests.crm.test_deploy import production
from tests.people import PASSWORD

pytestmark = pytest.mark.django_db
ELSEWHERE = {"Sec-Fetch-Site": "cross-site"}


def test_every_answer_carries_the_headers_of_the_browser(people, sign_in):
    make.company(people.manager)
    client = sign_in(people.manager)
    for url in ("/", "/companies/", "/companies/0/", "/pick/company/?q=x", "/accounts/login/"):
        answer = client.get(url)
        policy = answer["Content-Security-Policy"]
        for rule in ("default-src 'self'", "object-src 'none'", "base-uri 'none'"):
            assert rule in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Referrer-Policy"] == "same-origin"
        assert "Access-Control-Allow-Origin" not in answer
        kind = answer.get("Content-Type", "")
        assert "charset=utf-8" in kind or kind == "application/json"


def test_pages_of_a_person_are_kept_by_no_cache_and_leave_with_the_session(people, sign_in):
    client = sign_in(people.manager)
    assert "no-store" in client.get("/companies/")["Cache-Control"]
    answer = client.post("/accounts/logout/")
    assert answer["Clear-Site-Data"] == '"storage"'
    assert "no-store" in answer["Cache-Control"]


def test_part_of_a_page_whose_session_has_ended_leads_the_page_to_sign_in(db):
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/deals/?q=a&sort=new"}
    answer = Client().get("/accounts/notifications/badge/", headers=headers)
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer["HX-Redirect"] == "/accounts/login/?next=/deals/%3Fq%3Da%26sort%3Dnew"
    headers["HX-Current-URL"] = "http://[::1"
    answer = Client().get("/accounts/notifications/badge/", headers=headers)
    assert answer["HX-Redirect"] == "/accounts/login/?next=/"


@pytest.fixture(scope="module")
def in_production(tmp_path_factory):
    """The settings of production; the secret key comes from a file, as a vault writes it."""
    secret = tmp_path_factory.mktemp("vault") / "key"
    secret.write_text("from-a-vault-" * 5)
    words = (
        "import json; from django.conf import settings as s;"
        "found = {n: getattr(s, n) for n in dir(s) if n.isupper()};"
        "print(json.dumps(found, default=lambda x: None, skipkeys=True))"
    )
    done = subprocess.run(
        [sys.executable, "-c", words],
        cwd=ROOT,
        env=production(SECRET_KEY_FILE=str(secret)),
        capture_output=True,
        check=True,
    )
    return json.loads(done.stdout)


def test_secrets_may_come_from_files(in_production):
    assert in_production["SECRET_KEY"] == "from-a-vault-" * 5


def test_production_cookies_are_bound_to_the_host_over_tls(in_production):
    found = in_production
    names = [found[f"{name}_COOKIE_NAME"] for name in ("SESSION", "CSRF", "LANGUAGE", "DEVICE")]
    assert all(name.startswith("__Host-") for name in names)
    for name in ("SESSION", "CSRF"):
        assert found[f"{name}_COOKIE_SECURE"] is found[f"{name}_COOKIE_HTTPONLY"] is True
        assert found[f"{name}_COOKIE_SAMESITE"] == "Lax"
        assert found[f"{name}_COOKIE_PATH"] == "/"
        assert found[f"{name}_COOKIE_DOMAIN"] is None
    assert found["SECURE_HSTS_SECONDS"] >= 31_536_000
    assert found["SECURE_HSTS_INCLUDE_SUBDOMAINS"] is found["SECURE_SSL_REDIRECT"] is True
    assert found["DEBUG"] is False


def test_cookies_are_for_the_server_alone(people):
    people.manager.set_password(PASSWORD)
    people.manager.save(update_fields=["password"])
    client = Client()
    client.get("/accounts/login/")
    client.post("/accounts/login/", {"login": people.manager.email, "password": PASSWORD})
    client.post("/accounts/language/", {"language": "uk"})
    assert len(client.cookies) == 4
    for cookie in client.cookies.values():
        assert cookie["httponly"], cookie.key
        assert cookie["samesite"] == "Lax"
        assert (cookie["path"], cookie["domain"]) == ("/", "")


def test_programs_are_not_led_to_https(settings, client):
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
    assert client.get("/healthz").status_code == 200
    assert client.get("/accounts/login/")["Location"].startswith("https://")


def test_a_site_of_a_client_is_a_web_address_or_text(people, sign_in):
    client = sign_in(people.manager)
    for site, link in (
        ("example.com/a?b", "https://example.com/a?b"),
        ("HTTP://example.com", "HTTP://example.com"),
        ("javascript:alert(1)", ""),
        ("data:text/html,x", ""),
    ):
        company = make.company(people.manager, website=site)
        assert company.site_url == link
        assert 'href="javascript:' not in client.get(company.get_absolute_url()).content.decode()


def test_trace_is_refused(people, sign_in):
    for client, url in (
        (sign_in(people.admin), "/companies/"),
        (Client(), "/accounts/login/"),
        (Client(), "/healthz"),
    ):
        assert client.trace(url).status_code == 405


# another site


@pytest.mark.parametrize(
    ("url", "mode", "dest", "status"),
    [
        ("/companies/", "navigate", "document", 200),
        ("/companies/", "navigate", "iframe", 403),
        ("/companies/", "no-cors", "image", 403),
        ("/companies/", "cors", "empty", 403),
        ("/companies/export/?file=csv", "navigate", "document", 403),
        ("/reports/funnel/?file=csv", "navigate", "document", 403),
    ],
)
def test_another_site_may_link_and_no_more(people, sign_in, url, mode, dest, status):
    headers = {**ELSEWHERE, "Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": dest}
    assert sign_in(people.admin).get(url, headers=headers).status_code == status


# how much and how fast


def test_body_over_the_cap_is_refused_and_files_are_dropped(settings, people):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 4000
    client = Client()

    def send(size):
        file = BytesIO(b"x" * size)
        file.name = "photo.png"
        return client.post("/accounts/login/", {"login": "a@example.com", "file": file})

    assert send(5000).status_code == 400
    answer = send(100)
    assert answer.status_code == 200
    assert not answer.wsgi_request.FILES


def test_person_asks_only_so_fast(people, sign_in, settings):
    settings.REQUESTS_PER_MINUTE = 3
    client, other = sign_in(people.manager), sign_in(people.colleague)
    answers = [client.get("/accounts/profile/") for _ in range(4)]
    assert [answer.status_code for answer in answers][:2] == [200, 200]
    assert answers[-1].status_code in (200, 429)  # the minute may have changed meanwhile
    if answers[-1].status_code == 429:
        assert 0 < int(answers[-1]["Retry-After"]) <= 60
        assert other.get("/accounts/profile/").status_code == 200


def test_files_are_counted_by_the_hour(people, sign_in, settings):
    settings.EXPORTS_PER_HOUR = 2
    client = sign_in(people.admin)
    answers = [client.get("/companies/export/?file=csv") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert AuditEntry.objects.filter(deed=Deed.EXPORT).count() == 2
    assert client.get("/companies/").status_code == 200


# the log


def test_nothing_a_stranger_sends_forges_a_line():
    formatter = LineFormatter()
    told = "path /x\n2026-01-01T00:00:00Z INFO forged\x1b[2J\u202e"
    try:
        raise ValueError(told)
    except ValueError:
        record = logging.LogRecord("crm", logging.ERROR, "f.py", 1, "%s", (told,), sys.exc_info())
    lines = formatter.format(record).splitlines()
    assert lines[0].endswith(r"INFO forged\x1b[2J\u202e")
    assert all(line.startswith("  ") for line in lines[1:])
    assert lines[0][10] == "T"
    assert lines[0][19] == "Z"


def test_a_page_has_a_minute_of_the_database():
    from django.db import connection

    from crm.wsgi import limit_statements

    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        before = cursor.fetchone()[0]
        limit_statements(None, connection)
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone()[0] == "1min"
        cursor.execute("SELECT set_config('statement_timeout', %s, false)", [before])
    assert settings.DATABASES["default"]["STATEMENT_SECONDS"] == 60
