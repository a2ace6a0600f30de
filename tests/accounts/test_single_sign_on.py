"""Single sign-on against a real small OpenID Connect provider on this machine."""

import hmac
import json
import time
from base64 import urlsafe_b64encode
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
import requests
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.test import Client
from oidc_provider_mock import User as Identity
from oidc_provider_mock import run_server_in_thread

from accounts import services
from accounts.models import User
from accounts.single_sign_on import claims_of
from tests.accounts.test_second_factor import code_of, set_up
from tests.accounts.test_sign_in import OPEN_REDIRECTS, is_in, person, sign_in  # noqa: F401

START, LOGIN = "/accounts/sso/company/", "/accounts/login/"


def identity(sub, email, *, verified=True):
    return Identity(sub=sub, claims={"email": email, "email_verified": verified})


@pytest.fixture
def provider(settings):
    people = [
        identity("known", "Manager@Example.com"),
        identity("unverified", "manager@example.com", verified=False),
        identity("words", "manager@example.com", verified="false"),
        identity("stranger", "stranger@example.com"),
        identity("colleague", "colleague@example.com"),
    ]
    with run_server_in_thread(user_claims=people) as server:
        url = f"http://localhost:{server.server_port}"
        app = {
            "provider_id": "company",
            "name": "Keycloak",
            "client_id": "crm",
            "secret": "secret",
            "settings": {"server_url": url},
        }
        settings.SOCIALACCOUNT_PROVIDERS = {
            "openid_connect": {"APPS": [app], "OAUTH_PKCE_ENABLED": True}
        }
        settings.OIDC_URL, settings.OIDC_NAME = url, "Keycloak"
        settings.BASE_URL = "http://testserver"
        yield url


def at_provider(client, sub, **query) -> str:
    """The address on this site to which the provider sends the browser back."""
    answer = client.get(START, query)
    assert answer.status_code == 302, answer.content
    asked = requests.post(answer["Location"], data={"sub": sub}, allow_redirects=False, timeout=10)
    back = asked.headers["Location"]
    assert back.startswith("http://testserver/accounts/sso/company/back/")
    return back.removeprefix("http://testserver")


def through(client, sub, **query):
    return client.get(at_provider(client, sub, **query))


def test_known_person_gets_in_by_the_verified_address(person, provider):  # noqa: F811
    client = Client()
    client.cookies["sessionid"] = "preset0000000000000000000000000"
    assert through(client, "known")["Location"] == "/"
    assert client.get("/accounts/profile/").context["user"] == person
    assert not SocialAccount.objects.exists()


@pytest.mark.parametrize("sub", ["stranger", "unverified", "words"])
def test_nobody_else_gets_in_and_nobody_is_added(person, provider, sub):  # noqa: F811
    client, before = Client(), User.objects.count()
    answer = client.get(at_provider(client, sub), follow=True)
    assert "There is no active person here" in answer.content.decode()
    assert not is_in(client)
    assert User.objects.count() == before


def test_deactivated_person_does_not_get_in(people, provider):
    services.deactivate_person(person=people.colleague)
    client = Client()
    through(client, "colleague")
    assert not is_in(client)


def test_second_factor_is_asked_for_as_well(person, provider):  # noqa: F811
    first = Client()
    sign_in(first, person.email)
    secret, _codes = set_up(first)
    client = Client()
    assert through(client, "known")["Location"] == "/accounts/login/code/"
    assert not is_in(client)
    client.post("/accounts/login/code/", {"code": code_of(secret, 1)})
    assert is_in(client)


def test_answer_counts_only_in_the_browser_that_asked(person, provider):  # noqa: F811
    back = at_provider(Client(), "known")
    victim = Client()
    assert victim.get(back)["Location"] == LOGIN
    assert not is_in(victim)


def test_code_works_once(person, provider):  # noqa: F811
    client = Client()
    back = at_provider(client, "known")
    client.get(back)
    client.post("/accounts/logout/")
    assert client.get(back)["Location"] == LOGIN
    assert not is_in(client)


