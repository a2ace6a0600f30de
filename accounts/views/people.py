"""People: list, add, edit, let in and out."""

from typing import Any

from django.contrib import messages
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import services
from accounts.filters import PersonFilter
from accounts.forms import PersonForm
from accounts.holding import roles_with_chain
from accounts.models import Department, User
from records.policy import right
from records.setting_views import SettingCreate, SettingUpdate
from records.views import Door, RecordList, go_to

PEOPLE = reverse_lazy("accounts:people")
LAST_ADMINISTRATOR = gettext_lazy("Somebody must remain who may administer the system.")
EMAIL_TAKEN = gettext_lazy("Another person already signs in with this address.")
REFUSALS = {
    services.LastAdministrator: LAST_ADMINISTRATOR,
    services.EmailTaken: EMAIL_TAKEN,
}


class PersonList(RecordList):
    """Everybody, by surname."""

    policy = right("administer")
    model = User
    template_name = "accounts/person_list.html"
    filterset_class = PersonFilter
    sorts = {"name": ("last_name", "first_name", "id")}
    default_sort = "name"

    def get_queryset(self) -> models.QuerySet:
        return User.objects.all()

    def decorate(self, rows: models.QuerySet) -> models.QuerySet:
        return rows.select_related("department").prefetch_related("roles_given__role")


class PersonCreate(SettingCreate):
    """A new person, with roles."""

    policy = right("administer")
    model = User
    form_class = PersonForm
    template_name = "accounts/person_form.html"
    title = gettext_lazy("New person")
    success_url = PEOPLE
    refusals = REFUSALS

    def save(self, form: Any) -> User:
        fields = form.person_fields()
        person = services.create_person(password=form.cleaned_data["password"] or None, **fields)
        services.set_roles_of(user=person, roles=form.cleaned_data["roles"])
        if form.cleaned_data["invite"]:
            by, key = self.request.user.pk, person.pk
            transaction.on_commit(lambda: invite(self.request, person_id=key, by_id=by))
        return person


class PersonUpdate(SettingUpdate):
    """Names, department, roles."""

    policy = right("administer")
    model = User
    form_class = PersonForm
    template_name = "accounts/person_form.html"
    title = gettext_lazy("Person")
    success_url = PEOPLE
    refusals = REFUSALS

    def save(self, form: Any) -> User:
        person = services.update_person(person=self.object, **form.person_fields())
        services.set_roles_of(user=person, roles=form.cleaned_data["roles"])
        return person

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        person = User.objects.get(pk=self.kwargs["pk"])
        now = timezone.now()
        return super().get_context_data(
            person=person,
            chains=roles_with_chain(person),
            deputies=person.deputies.at(now).select_related("deputy"),
            headed=Department.objects.filter(head=person, is_active=True),
            **kwargs,
        )


def invite(request: HttpRequest, *, person_id: int, by_id: int) -> None:
    """Send the letter and say whether it left."""
    person, by = User.objects.get(pk=person_id), User.objects.get(pk=by_id)
    if services.send_invitation(person=person, by=by):
        messages.success(request, _("Invitation sent to %(email)s") % {"email": person.email})
    else:
        messages.error(request, _("The letter could not be sent. Check the mail settings."))


class PersonInvite(Door):
    """Send the link that sets the password once more."""

    policy = right("administer")
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        person = get_object_or_404(User, pk=pk, is_active=True)
        invite(request, person_id=person.pk, by_id=request.user.pk or 0)
        return go_to(request, reverse("accounts:person_edit", args=[person.pk]))


class PersonSwitch(Door):
    """Deactivate or activate a person."""

    policy = right("administer")
    model = User
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        person = get_object_or_404(User, pk=pk)
        try:
            with transaction.atomic():
                self.change(person)
        except services.LastAdministrator:
            messages.error(request, str(LAST_ADMINISTRATOR))
        return go_to(request, str(PEOPLE))

    def change(self, person: User) -> None:
        """The service to call."""
        raise NotImplementedError


class PersonDeactivate(PersonSwitch):
    """Out; open sessions end on their next request."""

    def change(self, person: User) -> None:
        services.deactivate_person(person=person)
        messages.success(self.request, _("Deactivated: %(name)s") % {"name": person})


class PersonActivate(PersonSwitch):
    """In again."""

    def change(self, person: User) -> None:
        services.activate_person(person=person)
        messages.success(self.request, _("Activated: %(name)s") % {"name": person})
