"""The card of a deal, its history, creating and editing."""

from typing import Any

from django.db.models import Count, Q, QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView

from contacts.models import Company, Contact
from deals import services
from deals.forms import DealForm
from deals.models import Deal, Stage
from deals.standing import standing, time_in_stages
from deals.views.refusing import Refusing
from records.access import find_record
from records.changes import readable_changes
from records.policy import record
from records.views import Door, RecordCreate, RecordDetail, RecordUpdate

OTHER_DEALS = 5
SHOWN_CONTACTS = 5


class DealDetail(RecordDetail):
    """Everything about one deal; the client's own facts only where the client may be seen."""

    policy = record("deal")
    model = Deal
    template_name = "deals/deal_detail.html"

    def get_object(self, queryset: Any = None) -> Deal:
        rows = Deal.objects.visible_to(self.request.user).for_cards()
        rows = rows.select_related(
            "stage",
            "company",
            "contact",
            "owner",
            "currency",
            "pipeline",
            "loss_reason",
            "competitor",
        )
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        deal, user = self.object, self.request.user
        return super().get_context_data(
            card=standing(deal, timezone.now()),
            page_title=_("Deal № %(number)s") % {"number": deal.pk},
            back_url=reverse("deals:board"),
            stages=self._stages(),
            lines=deal.lines.select_related("product"),
            company=Company.objects.visible_to(user).filter(pk=deal.company_id).first(),
            contacts=list(self._contacts()),
            others=self._others()[:OTHER_DEALS] if deal.company_id or deal.contact_id else [],
            client_counts=self._client_counts(),
            participants=deal.participants.select_related("user"),
            can_share=Deal.objects.shareable_by(user).filter(pk=deal.pk).exists(),
            can_assign=Deal.objects.permitted(user, "assign").filter(pk=deal.pk).exists(),
            **kwargs,
        )

    def _stages(self) -> list[dict[str, Any]]:
        """The bar: each active stage and the present one, with the days spent in it."""
        deal = self.object
        spent = time_in_stages(deal.moves.order_by("at", "pk"), timezone.now(), deal.closed_at)
        rows = Stage.objects.filter(Q(is_active=True) | Q(pk=deal.stage_id), pipeline=deal.pipeline)
        return [
            {
                "stage": stage,
                "days": spent[stage.pk].days if stage.pk in spent else None,
                "is_now": stage.pk == deal.stage_id,
                "is_done": stage.position < deal.stage.position,
                "number": number,
            }
            for number, stage in enumerate(rows, 1)
        ]

    def _contacts(self) -> QuerySet:
        """The person of the deal first, then people of its company."""
        deal = self.object
        people = Q(pk=deal.contact_id)
        if deal.company_id:
            people |= Q(companies=deal.company_id)
        rows = Contact.objects.visible_to(self.request.user).filter(people).distinct()
        found = rows.prefetch_related("phones", "emails").order_by("pk")[:SHOWN_CONTACTS]
        return sorted(found, key=lambda person: person.pk != deal.contact_id)

    def _of_client(self) -> QuerySet:
        deal = self.object
        client = Q(company=deal.company_id) if deal.company_id else Q(contact=deal.contact_id)
        return Deal.objects.visible_to(self.request.user).filter(client)

    def _others(self) -> QuerySet:
        rows = self._of_client().exclude(pk=self.object.pk).select_related("currency")
        return rows.order_by("-created_at", "-id")

    def _client_counts(self) -> dict[str, int]:
        """Open and won deals of the client."""
        if not (self.object.company_id or self.object.contact_id):
            return {}
        return self._of_client().aggregate(
            open=Count("pk", filter=Q(status="open")), won=Count("pk", filter=Q(status="won"))
        )


class DealHistory(Door, TemplateView):
    """Who changed what and when, field by field."""

    policy = record("deal")
    template_name = "deals/history.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        deal = find_record(Deal, self.request.user, self.kwargs["pk"], "view")
        return super().get_context_data(
            record=deal, changes=readable_changes(deal, self.request.user), **kwargs
        )

    def get_template_names(self) -> list[str]:
        part = "#changes" if self.request.htmx else ""
        return [f"{self.template_name}{part}"]


class DealCreate(Refusing, RecordCreate):
    """A new deal; the address may name the stage and the client."""

    policy = record("deal", "create")
    model = Deal
    form_class = DealForm
    title = _("New deal")
    submit_label = _("Create deal")

    def get_initial(self) -> dict[str, Any]:
        named = ("stage", "pipeline", "company", "contact")
        given = {name: self.request.GET.get(name, "") for name in named}
        return {name: key for name, key in given.items() if key.isdecimal() and len(key) < 19}

    def save(self, form: DealForm) -> Deal:
        given = form.cleaned_data
        return services.create_deal(
            by=self.request.user,
            now=timezone.now(),
            title=given["title"],
            pipeline=given["pipeline"],
            stage=given["stage"],
            amount=given["amount"],
            currency=given["currency"],
            owner=given["owner"],
            company=given["company"],
            contact=given["contact"],
            source=given["source"],
            expected_close_date=given["expected_close_date"],
            description=given["description"],
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(cancel_url=reverse("deals:board"), **kwargs)


class DealUpdate(Refusing, RecordUpdate):
    """Facts of a deal; the stage, the outcome, the owner and the lines have their own pages."""

    policy = record("deal", "change")
    model = Deal
    form_class = DealForm
    title = _("Edit the deal")

    def save(self, form: DealForm) -> Deal:
        given = form.cleaned_data
        names = ("title", "company", "contact", "source", "expected_close_date", "description")
        return services.edit_deal(
            deal_id=self.object.pk,
            by=self.request.user,
            now=timezone.now(),
            amount=given["amount"],
            currency=given["currency"],
            **{name: given[name] for name in names},
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(cancel_url=self.object.get_absolute_url(), **kwargs)
