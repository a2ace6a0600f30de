"""Forms of dashboards."""

import uuid
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from deals.filters import KeyField
from reports.dashboards.models import Dashboard
from reports.forms import role_field


class DashboardForm(forms.ModelForm):
    """A name and who sees it; only administrators give a dashboard to a role."""

    form_key = forms.UUIDField(widget=forms.HiddenInput)

    class Meta:
        model = Dashboard
        fields = ["name", "is_shared", "role"]

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["form_key"].initial = uuid.uuid4()
        del self.fields["role"]
        if user.has_right("administer"):
            self.fields["role"] = role_field(
                gettext_lazy(
                    "Whoever holds the role and has no dashboard of his own begins with this one."
                )
            )

    def clean_name(self) -> str:
        name = self.cleaned_data["name"]
        same = Dashboard.objects.kept_by(self.user).filter(name=name)
        if same.exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("You have a dashboard with this name."))
        return name


class PinForm(forms.Form):
    """Where a report is pinned: one of one's own dashboards, or a new one."""

    form_key = forms.UUIDField(widget=forms.HiddenInput)
    report = forms.CharField(max_length=20, widget=forms.HiddenInput)
    query = forms.CharField(max_length=1000, required=False, widget=forms.HiddenInput)
    dashboard = KeyField(
        queryset=Dashboard.objects.none(),
        label=gettext_lazy("Dashboard"),
        required=False,
        empty_label=gettext_lazy("a new one"),
    )
    title = forms.CharField(
        label=gettext_lazy("Title"),
        max_length=80,
        required=False,
        help_text=gettext_lazy("Empty: the question of the report."),
    )

    def __init__(self, *args: Any, user: Any, known: Any = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known = known
        fields: dict[str, Any] = self.fields
        fields["dashboard"].queryset = Dashboard.objects.kept_by(user)
        fields["form_key"].initial = uuid.uuid4()

    def clean_report(self) -> str:
        name = self.cleaned_data["report"]
        if name not in self.known:
            raise forms.ValidationError(_("There is no such report."))
        return name

    def clean_query(self) -> str:
        """Only parameters, written anew: nothing that leads elsewhere can be kept."""
        return QueryDict(self.cleaned_data["query"]).urlencode()