def test_request_carries_a_challenge_and_the_configured_address(person, provider, settings):  # noqa: F811
    settings.BASE_URL = "https://crm.example.com"
    query = parse_qs(urlsplit(Client().get(START)["Location"]).query)
    assert query["code_challenge_method"] == ["S256"]
    assert min(len(query["state"][0]), len(query["nonce"][0])) >= 22  # 128 bits
    assert query["redirect_uri"] == ["https://crm.example.com/accounts/sso/company/back/"]


def test_refusal_at_the_provider_leads_back(person, provider):  # noqa: F811
    client = Client()
    state = parse_qs(urlsplit(client.get(START)["Location"]).query)["state"][0]
    answer = client.get(f"{START}back/", {"error": "access_denied", "state": state}, follow=True)
    assert "did not work" in answer.content.decode()


@pytest.mark.parametrize("target", OPEN_REDIRECTS)
def test_next_never_leaves_the_site(person, provider, target):  # noqa: F811
    assert through(Client(), "known", next=target)["Location"] == "/"


def test_next_inside_the_site_is_followed(person, provider):  # noqa: F811
    assert through(Client(), "known", next="/settings/")["Location"] == "/settings/"


def test_provider_that_is_down_leads_back(db, provider, settings):
    app = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]
    app["settings"]["server_url"] = "http://127.0.0.1:9"
    answer = Client().get(START, follow=True)
    assert "did not work" in answer.content.decode()


def test_button_is_there_only_when_configured(db, provider, settings):
    assert "Keycloak" in Client().get(LOGIN).content.decode()
    settings.OIDC_URL = ""
    settings.SOCIALACCOUNT_PROVIDERS = {}
    assert "Keycloak" not in Client().get(LOGIN).content.decode()
    assert Client().get(START)["Location"] == LOGIN


def test_metadata_of_another_issuer_are_refused(person, provider, settings):  # noqa: F811
    app = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]
    app["settings"]["openid_configuration_overrides"] = {"issuer": "https://evil.example"}
    client = Client()
    assert client.get(START)["Location"] == LOGIN
    assert not is_in(client)


def test_token_signed_by_another_key_is_refused(person, provider, settings):  # noqa: F811
    with run_server_in_thread() as other:
        keys = f"http://localhost:{other.server_port}/jwks"
        app = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]
        app["settings"]["openid_configuration_overrides"] = {"jwks_uri": keys}
        client = Client()
        assert through(client, "known")["Location"] == LOGIN
    assert not is_in(client)


def test_token_for_another_request_is_refused(person, provider):  # noqa: F811
    client = Client()
    back = at_provider(client, "known")
    session = client.session
    for kept, *_rest in session["socialaccount_states"].values():
        kept["nonce"] = "of-another-request"
    session.save()
    assert client.get(back)["Location"] == LOGIN
    assert not is_in(client)


KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PUBLIC = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key())) | {"kid": "a"}
PEM = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def forged_with(secret: bytes, payload: dict) -> str:
    """HS256 over the public key; the library refuses to make such a token."""
    parts = [{"alg": "HS256", "kid": "a"}, payload]
    head = b".".join(urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in parts)
    sign = hmac.new(secret, head, "sha256").digest()
    return (head + b"." + urlsafe_b64encode(sign).rstrip(b"=")).decode()


def test_id_token_is_believed_only_when_everything_is_right():
    now = int(time.time())
    good = {"iss": "https://id", "sub": "1", "aud": "crm", "exp": now + 60, "iat": now}

    def read(token):
        return claims_of(token, {"keys": [PUBLIC]}, issuer="https://id", audience="crm")

    def signed(**changes):
        return jwt.encode(good | changes, KEY, "RS256", headers={"kid": "a"})

    assert read(signed())["sub"] == "1"
    bad = [
        signed(iss="https://evil"),
        signed(aud="other"),
        signed(exp=now - 60),
        signed(nbf=now + 600),
        jwt.encode(good, "", "none", headers={"kid": "a"}),
        jwt.encode(good, KEY, "RS256", headers={"kid": "b"}),
        jwt.encode({"sub": "1"}, KEY, "RS256", headers={"kid": "a"}),
        forged_with(PEM, good),
        signed()[:-4] + "AAAA",
    ]
    for token in bad:
        with pytest.raises(OAuth2Error):
            read(token)
