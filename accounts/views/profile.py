"""The person's own page, and the language of those who are not signed in."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse_lazy
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import services
from accounts.forms import LanguageForm, PreferencesForm, ProfileForm
from accounts.models import User
from records.policy import PERSON, PUBLIC
from records.setting_views import SettingUpdate
from records.views import Door, go_to

YEAR = 365 * 24 * 3600


class Profile(SettingUpdate):
    """Names, language, time zone, theme; the link to change the password."""

    policy = PERSON
    model = User
    form_class = ProfileForm
    template_name = "accounts/profile.html"
    fragment = ""
    title = gettext_lazy("My profile")
    success_url = reverse_lazy("accounts:profile")

    def find(self, *, lock: bool = False) -> User:
        rows = User.objects.filter(pk=self.request.user.pk)
        return (rows.select_for_update() if lock else rows).get()

    def save(self, form: Any) -> User:
        person = services.update_profile(person=self.object, **form.profile_fields())
        messages.success(self.request, _("Saved."))
        return person


CHOSEN_IN_THE_MENU = ("theme", "density", "language")


class Preferences(Door):
    """Theme, density or language chosen in the menu; what makes no sense is left out."""

    policy = PERSON
    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        form = PreferencesForm(request.POST)
        form.is_valid()
        chosen = {name: form.cleaned_data.get(name) for name in CHOSEN_IN_THE_MENU}
        services.update_profile(
            person=User.objects.get(pk=request.user.pk),
            **{name: value for name, value in chosen.items() if value},
        )
        return go_to(request, back_of(request, form))


def back_of(request: HttpRequest, form: Any) -> str:
    """The page of this site the form came from, else the start."""
    back = form.cleaned_data.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(back, {request.get_host()})
    return back if is_ours else settings.LOGIN_REDIRECT_URL


class LanguageSwitch(Door):
    """Remember the language in a cookie; goes back only to this site."""

    policy = PUBLIC
    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        form = LanguageForm(request.POST)
        valid = form.is_valid()
        response = go_to(request, back_of(request, form))
        if valid:
            response.set_cookie(
                settings.LANGUAGE_COOKIE_NAME,
                form.cleaned_data["language"],
                max_age=YEAR,
                samesite="Lax",
                httponly=True,
                secure=settings.SESSION_COOKIE_SECURE,
            )
        return response
