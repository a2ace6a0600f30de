"""Where the person is signed in: seen, ended one by one or all others at once."""

from typing import Any

from allauth.account.decorators import reauthentication_required
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.generic import TemplateView

from accounts import services
from accounts.letters import tell
from accounts.models import User
from records.devices import device_of
from records.policy import PERSON, right
from records.views import Door, go_to


class SessionList(Door, TemplateView):
    """Device, address, when last seen; this one is marked."""

    policy = PERSON
    template_name = "accounts/sessions.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = services.open_sessions(person=self.request.user, now=timezone.now())[:50]
        lines = [
            {
                "row": row,
                "device": device_of(row.user_agent),
                "is_current": row.session_key == self.request.session.session_key,
            }
            for row in rows
        ]
        lines.sort(key=lambda line: not line["is_current"])
        return super().get_context_data(lines=lines, **kwargs)


class SessionEnd(Door):
    """End one of one's own; ending the present one is signing out."""

    policy = PERSON
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.end(request, get_object_or_404(UserSession, pk=pk, user=request.user))

    @method_decorator(reauthentication_required)
    def end(self, request: HttpRequest, session: UserSession) -> HttpResponse:
        """Whoever only found the browser open does not shut the owner out elsewhere."""
        if session.session_key == request.session.session_key:
            messages.error(request, _("This is the session you are in: use “Sign out”."))
        else:
            services.end_session(session=session)
            messages.success(request, _("The session is ended."))
        return go_to(request, reverse("accounts:sessions"))


@method_decorator(reauthentication_required, name="post")
class SessionsEndOthers(Door):
    """End every session but this one."""

    policy = PERSON
    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        ended = end_other_sessions(request)
        text = ngettext("%(n)d session is ended.", "%(n)d sessions are ended.", ended)
        messages.success(request, text % {"n": ended})
        return go_to(request, reverse("accounts:sessions"))


@transaction.atomic
def end_other_sessions(request: HttpRequest) -> int:
    """All but the one of this request, which goes on under a new key."""
    key = request.session.session_key
    ended = services.end_sessions(person=request.user, keep=key)
    update_session_auth_hash(request, request.user)
    listed = UserSession.objects.filter(session_key=key)
    listed.update(session_key=request.session.session_key)
    return ended


def renew_key(request: HttpRequest) -> None:
    """The session goes on under a new key, in the list as well."""
    former = request.session.session_key
    request.session.cycle_key()
    listed = UserSession.objects.filter(session_key=former)
    listed.update(session_key=request.session.session_key)


class PersonSessionsEnd(Door):
    """An administrator signs somebody out everywhere."""

    policy = right("administer")
    http_method_names = ["post"]
    model = User

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        person = get_object_or_404(User, pk=pk)
        if person == request.user:
            end_other_sessions(request)
        else:
            services.end_sessions(person=person)
        messages.success(request, _("Signed out everywhere: %(name)s") % {"name": person})
        return go_to(request, reverse("accounts:person_edit", kwargs={"pk": pk}))


class PersonFactorReset(Door):
    """An administrator takes away the second factor of somebody who lost it; a letter tells."""

    policy = right("administer")
    http_method_names = ["post"]
    model = User

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        person = get_object_or_404(User, pk=pk)
        if services.reset_second_factor(person=person):
            tell(person, "mfa/email/reset_by_administrator")
            messages.success(
                request, _("The second factor is removed: %(name)s") % {"name": person}
            )
        else:
            messages.info(request, _("There was no second factor."))
        if person == request.user:
            update_session_auth_hash(request, User.objects.get(pk=pk))
        return go_to(request, reverse("accounts:person_edit", kwargs={"pk": pk}))
