"""The department tree: shown, grown, moved, closed."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import ListView

from accounts import services
from accounts.forms import DepartmentForm
from accounts.models import Department
from accounts.views.people import LAST_ADMINISTRATOR
from records.policy import right
from records.setting_views import SettingCreate, SettingUpdate
from records.views import Door, go_to

DEPARTMENTS = reverse_lazy("accounts:departments")
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
        return Department.objects.select_related("head").annotate(head_count=people)


class DepartmentCreate(SettingCreate):
    """A new department under its parent."""

    policy = right("administer")
    model = Department
    form_class = DepartmentForm
    title = gettext_lazy("New department")
    success_url = DEPARTMENTS
    refusals = REFUSALS

    def save(self, form: Any) -> Department:
        return services.create_department(**_fields(form))


class DepartmentUpdate(SettingUpdate):
    """Rename, move, name a head."""

    policy = right("administer")
    model = Department
    form_class = DepartmentForm
    title = gettext_lazy("Department")
    success_url = DEPARTMENTS
    refusals = REFUSALS

    def save(self, form: Any) -> Department:
        return services.update_department(department=self.object, **_fields(form))


class DepartmentClose(Door):
    """Out of use, once it is empty."""

    policy = right("administer")
    model = Department
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        department = get_object_or_404(Department, pk=pk)
        try:
            services.close_department(department=department)
        except services.DepartmentInUse:
            messages.error(request, _("First move the people and departments out of it."))
        return go_to(request, str(DEPARTMENTS))


def _fields(form: Any) -> dict[str, Any]:
    return {name: form.cleaned_data[name] for name in ("name", "parent", "head")}
