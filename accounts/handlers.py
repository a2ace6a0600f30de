"""Signing in, out and failing to, a new password, a new factor: they go into the audit log."""

from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.signals import password_changed, password_reset
from allauth.mfa.signals import (
    authentication_failed,
    authenticator_added,
    authenticator_removed,
    authenticator_reset,
)
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.http import HttpRequest

from accounts.models import User
from records import audit
from records.models import Deed


def signed_in(sender: Any, request: HttpRequest | None, user: Any, **kwargs: Any) -> None:
    """A person came in, and by what: password, app, passkey, recovery code, single sign-on."""
    records = get_authentication_records(request, user) if request is not None else []
    means = [str(record.get("type") or record.get("method")) for record in records]
    _note(request, Deed.SIGN_IN, user, **({"by": means} if means else {}))


def signed_out(sender: Any, request: HttpRequest | None, user: Any, **kwargs: Any) -> None:
    """A person left; a click without a session is nothing."""
    if user is not None:
        _note(request, Deed.SIGN_OUT, user)


def failed(sender: Any, request: HttpRequest | None = None, **kwargs: Any) -> None:
    """A wrong password or an unknown account, which is left unnamed: what was typed is not kept."""
    typed = str((kwargs.get("credentials") or {}).get("email", ""))
    note_failure(request, known_person(typed), by=["password"])


def known_person(typed: str) -> User | None:
    """Whose account was meant."""
    email = typed.strip().lower()[:254]
    return User.objects.filter(email=email).first() if "\0" not in email else None


def note_failure(request: HttpRequest | None, person: Any, **details: Any) -> None:
    """An attempt that did not get in: a wrong password or code, or one that came too soon."""
    _note(request, Deed.SIGN_IN_FAILED, person, **details)


def wrong_code(sender: Any, request: HttpRequest, user: Any, **kwargs: Any) -> None:
    """The second step failed."""
    note_failure(request, user, by=[kwargs["authenticator"].type])


def factor_changed(sender: Any, request: HttpRequest, user: Any, **kwargs: Any) -> None:
    """A factor or the recovery codes were added, made anew or taken away."""
    _note(request, Deed.FACTOR, user, by=[kwargs["authenticator"].type])


def password_set(sender: Any, request: HttpRequest, user: Any, **kwargs: Any) -> None:
    """Changed on the page or by a letter."""
    _note(request, Deed.PASSWORD, user)


def _note(request: HttpRequest | None, deed: Deed, user: Any, **details: Any) -> None:
    if request is not None and "REMOTE_ADDR" in request.META:
        audit.write(request, deed, user=user, details=details)


def connect() -> None:
    """Listen once."""
    user_logged_in.connect(signed_in, dispatch_uid="audit_signed_in")
    user_logged_out.connect(signed_out, dispatch_uid="audit_signed_out")
    user_login_failed.connect(failed, dispatch_uid="audit_sign_in_failed")
    password_changed.connect(password_set, dispatch_uid="audit_password_changed")
    password_reset.connect(password_set, dispatch_uid="audit_password_reset")
    authentication_failed.connect(wrong_code, dispatch_uid="audit_wrong_code")
    for signal in (authenticator_added, authenticator_removed, authenticator_reset):
        signal.connect(factor_changed, dispatch_uid="audit_factor_changed")
