"""Single sign-on by OpenID Connect: opens the door for people who are already here, adds nobody."""

import logging
import secrets
from typing import Any

import jwt
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter, get_adapter
from allauth.socialaccount.internal import statekit
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from accounts.models import User

logger = logging.getLogger(__name__)
SIGNATURES = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "EdDSA"),
)
"""Of a key pair only: with a shared secret whoever knows the public key could sign."""
NEEDED = ["iss", "sub", "aud", "exp", "iat"]
CLOCKS_DIFFER = 30  # seconds
statekit.STATE_ID_LENGTH = 24  # letters and digits: 142 bits; the library's 16 are 95
WELL_KNOWN = "/.well-known/"


def claims_of(token: str, keys: dict[str, Any], *, issuer: str, audience: str) -> dict[str, Any]:
    """What an ID token says, once its signature, issuer, audience and time are right.

    `keys` is the key set of the configured issuer; keys and addresses named by the token itself
    are never looked at. Raises OAuth2Error.
    """
    try:
        number = jwt.get_unverified_header(token).get("kid")
        known = [key for key in jwt.PyJWKSet.from_dict(keys).keys if number in (None, key.key_id)]
        if len(known) != 1:
            raise OAuth2Error("the ID token is signed by an unknown key")
        return jwt.decode(
            token,
            key=known[0].key,
            algorithms=list(SIGNATURES),
            issuer=issuer,
            audience=audience,
            leeway=CLOCKS_DIFFER,
            options={"require": NEEDED},
        )
    except jwt.PyJWTError as error:
        raise OAuth2Error("the ID token is not valid") from error


def back_to_sign_in(request: HttpRequest, text: str) -> HttpResponseRedirect:
    """To the sign-in page with a sentence."""
    messages.error(request, text)
    return HttpResponseRedirect(reverse("account_login"))


class SingleSignOnAdapter(DefaultSocialAccountAdapter):
    """The person is found by the verified e-mail each time; nothing about it is stored here."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def get_requests_session(self) -> Any:
        """Talks only to the addresses the provider names: a redirect is an error."""
        session = super().get_requests_session()
        session.max_redirects = 0
        return session

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """An active person with the verified address, or back to sign-in."""
        if not is_answer(sociallogin):
            logger.warning("single sign-on: the ID token answers another request")
            raise ImmediateHttpResponse(did_not_work(request))
        verified = [
            row.email.strip().lower()
            for row in sociallogin.email_addresses
            if row.verified is True and row.email
        ]
        person = User.objects.filter(email__in=verified, is_active=True).first()
        if person is None:
            text = _("There is no active person here with that e-mail. Ask your administrator.")
            raise ImmediateHttpResponse(back_to_sign_in(request, text))
        sociallogin.user = person

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: Any = None,
        exception: Any = None,
        **more: Any,
    ) -> None:
        logger.warning("single sign-on failed: %s %s", error, exception)
        raise ImmediateHttpResponse(did_not_work(request))


def is_answer(sociallogin: SocialLogin) -> bool:
    """The ID token carries the number of this very request, and speaks of the same person."""
    told = sociallogin.account.extra_data
    claims, person = told.get("id_token") or {}, told.get("userinfo") or {}
    asked = sociallogin.state.get("nonce") or ""
    is_same = person.get("sub", claims.get("sub")) == claims.get("sub")
    return bool(asked) and is_same and constant_time_compare(claims.get("nonce") or "", asked)


def did_not_work(request: HttpRequest) -> HttpResponseRedirect:
    """The provider did not answer, refused, or the answer is not for this browser."""
    text = _("Signing in with %(name)s did not work. Try again or use the password.")
    return back_to_sign_in(request, text % {"name": settings.OIDC_NAME})


class ProviderAdapter(OpenIDConnectOAuth2Adapter):
    """Comes back to the configured address; believes only what the configured issuer signed."""

    @property
    def openid_config(self) -> dict[str, Any]:
        """What the provider says of itself. Raises ValueError when it is another one."""
        config = super().openid_config
        expected = self.get_provider().server_url.split(WELL_KNOWN)[0].rstrip("/")
        if str(config["issuer"]).rstrip("/") != expected:
            raise ValueError(f"the provider calls itself {config['issuer']}, not {expected}")
        return config

    def get_callback_url(self, request: HttpRequest, app: Any) -> str:
        path = reverse("openid_connect_callback", kwargs={"provider_id": self.provider_id})
        return settings.BASE_URL.rstrip("/") + path

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **kwargs: Any) -> Any:
        """An answer without an ID token is none."""
        if not kwargs["response"].get("id_token"):
            raise OAuth2Error("the provider sent no ID token")
        return super().complete_login(request, app, token, **kwargs)

    def _decode_id_token(self, app: Any, id_token: str) -> dict[str, Any]:
        with get_adapter().get_requests_session() as session:
            answer = session.get(self.openid_config["jwks_uri"], allow_redirects=False)
            answer.raise_for_status()
        issuer = self.openid_config["issuer"]
        return claims_of(id_token, answer.json(), issuer=issuer, audience=app.client_id)


def new_request(provider: Any) -> dict[str, Any]:
    """What is asked of the provider and kept for the answer: a number nobody can guess."""
    nonce = secrets.token_urlsafe(24)
    return {"nonce": nonce, "auth_params": {**provider.get_auth_params(), "nonce": nonce}}
