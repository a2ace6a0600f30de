"""How allauth's second factor fits this product: secrets encrypted, guesses braked, codes once."""

import base64
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.base import forms as base_forms
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn import forms as passkey_forms
from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django import forms
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.validators import MaxLengthValidator
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import services
from accounts.adapter import take_attempt
from accounts.handlers import note_failure
from accounts.querysets import requires_second_factor

MARK = "g1:"
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


class FactorAdapter(DefaultMFAAdapter):
    """Secrets are stored encrypted; a factor that a role requires is not removed."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "cannot_delete_authenticator": gettext_lazy(
            "Your role requires a second factor: add another one before removing this one."
        ),
        "incorrect_code": gettext_lazy("The code is wrong or was used already."),
    }

    def get_totp_issuer(self) -> str:
        return settings.PRODUCT_NAME

    def _get_site_name(self) -> str:
        return settings.PRODUCT_NAME

    def encrypt(self, text: str) -> str:
        return _sealed(text)

    def decrypt(self, encrypted_text: str) -> str:
        return _opened(encrypted_text)

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Anything but the last factor of somebody whose role requires one."""
        others = Authenticator.objects.filter(user=authenticator.user, type__in=FACTORS)
        if others.exclude(pk=authenticator.pk).exists():
            return True
        return not requires_second_factor(authenticator.user)

    def generate_authenticator_name(self, user: AbstractBaseUser, type: Any) -> str:
        number = Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1
        return _("Passkey %(number)d") % {"number": number}


def _keys() -> list[bytes]:
    """Keys from SECRET_KEY; after a change of it the former ones still open old secrets."""
    found = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return [
        salted_hmac("accounts.second_factor", "", secret=secret, algorithm="sha256").digest()
        for secret in found
    ]


def _sealed(text: str) -> str:
    """AES-256-GCM with a number of its own: `g1:` and base64 of number and text."""
    number = os.urandom(12)
    sealed = AESGCM(_keys()[0]).encrypt(number, text.encode(), MARK.encode())
    return MARK + base64.urlsafe_b64encode(number + sealed).decode()


def _opened(sealed: str) -> str:
    """What was sealed; secrets of earlier versions (Fernet) are opened as well."""
    keys = _keys()
    if not sealed.startswith(MARK):
        older = [Fernet(base64.urlsafe_b64encode(key)) for key in keys]
        return MultiFernet(older).decrypt(sealed.encode()).decode()
    raw = base64.urlsafe_b64decode(sealed.removeprefix(MARK))
    for key in keys:
        with suppress(InvalidTag):
            return AESGCM(key).decrypt(raw[:12], raw[12:], MARK.encode()).decode()
    raise InvalidTag


class Braked(forms.Form):
    """Guesses of codes are braked like those of passwords; each code opens the door once."""

    user: Any

    def clean_code(self) -> str:
        """Count the attempt, look, give it back when right. Raises ValidationError."""
        attempt = take_attempt(context.request, f"second-factor:{self.user.pk}")
        code = super().clean_code()
        authenticator = getattr(self, "authenticator", None)
        is_app = authenticator is not None and authenticator.type == Authenticator.Type.TOTP
        if is_app and not services.use_code_once(authenticator=authenticator, code=code):
            note_failure(context.request, self.user, by=[authenticator.type])
            raise FactorAdapter().validation_error("incorrect_code")
        services.give_back(attempt=attempt, now=timezone.now())
        return code


def _plain(field: forms.Field, label: Any) -> None:
    field.label = label
    field.max_length = 64
    field.widget.attrs.pop("placeholder", None)
    field.widget.attrs |= {"inputmode": "numeric", "maxlength": 64, "autofocus": True}


class CodeForm(Braked, base_forms.AuthenticateForm):
    """The code asked for at sign-in; a recovery code is taken too."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(self.fields["code"], gettext_lazy("Code of the app or a recovery code"))


class ConfirmCodeForm(Braked, base_forms.ReauthenticateForm):
    """The code asked for before a change of the protection itself."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(self.fields["code"], gettext_lazy("Code of the app or a recovery code"))


class AppForm(Braked, ActivateTOTPForm):
    """The first code of the app proves that it holds the secret."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(self.fields["code"], gettext_lazy("Six digits that the app shows"))


class Checked(forms.Form):
    """What is no answer of a passkey is an error of the form; the library expects every key."""

    def clean(self) -> dict[str, Any]:
        """As the library does, with rubbish refused."""
        with refused():
            return super().clean() or {}

    def clean_credential(self) -> Any:
        """The authenticator, or for a new key what the browser sent."""
        clean = getattr(super(), "clean_credential", None)
        with refused():
            return clean() if clean else self.cleaned_data["credential"]


@contextmanager
def refused() -> Iterator[None]:
    """Any surprise in what the browser sent is a wrong code; both are noted."""
    try:
        yield
    except forms.ValidationError:
        note_failure(context.request, None, by=["webauthn"])
        raise
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        note_failure(context.request, None, by=["webauthn"])
        raise FactorAdapter().validation_error("incorrect_code") from error


class PasskeyCodeForm(Checked, passkey_forms.AuthenticateWebAuthnForm):
    """A passkey instead of the code at sign-in."""


class PasskeySignInForm(Checked, passkey_forms.LoginWebAuthnForm):
    """A passkey instead of everything."""


class ConfirmPasskeyForm(Checked, passkey_forms.ReauthenticateWebAuthnForm):
    """A passkey before a change of the protection."""


class PasskeyForm(Checked, passkey_forms.AddWebAuthnForm):
    """A name for the key; the key itself comes from the browser."""

    passwordless = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = gettext_lazy("Name of the key")
        self.fields["name"].max_length = 100
        self.fields["name"].validators.append(MaxLengthValidator(100))
        self.fields["name"].widget.attrs["maxlength"] = 100
