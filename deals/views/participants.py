"""Who takes part in a deal, and whether it is restricted to them."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from deals import services
from deals.models import Deal
from deals.participants_form import ParticipantsForm
from deals.trusted import trusted_people
from deals.views.acts import DealAct
from records.access import find_record


class DealParticipants(DealAct):
    """For the owner of the deal and for whoever may give it to somebody else."""

    form_class = ParticipantsForm
    template_name = "deals/participants.html"
    title = gettext_lazy("Who takes part")
    said = gettext_lazy("Saved: who takes part in the deal.")

    @cached_property
    def deal(self) -> Deal:
        user = self.request.user
        deal = find_record(Deal, user, self.kwargs["pk"], self.action)
        if not Deal.objects.shareable_by(user).filter(pk=deal.pk).exists():
            raise PermissionDenied(
                _("Who takes part is chosen by the owner, and by those who may give the deal away.")
            )
        return deal

    def act(self, given: dict[str, Any]) -> None:
        try:
            services.set_participants(
                ways=self.form.ways(),
                is_restricted=given["is_restricted"],
                version=given["version"],
                **self.who_and_when(),
            )
        except services.DealRuleError as error:
            error.field = self.form.field_of(error.field)
            raise

    def form_valid(self, form: ParticipantsForm) -> Any:
        self.form = form
        return super().form_valid(form)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(trusted=trusted_people(self.deal), **kwargs)
