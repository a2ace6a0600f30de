"""Roles: list, copy, compare, edit as a matrix, rules, holders, delete."""

from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import ListView, TemplateView

from accounts import services
from accounts.holding import holders_of_role, people_of_roles
from accounts.models import Role
from accounts.role_comparison import compare_roles
from accounts.role_form import RoleForm, RoleHoldersForm, RoleRulesForm
from accounts.role_preview import preview_change
from accounts.views.people import LAST_ADMINISTRATOR
from records.policy import right
from records.rights import RECORD_TYPES, SCOPE_LABELS, SYSTEM, SYSTEM_RIGHTS, Scope
from records.setting_views import SettingCreate, SettingUpdate
from records.views import Door, go_to

ROLES = reverse_lazy("accounts:roles")
REFUSALS = {services.LastAdministrator: LAST_ADMINISTRATOR}
SHOWN_KINDS = ("lead", "deal", "contact", "activity")


class RoleList(Door, ListView):
    """Every role: how far it sees and changes, how many people hold it."""

    policy = right("administer")
    template_name = "accounts/role_list.html"
    context_object_name = "roles"

    def get_queryset(self) -> Any:
        roles = Role.objects.annotate(times_given=Count("assignments")).order_by("pk")
        return roles.prefetch_related("grants")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        holders = people_of_roles()
        rows = [(role, _summary(role), holders.get(role.pk, 0)) for role in context["roles"]]
        return {**context, "rows": rows, "kinds": SHOWN_KINDS}


def _summary(role: Role) -> dict[str, Any]:
    """For the record types of the list: how far the role sees and changes; its system rights."""
    grants = {(row.record_type, row.action): row for row in role.grants.all()}
    cells = [
        (
            RECORD_TYPES[kind],
            _scope(grants.get((kind, "view"))),
            _scope(grants.get((kind, "change"))),
        )
        for kind in SHOWN_KINDS
    ]
    rights = [SYSTEM_RIGHTS[name] for name in SYSTEM_RIGHTS if (SYSTEM, name) in grants]
    return {"cells": cells, "rights": rights}


def _scope(grant: Any) -> tuple[int, Any]:
    scope = Scope(grant.scope) if grant else Scope.NONE
    return int(scope), SCOPE_LABELS[scope]


class RoleCreate(SettingCreate):
    """A new role, empty or like another (`?copy=KEY`); next it is given to somebody."""

    policy = right("administer")
    model = Role
    form_class = RoleForm
    template_name = "accounts/role_form.html"
    fragment = ""
    title = gettext_lazy("New role")
    success_url = ROLES
    refusals = REFUSALS

    def _copied(self) -> Role | None:
        key = self.request.GET.get("copy", "")
        known = key.isascii() and key.isdecimal() and len(key) < 19
        return Role.objects.filter(pk=key).first() if known else None

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "copied": self._copied()}

    def save(self, form: Any) -> Role:
        role = services.create_role(name=form.cleaned_data["name"], matrix=form.matrix())
        services.require_second_factor(role=role, is_required=form.requires_second_factor())
        copied = self._copied()
        if copied is not None:
            services.copy_rules(role=copied, to=role)
        return role

    def get_success_url(self) -> str:
        return reverse("accounts:role_holders", args=[self.object.pk])


class RolePage(SettingUpdate):
    """What the pages of one role share; `preview` in the post asks what saving would do."""

    policy = right("administer")
    model = Role
    fragment = ""
    success_url = ROLES
    refusals = REFUSALS
    tab = ""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "preview" not in request.POST:
            return super().post(request, *args, **kwargs)
        self.object = self.find()
        form = self.get_form()
        if not form.is_valid():
            return self.form_invalid(form)
        try:
            preview = preview_change(
                lambda: self.save(form), role=self.object, viewer=self.request.user
            )
        except services.LastAdministrator:
            form.add_error(None, LAST_ADMINISTRATOR)
            return self.form_invalid(form)
        return self.render_to_response(self.get_context_data(form=form, preview=preview))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        role = self.get_form_kwargs()["instance"]
        title = Role.objects.values_list("name", flat=True).get(pk=role.pk)
        return super().get_context_data(
            tab=self.tab, role=role, **{"title": title, "preview": None, **kwargs}
        )

    def get_success_url(self) -> str:
        messages.success(self.request, _("Saved. It acts from everybody's next request."))
        return self.request.path


class RoleUpdate(RolePage):
    """Name, matrix, rights of the system; acts on everybody's next request."""

    form_class = RoleForm
    template_name = "accounts/role_form.html"
    tab = "matrix"

    def save(self, form: Any) -> Role:
        services.rename_role(role=self.object, name=form.cleaned_data["name"])
        services.require_second_factor(role=self.object, is_required=form.requires_second_factor())
        return services.save_role_grants(role=self.object, matrix=form.matrix())


class RoleHolders(RolePage):
    """To whom the role is given, and who holds it through what."""

    form_class = RoleHoldersForm
    template_name = "accounts/role_holders.html"
    tab = "holders"

    def save(self, form: Any) -> Role:
        services.set_holders(role=self.object, **form.holders())
        return self.object

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        holders, count = holders_of_role(self.object)
        return super().get_context_data(holders=holders, holders_count=count, **kwargs)


class RoleRules(RolePage):
    """Fields and stages that the role closes; key clients hidden from novices."""

    form_class = RoleRulesForm
    template_name = "accounts/role_rules.html"
    tab = "rules"

    def save(self, form: Any) -> Role:
        data = form.cleaned_data
        services.set_field_rules(role=self.object, levels=form.field_levels())
        services.set_stage_rules(role=self.object, rules=form.stage_rules())
        return services.set_role_flags(
            role=self.object,
            closed_by_default=data["closed_by_default"],
            is_novice=data["is_novice"],
        )


class RoleComparison(Door, TemplateView):
    """Two roles side by side, differences marked: `?one=KEY&other=KEY`."""

    policy = right("administer")
    template_name = "accounts/role_compare.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        roles = list(Role.objects.all())
        one, other = (self._chosen(roles, name) for name in ("one", "other"))
        table = compare_roles(one, other) if one and other else []
        only = bool(self.request.GET.get("only"))
        return super().get_context_data(
            roles=roles, one=one, other=other, table=table, only=only, **kwargs
        )

    def _chosen(self, roles: list[Role], name: str) -> Role | None:
        wanted = self.request.GET.get(name, "")
        return next((role for role in roles if str(role.pk) == wanted), None)


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
