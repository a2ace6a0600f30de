"""The form of who takes part in a deal."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from deals.forms import VersionForm
from deals.models import Deal
from records.forms import RecordField

SEES, EDITS, OUT = "see", "edit", "out"
WAYS = [(SEES, gettext_lazy("Sees")), (EDITS, gettext_lazy("Sees and edits"))]
NEWCOMERS = 2


class ParticipantsForm(VersionForm):
    """The way of each participant, room for newcomers, and whether the deal is restricted."""

    is_restricted = forms.BooleanField(
        label=gettext_lazy("Restrict access to the deal"), required=False
    )

    def __init__(self, *args: Any, deal: Deal, **kwargs: Any) -> None:
        super().__init__(*args, deal=deal, **kwargs)
        self.deal = deal
        self.fields["is_restricted"].initial = deal.is_restricted
        self.present = list(deal.participants.select_related("user"))
        for part in self.present:
            self.fields[f"way_{part.user_id}"] = forms.ChoiceField(
                label=str(part.user),
                choices=[*WAYS, (OUT, gettext_lazy("Takes no part any more"))],
                initial=EDITS if part.can_change else SEES,
            )
        for number in range(1, NEWCOMERS + 1):
            people = User.objects.filter(is_active=True)
            self.fields[f"newcomer_{number}"] = RecordField(
                people, "user", label=gettext_lazy("Add a person"), required=False
            )
            self.fields[f"newcomer_way_{number}"] = forms.ChoiceField(
                label=gettext_lazy("How"), choices=WAYS, initial=SEES, required=False
            )

    def present_rows(self) -> list[tuple[User, forms.BoundField]]:
        """Each participant with the field of his way."""
        return [(part.user, self[f"way_{part.user_id}"]) for part in self.present]

    def newcomer_rows(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """Boxes of newcomers: the person, the way."""
        numbers = range(1, NEWCOMERS + 1)
        return [(self[f"newcomer_{number}"], self[f"newcomer_way_{number}"]) for number in numbers]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for number in range(1, NEWCOMERS + 1):
            person = data.get(f"newcomer_{number}")
            if person and person.pk == self.deal.owner_id:
                self.add_error(f"newcomer_{number}", _("The owner sees the deal anyway."))
        return data

    def ways(self) -> dict[int, bool]:
        """What the service takes: key of the person -> whether he edits."""
        data = self.cleaned_data
        kept = {part.user_id: data[f"way_{part.user_id}"] for part in self.present}
        for number in range(1, NEWCOMERS + 1):
            person = data.get(f"newcomer_{number}")
            if person:
                kept[person.pk] = data.get(f"newcomer_way_{number}") or SEES
        return {pk: way == EDITS for pk, way in kept.items() if way != OUT}

    def field_of(self, code: str) -> str:
        """The box of the person that `user_<key>` names; other names as they are."""
        for number in range(1, NEWCOMERS + 1):
            person = self.cleaned_data.get(f"newcomer_{number}")
            if person and code == f"user_{person.pk}":
                return f"newcomer_{number}"
        return code
