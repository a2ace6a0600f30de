"""Signing in, out and failing to, and a new password go into the audit log."""

from typing import Any

from allauth.account.signals import password_changed, password_reset
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.http import HttpRequest

from accounts.models import User
from records import audit
from records.models import Deed


def signed_in(sender: Any, request: HttpRequest | None, user: Any, **kwargs: Any) -> None:
    """A person came in."""
    _note(request, Deed.SIGN_IN, user)


def signed_out(sender: Any, request: HttpRequest | None, user: Any, **kwargs: Any) -> None:
    """A person left; a click without a session is nothing."""
    if user is not None:
        _note(request, Deed.SIGN_OUT, user)


def failed(sender: Any, request: HttpRequest | None = None, **kwargs: Any) -> None:
    """A wrong password or an unknown account, which is left unnamed: what was typed is not kept."""
    typed = str((kwargs.get("credentials") or {}).get("email", ""))[:254]
    known = User.objects.filter(email=typed.lower()).first() if "\0" not in typed else None
    _note(request, Deed.SIGN_IN_FAILED, known)


def password_set(sender: Any, request: HttpRequest, user: Any, **kwargs: Any) -> None:
    """Changed on the page or by a letter."""
    _note(request, Deed.PASSWORD, user)


def _note(request: HttpRequest | None, deed: Deed, user: Any) -> None:
    if request is not None and "REMOTE_ADDR" in request.META:
        audit.write(request, deed, user=user)


def connect() -> None:
    """Listen once."""
    user_logged_in.connect(signed_in, dispatch_uid="audit_signed_in")
    user_logged_out.connect(signed_out, dispatch_uid="audit_signed_out")
    user_login_failed.connect(failed, dispatch_uid="audit_sign_in_failed")
    password_changed.connect(password_set, dispatch_uid="audit_password_changed")
    password_reset.connect(password_set, dispatch_uid="audit_password_reset")
