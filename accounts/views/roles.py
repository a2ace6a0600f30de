"""Roles: list, copy, edit as a matrix, give, delete."""

from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import ListView

from accounts import services
from accounts.holding import people_of_roles
from accounts.models import Role
from accounts.role_form import RoleForm
from accounts.views.people import LAST_ADMINISTRATOR
from records.policy import right
from records.rights import RECORD_TYPES, SCOPE_LABELS, SYSTEM, SYSTEM_RIGHTS, Scope
from records.setting_views import SettingCreate, SettingUpdate
from records.views import Door, go_to

SHOWN_KINDS = ("lead", "deal", "contact", "activity")
ROLES = reverse_lazy("accounts:roles")
REFUSALS = {services.LastAdministrator: LAST_ADMINISTRATOR}


class RoleList(Door, ListView):
    """Every role and how often it is given."""

    policy = right("administer")
    template_name = "accounts/role_list.html"
    context_object_name = "roles"

    def get_queryset(self) -> Any:
        return Role.objects.annotate(times_given=Count("assignments")).prefetch_related("grants")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        holders = people_of_roles()
        rows = [(role, _sights(role), holders.get(role.pk, 0)) for role in context["roles"]]
        return {**context, "rows": rows, "kinds": SHOWN_KINDS}


def _sights(role: Role) -> dict[str, Any]:
    """For each record type of the summary: how far the role sees and changes."""
    grants = {(row.record_type, row.action): row for row in role.grants.all()}
    cells = []
    for kind in SHOWN_KINDS:
        seen, changed = grants.get((kind, "view")), grants.get((kind, "change"))
        cells.append((RECORD_TYPES[kind], _scope(seen), _scope(changed)))
    rights = [SYSTEM_RIGHTS[name] for name in SYSTEM_RIGHTS if (SYSTEM, name) in grants]
    return {"cells": cells, "rights": rights}


def _scope(grant: Any) -> tuple[int, Any]:
    scope = Scope(grant.scope) if grant else Scope.NONE
    return int(scope), SCOPE_LABELS[scope]


class RoleCreate(SettingCreate):
    """A new role, empty or like another (`?copy=KEY`)."""

    policy = right("administer")
    model = Role
    form_class = RoleForm
    template_name = "accounts/role_form.html"
    fragment = ""
    title = gettext_lazy("New role")
    success_url = ROLES
    refusals = REFUSALS

    def get_form_kwargs(self) -> dict[str, Any]:
        key = self.request.GET.get("copy", "")
        copied = Role.objects.filter(pk=key).first() if key.isdecimal() else None
        return {**super().get_form_kwargs(), "copied": copied}

    def save(self, form: Any) -> Role:
        role = services.create_role(name=form.cleaned_data["name"], matrix=form.matrix())
        services.set_holders(role=role, **form.holders())
        return role


class RoleUpdate(SettingUpdate):
    """Name, matrix and holders at once; acts on everybody's next request."""

    policy = right("administer")
    model = Role
    form_class = RoleForm
    template_name = "accounts/role_form.html"
    fragment = ""
    conflict_template_name = "records/conflict.html"
    title = gettext_lazy("Role")
    success_url = ROLES
    refusals = REFUSALS

    def save(self, form: Any) -> Role:
        services.rename_role(role=self.object, name=form.cleaned_data["name"])
        role = services.save_role_grants(role=self.object, matrix=form.matrix())
        services.set_holders(role=role, **form.holders())
        return role


class RoleDelete(Door):
    """Remove a role that nobody holds."""

    policy = right("administer")
    model = Role
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        try:
            services.delete_role(role=get_object_or_404(Role, pk=pk))
        except services.RoleInUse:
            messages.error(request, _("The role is given to somebody or is a preset."))
        return go_to(request, str(ROLES))
