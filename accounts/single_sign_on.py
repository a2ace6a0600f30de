"""Single sign-on by OpenID Connect: opens the door for people who are already here, adds nobody."""

import logging
from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User

logger = logging.getLogger(__name__)


def back_to_sign_in(request: HttpRequest, text: str) -> HttpResponseRedirect:
    """To the sign-in page with a sentence."""
    messages.error(request, text)
    return HttpResponseRedirect(reverse("account_login"))


class SingleSignOnAdapter(DefaultSocialAccountAdapter):
    """The person is found by the verified e-mail each time; nothing about it is stored here."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """An active person with the verified address, or back to sign-in."""
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


def did_not_work(request: HttpRequest) -> HttpResponseRedirect:
    """The provider did not answer, refused, or the answer is not for this browser."""
    text = _("Signing in with %(name)s did not work. Try again or use the password.")
    return back_to_sign_in(request, text % {"name": settings.OIDC_NAME})


class ProviderAdapter(OpenIDConnectOAuth2Adapter):
    """Comes back to the configured address, never to the Host of the request."""

    def get_callback_url(self, request: HttpRequest, app: Any) -> str:
        path = reverse("openid_connect_callback", kwargs={"provider_id": self.provider_id})
        return settings.BASE_URL.rstrip("/") + path
