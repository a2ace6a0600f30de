"""The two buttons: view as a person, and back to oneself."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.viewing_as import KEY, may_view_as
from records.models import Deed
from records.policy import PERSON, right
from records.views import Door, go_to


class ViewAs(Door):
    """From now on the pages are those of the person."""

    policy = right("view_as")
    deed = Deed.VIEW_AS
    model = User
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        user: Any = request.user
        person = get_object_or_404(User, pk=pk)
        if not may_view_as(user, person):
            raise PermissionDenied(_("You may not view the system as this person."))
        request.session[KEY] = person.pk
        return go_to(request, "/")


class ViewAsEnd(Door):
    """Back to oneself."""

    policy = PERSON
    deed = Deed.VIEW_AS
    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        request.session.pop(KEY, None)
        return go_to(request, "/")
