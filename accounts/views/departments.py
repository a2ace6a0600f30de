"""The department tree: shown, grown, moved, closed."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse_lazy
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView, ListView

from accounts import services
from accounts.forms import CloseDepartmentForm, DepartmentForm
from accounts.models import Department
from accounts.tree import in_tree_order
from accounts.views.people import LAST_ADMINISTRATOR
from records.policy import right
from records.setting_views import SettingCreate, SettingUpdate
from records.views import Door, go_to

DEPARTMENTS = reverse_lazy("accounts:departments")
CLOSE = gettext_lazy("Close “%(name)s”")
REFUSALS = {
    services.LastAdministrator: LAST_ADMINISTRATOR,
    services.DepartmentCycle: gettext_lazy("A department cannot be part of itself."),
    services.DepartmentTooDeep: gettext_lazy("The tree would become too deep."),
}


class DepartmentList(Door, ListView):
    """The tree, with the number of people in each department."""

    policy = right("administer")
    template_name = "accounts/department_list.html"
    context_object_name = "departments"

    def get_queryset(self) -> Any:
        people = Count("people", filter=Q(people__is_active=True))
        rows = Department.objects.select_related("head").annotate(head_count=people)
        return in_tree_order(rows)


class DepartmentCreate(SettingCreate):
    """A new department under its parent."""

    policy = right("administer")
    model = Department
    form_class = DepartmentForm
    template_name = "accounts/setting_form.html"
    title = gettext_lazy("New department")
    success_url = DEPARTMENTS
    refusals = REFUSALS

    def get_initial(self) -> dict[str, Any]:
        """`?parent=KEY` puts the new one below that one."""
        key = self.request.GET.get("parent", "")
        known = key.isascii() and key.isdecimal() and len(key) < 19
        return {"parent": int(key)} if known else {}

    def save(self, form: Any) -> Department:
        return services.create_department(**_fields(form))


class DepartmentUpdate(SettingUpdate):
    """Rename, move, name a head."""

    policy = right("administer")
    model = Department
    form_class = DepartmentForm
    template_name = "accounts/setting_form.html"
    title = gettext_lazy("Department")
    success_url = DEPARTMENTS
    refusals = REFUSALS

    def save(self, form: Any) -> Department:
        return services.update_department(department=self.object, **_fields(form))


class DepartmentClose(Door, FormView):
    """Out of use; asks where its people go. With `?merge=1` its rights go along."""

    policy = right("administer")
    template_name = "accounts/department_close.html"
    form_class = CloseDepartmentForm

    @cached_property
    def department(self) -> Department:
        """The one to close."""
        return get_object_or_404(Department, pk=self.kwargs["pk"])

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "department": self.department}

    def get_initial(self) -> dict[str, Any]:
        return {"with_rights": bool(self.request.GET.get("merge"))}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = self.department
        words = _("Merge “%(name)s” into another") if self.request.GET.get("merge") else CLOSE
        return super().get_context_data(
            title=str(words) % {"name": row},
            department=row,
            people=row.people.filter(is_active=True).count(),
            below=row.children.filter(is_active=True),
            roles=row.roles_given.select_related("role"),
            **kwargs,
        )

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            services.close_department(department=self.department, **form.cleaned_data)
        except services.DepartmentInUse:
            form.add_error("to", _("Choose where its people and departments go."))
        except tuple(REFUSALS) as error:
            form.add_error(None, REFUSALS[type(error)])
        else:
            messages.success(self.request, _("Closed: %(name)s") % {"name": self.department})
            return go_to(self.request, str(DEPARTMENTS))
        return self.form_invalid(form)

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)


def _fields(form: Any) -> dict[str, Any]:
    return {name: form.cleaned_data[name] for name in ("name", "parent", "head")}
