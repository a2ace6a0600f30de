"""How allauth fits this product: no sign-up, letters in the reader's language, our own address."""

import math
from typing import Any
from urllib.parse import quote

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.core import context
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ImproperlyConfigured, PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts import services
from accounts.devices import known_device, network_of, remember_device
from accounts.models import User


class EmailBackend(AuthenticationBackend):
    """Sign-in by the present e-mail; a deactivated person gets the answer of a wrong password."""

    @classmethod
    def _stash_user(cls, user: AbstractBaseUser | None) -> AbstractBaseUser | None:
        return None

    def _authenticate_by_email(self, email: str, password: str) -> AbstractBaseUser | None:
        """Only the address the person has now; allauth would also take former ones."""
        person = User.objects.filter(email=email.strip().lower()).first()
        return self._check_password(person, password)


class AccountAdapter(DefaultAccountAdapter):
    """People are added by an administrator; letters never trust the Host header."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": gettext_lazy("The e-mail or the password is wrong."),
        "enter_current_password": gettext_lazy("This is not your present password."),
        "incorrect_password": gettext_lazy("The password is wrong."),
        "rate_limited": gettext_lazy("Too many attempts. Wait a little and try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        try:
            return super().get_client_ip(request)
        except (ImproperlyConfigured, PermissionDenied):
            # Fewer hops than configured, or a socket without an address: counted as one place.
            return request.META.get("REMOTE_ADDR") or "0.0.0.0"  # noqa: S104 - not a binding

    # guessing

    def authenticate(self, request: HttpRequest, **credentials: Any) -> AbstractBaseUser | None:
        """The password is looked at only when neither the account, nor the place is braked."""
        attempt = take_attempt(request, credentials.get("email", ""))
        person = authenticate(request, **credentials)
        if person is not None:
            services.give_back(attempt=attempt, now=timezone.now())
        return person

    def reauthenticate(self, user: Any, password: str) -> bool:
        person = self.authenticate(context.request, email=user.email, password=password)
        return person is not None and person.pk == user.pk

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse:
        response = super().post_login(request, user, **kwargs)
        remember_device(request, response, user.email)
        return response

    def respond_user_inactive(self, request: HttpRequest, user: Any) -> HttpResponse:
        messages.error(request, _("The e-mail or the password is wrong."))
        return HttpResponseRedirect(reverse("account_login"))

    # letters

    def format_email_subject(self, subject: str) -> str:
        return f"{settings.PRODUCT_NAME}: {subject}"

    def get_reset_password_from_key_url(self, key: str) -> str:
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        return settings.BASE_URL.rstrip("/") + path.replace("UID-KEY", quote(key))

    def send_password_reset_mail(
        self, user: AbstractBaseUser, email: str, context: dict[str, Any]
    ) -> None:
        language = getattr(user, "language", None) or settings.LANGUAGE_CODE
        with translation.override(language):
            super().send_password_reset_mail(user, user.email, context)


def take_attempt(request: HttpRequest, login: str) -> services.Attempt:
    """Count an attempt of this browser; while it is braked, an error that says how long."""
    address = network_of(AccountAdapter(request).get_client_ip(request))
    try:
        return services.take_attempt(
            login=login,
            address=address,
            device=known_device(request, login),
            now=timezone.now(),
        )
    except services.Braked as brake:
        raise ValidationError(wait_in_words(brake.wait.total_seconds()), code="braked") from brake


def wait_in_words(seconds: float) -> str:
    """The refusal, with whole seconds or minutes to wait."""
    if seconds < 60:
        number = math.ceil(seconds)
        return ngettext(
            "Too many attempts. Try again in %(number)d second.",
            "Too many attempts. Try again in %(number)d seconds.",
            number,
        ) % {"number": number}
    number = math.ceil(seconds / 60)
    return ngettext(
        "Too many attempts. Try again in %(number)d minute.",
        "Too many attempts. Try again in %(number)d minutes.",
        number,
    ) % {"number": number}
