"""The form of a saved view."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from records.models import SavedView, Sharing


class SavedViewForm(forms.ModelForm):
    """Name, who sees it, place among the tabs; only an administrator shares with everybody."""

    is_default = forms.BooleanField(label=_("Open the list with this view"), required=False)

    class Meta:
        model = SavedView
        fields = ["name", "sharing", "position"]
        labels = {"position": _("Place among the tabs")}

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["position"].required = False
        self.fields["position"].max_value = 32_000
        if not user.grant("system", "administer"):
            self.fields["sharing"].choices = [
                choice for choice in Sharing.choices if choice[0] != Sharing.EVERYBODY
            ]

    def clean_position(self) -> int:
        """An empty box is the first place; the column holds small numbers."""
        place = self.cleaned_data["position"] or 0
        if place > 32_000:
            raise forms.ValidationError(_("Enter a smaller number."))
        return place
