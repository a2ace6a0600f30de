"""Groups of people across departments."""

from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import DetailView, ListView

from accounts import services
from accounts.forms import GroupForm
from accounts.models import Group
from accounts.views.people import LAST_ADMINISTRATOR
from records.policy import right
from records.setting_views import SettingCreate, SettingUpdate
from records.views import Door, go_to

GROUPS = reverse_lazy("accounts:groups")
REFUSALS = {services.LastAdministrator: LAST_ADMINISTRATOR}


class GroupList(Door, ListView):
    """Every group with the number of its members and the roles given through it."""

    policy = right("administer")
    template_name = "accounts/group_list.html"
    context_object_name = "groups"

    def get_queryset(self) -> Any:
        people = Count("members", distinct=True)
        groups = Group.objects.annotate(people=people).order_by("name")
        return groups.prefetch_related("roles_given__role")


class GroupCreate(SettingCreate):
    """A new group with its members."""

    policy = right("administer")
    model = Group
    form_class = GroupForm
    template_name = "accounts/group_form.html"
    fragment = ""
    title = gettext_lazy("New group")
    success_url = GROUPS
    refusals = REFUSALS

    def save(self, form: Any) -> Group:
        return services.create_group(name=form.cleaned_data["name"], members=form.people())


class GroupUpdate(SettingUpdate):
    """Rename, let in and out."""

    policy = right("administer")
    model = Group
    form_class = GroupForm
    template_name = "accounts/group_form.html"
    fragment = ""
    title = gettext_lazy("Group")
    success_url = GROUPS
    refusals = REFUSALS

    def save(self, form: Any) -> Group:
        name = form.cleaned_data["name"]
        return services.update_group(group=self.object, name=name, members=form.people())


class GroupDelete(Door, DetailView):
    """Asks, naming the roles that go with the group; then it is gone."""

    policy = right("administer")
    model = Group
    template_name = "accounts/group_delete.html"
    context_object_name = "group"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        roles = [given.role for given in self.object.roles_given.select_related("role")]
        people = self.object.members.filter(is_active=True).count()
        return super().get_context_data(roles=roles, people=people, **kwargs)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        group = get_object_or_404(Group, pk=pk)
        try:
            services.delete_group(group=group)
        except services.LastAdministrator:
            messages.error(request, str(LAST_ADMINISTRATOR))
        else:
            messages.success(request, _("Deleted: %(name)s") % {"name": group.name})
        return go_to(request, str(GROUPS))
