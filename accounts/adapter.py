"""How allauth fits this product: no sign-up, letters in the reader's language, our own address."""

import logging
import math
import time
from smtplib import SMTPException
from typing import Any
from urllib.parse import quote

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.internal.flows.login import get_authentication_records
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
from accounts.handlers import known_person, note_failure
from accounts.letters import tell
from accounts.middleware import SEEN_AT, SIGNED_IN_AT
from accounts.models import User
from accounts.querysets import with_factor_state
from records.devices import device_of

FRESH_FOR = 300
logger = logging.getLogger(__name__)


class EmailBackend(AuthenticationBackend):
    """Sign-in by the present e-mail; a deactivated person gets the answer of a wrong password."""

    def get_user(self, user_id: Any) -> AbstractBaseUser | None:
        """Who asks, with what the guard of the second factor has to know, by one query."""
        person = with_factor_state(User.objects.all()).filter(pk=user_id).first()
        return person if person and self.user_can_authenticate(person) else None

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

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Not in the first minutes after signing in: the person has just proved who it is."""
        records = get_authentication_records(self.request, self.request.user)
        if records and time.time() - records[-1]["at"] < FRESH_FOR:
            return False
        return super().is_reauthentication_required(app=app, **kwargs)

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse:
        request.session[SEEN_AT] = request.session[SIGNED_IN_AT] = int(time.time())
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
            try:
                super().send_password_reset_mail(user, user.email, context)
            except (SMTPException, OSError):  # the same page as for an unknown address
                logger.exception("a letter with a reset link was not sent")

    def send_notification_mail(
        self, template_prefix: str, user: Any, context: Any = None, email: Any = None
    ) -> None:
        tell(
            user,
            template_prefix,
            ip=self.get_client_ip(self.request),
            device=device_of(self.request.META.get("HTTP_USER_AGENT", "")),
        )


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
        note_failure(request, known_person(login), braked=True)
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
