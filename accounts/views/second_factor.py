"""Second factor: app, passkeys, recovery codes; asked for at sign-in and before its own change.

Thin doors over allauth's views. Recovery codes are shown only in the session that made them and
only for ten minutes, so that a GET writes nothing.
"""

import time
from typing import Any

from allauth.account import views as account_views
from allauth.account.decorators import reauthentication_required
from allauth.mfa.base import views as base_views
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.flows import generate_recovery_codes
from allauth.mfa.totp import views as app_views
from allauth.mfa.webauthn import views as passkey_views
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse, reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from accounts.querysets import requires_second_factor
from accounts.second_factor import FACTORS, FactorAdapter
from accounts.views.sessions import renew_key
from records.policy import PERSON, PUBLIC
from records.views import Door, go_to

SHOWN_FOR = 600
SHOW_UNTIL = "recovery_codes_until"
OVERVIEW = reverse_lazy("mfa_index")


def codes_of(user: Any) -> list[str]:
    """Recovery codes that are left."""
    rows = Authenticator.objects.filter(user=user, type=Authenticator.Type.RECOVERY_CODES)
    row = rows.first()
    return row.wrap().get_unused_codes() if row else []


def passkeys_of(user: Any) -> Any:
    """Passkeys, the oldest first."""
    rows = Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN)
    return rows.order_by("pk")


def app_of(user: Any) -> Authenticator | None:
    """The app, when one is set up."""
    return Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).first()


class SecondFactor(Door, TemplateView):
    """What protects the account now, and what may be added."""

    policy = PERSON
    template_name = "mfa/index.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = self.request.user
        app, passkeys = app_of(user), list(passkeys_of(user))
        return super().get_context_data(
            app=app,
            passkeys=passkeys,
            codes_left=len(codes_of(user)),
            is_on=bool(app or passkeys),
            is_required=requires_second_factor(user),
            **kwargs,
        )


class Borrowed(Door):
    """A door over a view of the library, which acts before it looks at the method."""

    http_method_names = ["get", "head", "post", "options"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Foreign methods first, then `enter`, then the library."""
        method = (request.method or "").lower()
        if method not in self.http_method_names:
            return self.http_method_not_allowed(request)
        if method == "options":
            return self.options(request)
        return self.enter() or super().dispatch(request, *args, **kwargs)

    def enter(self) -> HttpResponse | None:
        """An answer instead of the library's, or nothing."""
        return None


class AskForCode(Borrowed, base_views.AuthenticateView):
    """The second step of sign-in."""

    policy = PUBLIC


class Confirmed(Borrowed):
    """Who has just proved to be the person goes on under a new session key."""

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        renew_key(self.request)
        return response


class ConfirmByPassword(Confirmed, account_views.ReauthenticateView):
    """The password once more before the protection is changed."""

    policy = PERSON


class ConfirmByCode(Confirmed, base_views.ReauthenticateView):
    """The code once more before the protection is changed."""

    policy = PERSON


class ConfirmByPasskey(Confirmed, passkey_views.ReauthenticateWebAuthnView):
    """The passkey once more before the protection is changed."""

    policy = PERSON


class CodesFollow:
    """After the first factor its recovery codes are shown."""

    def get_success_url(self) -> str:
        if self.did_generate_recovery_codes:
            self.request.session[SHOW_UNTIL] = int(time.time()) + SHOWN_FOR
            return reverse("mfa_view_recovery_codes")
        return str(OVERVIEW)


class AppAdd(Borrowed, CodesFollow, app_views.ActivateTOTPView):
    """The app: a QR code, then the first code."""

    policy = PERSON


class AppRemove(Borrowed, app_views.DeactivateTOTPView):
    """The app no longer opens the account."""

    policy = PERSON

    def enter(self) -> HttpResponse | None:
        """Without an app there is nothing to remove."""
        return None if app_of(self.request.user) else go_to(self.request, str(OVERVIEW))


class PasskeyAdd(Borrowed, CodesFollow, passkey_views.AddWebAuthnView):
    """A passkey of this device, a phone or a hardware key."""

    policy = PERSON


class PasskeyRemove(Borrowed, passkey_views.RemoveWebAuthnView):
    """The key no longer opens the account."""

    policy = PERSON
    success_url = OVERVIEW

    def enter(self) -> None:
        """Somebody else's key is not found, before anything is asked."""
        get_object_or_404(passkeys_of(self.request.user), pk=self.kwargs["pk"])

    def form_valid(self, form: Any) -> HttpResponse:
        adapter = FactorAdapter()
        if not adapter.can_delete_authenticator(self.get_object()):
            form.add_error(None, adapter.error_messages["cannot_delete_authenticator"])
            return self.render_to_response(self.get_context_data(form=form), status=422)
        return super().form_valid(form)


class PasskeySignIn(Borrowed, passkey_views.LoginWebAuthnView):
    """In by a passkey instead of e-mail, password and code."""

    policy = PUBLIC


@method_decorator(reauthentication_required(app="allauth.mfa"), name="post")
class RecoveryCodes(Door, TemplateView):
    """Codes for the day the device is lost: new ones by POST, shown for ten minutes."""

    policy = PERSON
    http_method_names = ["get", "post"]
    template_name = "mfa/recovery_codes/index.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        codes = codes_of(self.request.user)
        return super().get_context_data(
            codes=codes if self.may_show() else [], codes_left=len(codes), **kwargs
        )

    def may_show(self) -> bool:
        """This session made them just now."""
        return self.request.session.get(SHOW_UNTIL, 0) > time.time()

    def post(self, request: HttpRequest) -> HttpResponse:
        if not Authenticator.objects.filter(user=request.user, type__in=FACTORS).exists():
            messages.error(request, _("First add an app or a passkey."))
            return go_to(request, str(OVERVIEW))
        generate_recovery_codes(request)
        request.session[SHOW_UNTIL] = int(time.time()) + SHOWN_FOR
        return go_to(request, reverse("mfa_view_recovery_codes"))


class RecoveryCodesFile(RecoveryCodes):
    """The same codes as a text file."""

    http_method_names = ["get"]

    def get(self, request: HttpRequest) -> HttpResponse:
        codes = codes_of(request.user)
        if not codes or not self.may_show():
            return go_to(request, reverse("mfa_view_recovery_codes"))
        title = f"{settings.PRODUCT_NAME}, {request.user.email}"
        response = HttpResponse(
            "\r\n".join([title, "", *codes, ""]), content_type="text/plain; charset=utf-8"
        )
        response["Content-Disposition"] = 'attachment; filename="recovery-codes.txt"'
        response["Cache-Control"] = "no-store, private"
        return response
