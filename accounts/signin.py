"""Forms of the sign-in pages: bounded passwords, links that die with the account."""

from typing import Any

from allauth.account.forms import (
    ChangePasswordForm,
    LoginForm,
    ResetPasswordKeyForm,
    UserTokenForm,
)
from django import forms
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _

LONGEST_PASSWORD = 256


class BoundedPasswords(forms.Form):
    """Refuses an absurdly long password before it is hashed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field.widget, forms.PasswordInput):
                field.validators.insert(0, MaxLengthValidator(LONGEST_PASSWORD))
                field.widget.attrs.pop("placeholder", None)


class SignInForm(BoundedPasswords, LoginForm):
    """E-mail and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("E-mail")
        self.fields["login"].widget.attrs.pop("placeholder", None)
        self.fields["password"].help_text = ""


class NewPasswordForm(BoundedPasswords, ResetPasswordKeyForm):
    """The new password after a letter."""


class OwnPasswordForm(BoundedPasswords, ChangePasswordForm):
    """The old password and the new one."""


class ActiveTokenForm(UserTokenForm):
    """A link out of a letter; it does not open for a deactivated person."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.reset_user.is_active:
            self.reset_user = None
            raise forms.ValidationError(_("The link is no longer valid."))
        return cleaned
