"""Settings of selling: pipelines, stages, loss reasons, rates."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import Count, Prefetch, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.views.generic import FormView, TemplateView

from catalog.models import Currency, Rate
from catalog.services import set_rate
from deals.models import Competitor, LossReason, Pipeline, Stage
from deals.services import DealRuleError
from deals.services import pipelines as arrange
from deals.setting_forms import (
    ArchiveStageForm,
    CompetitorForm,
    LossReasonForm,
    PipelineForm,
    RateForm,
    StageForm,
)
from deals.trades import add_pipeline_of
from deals.views.refusing import Refusing
from records.policy import right
from records.setting_views import SettingCreate, SettingUpdate
from records.views import Door, Fragments, go_to

PIPELINES = reverse_lazy("deals:pipelines")
OPEN = Q(deals__status="open", deals__deleted_at__isnull=True)


class PipelineList(Door, TemplateView):
    """Pipelines with their stages and how many open deals stand in each; loss reasons."""

    policy = right("manage_pipelines")
    template_name = "deals/pipelines.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        stages = Stage.objects.annotate(open_deals=Count("deals", filter=OPEN))
        return super().get_context_data(
            pipelines=Pipeline.objects.prefetch_related(
                Prefetch("stages", stages.filter(is_active=True), to_attr="active_stages")
            ).order_by("-is_active", "position", "pk"),
            reasons=LossReason.objects.order_by("-is_active", "position", "name"),
            competitors=Competitor.objects.order_by("-is_active", "position", "name"),
            **kwargs,
        )


class PipelineCreate(Refusing, SettingCreate):
    """A new pipeline with its first stage or with those of a trade."""

    policy = right("manage_pipelines")
    model = Pipeline
    form_class = PipelineForm
    template_name = "deals/pipeline_form.html"
    title = _("New pipeline")
    success_url = PIPELINES

    def save(self, form: PipelineForm) -> Pipeline:
        given = form.cleaned_data
        if given["trade"]:
            language = self.request.user.language
            return add_pipeline_of(trade=given["trade"], name=given["name"], language=language)
        return arrange.add_pipeline(name=given["name"], first_stage_name=given["first_stage"])


class PipelineUpdate(Refusing, SettingUpdate):
    """Another name."""

    policy = right("manage_pipelines")
    model = Pipeline
    form_class = PipelineForm
    title = _("Pipeline")
    success_url = PIPELINES

    def save(self, form: PipelineForm) -> Pipeline:
        return arrange.rename_pipeline(pipeline_id=self.object.pk, name=form.cleaned_data["name"])


class ArrangeButton(Door):
    """A button of the settings page: one service call, a refusal is told above the page."""

    policy = right("manage_pipelines")
    http_method_names = ["post"]
    service: Callable[..., Any]
    key = "pipeline_id"
    arguments: dict[str, Any] = {}

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        try:
            type(self).service(**{self.key: pk}, **self.arguments)
        except DealRuleError as error:
            messages.error(request, error.message)
        return go_to(request, str(PIPELINES))


class PipelineDefault(ArrangeButton):
    """New deals enter here."""

    service = arrange.make_default


class PipelineArchive(ArrangeButton):
    """Out of use."""

    service = arrange.archive_pipeline


class PipelineRestore(ArrangeButton):
    """In use again."""

    service = arrange.restore_pipeline


class StageUp(ArrangeButton):
    """One place towards the beginning."""

    service, key, arguments = arrange.shift_stage, "stage_id", {"step": -1}


class StageDown(ArrangeButton):
    """One place towards the end."""

    service, key, arguments = arrange.shift_stage, "stage_id", {"step": 1}


class StageCreate(Refusing, SettingCreate):
    """A new stage at the end of the pipeline."""

    policy = right("manage_pipelines")
    model = Stage
    form_class = StageForm
    title = _("New stage")
    success_url = PIPELINES

    def save(self, form: StageForm) -> Stage:
        return arrange.add_stage(pipeline_id=self.kwargs["pk"], stage=form.save(commit=False))


class StageUpdate(Refusing, SettingUpdate):
    """Names, probability, colour, limit of days."""

    policy = right("manage_pipelines")
    model = Stage
    form_class = StageForm
    title = _("Stage")
    success_url = PIPELINES

    def save(self, form: StageForm) -> Stage:
        given = {name: form.cleaned_data[name] for name in StageForm.Meta.fields}
        return arrange.edit_stage(stage_id=self.object.pk, **given)


class SmallForm(Refusing, Fragments, Door, FormView):
    """A form without a version; `save` calls a service."""

    policy = right("manage_pipelines")
    template_name = "records/form.html"
    fragment = "form"
    title: Any = ""
    success_url: Any = PIPELINES
    submit_label: Any = _("Save")

    def form_valid(self, form: Any) -> HttpResponse:
        self.save(form)
        return go_to(self.request, str(self.success_url))

    def save(self, form: Any) -> None:
        """Call the service."""
        raise NotImplementedError

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            title=self.title,
            submit_label=self.submit_label,
            cancel_url=self.success_url,
            **kwargs,
        )


class StageArchive(SmallForm):
    """Out of use; asks where its deals go."""

    form_class = ArchiveStageForm
    title = _("Archive the stage")
    submit_label = _("Archive")

    @cached_property
    def stage(self) -> Stage:
        return get_object_or_404(Stage, pk=self.kwargs["pk"], is_active=True)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "stage": self.stage}

    def save(self, form: ArchiveStageForm) -> None:
        target = form.cleaned_data["to_stage"]
        arrange.archive_stage(
            stage_id=self.stage.pk,
            to_stage_id=target.pk if target else None,
            by=self.request.user,
            now=timezone.now(),
        )


class LossReasonCreate(SmallForm):
    """One more reason."""

    form_class = LossReasonForm
    title = _("New loss reason")

    def save(self, form: LossReasonForm) -> None:
        arrange.add_loss_reason(name=form.cleaned_data["name"])


class LossReasonUpdate(SmallForm):
    """Another name, in or out of use."""

    form_class = LossReasonForm
    title = _("Loss reason")

    def get_form_kwargs(self) -> dict[str, Any]:
        reason = get_object_or_404(LossReason, pk=self.kwargs["pk"])
        return {**super().get_form_kwargs(), "instance": reason}

    def save(self, form: LossReasonForm) -> None:
        arrange.edit_loss_reason(
            reason_id=self.kwargs["pk"],
            name=form.cleaned_data["name"],
            is_active=form.cleaned_data["is_active"],
        )


class CompetitorCreate(SmallForm):
    """One more competitor."""

    form_class = CompetitorForm
    title = _("New competitor")

    def save(self, form: CompetitorForm) -> None:
        arrange.add_competitor(name=form.cleaned_data["name"])


class CompetitorUpdate(SmallForm):
    """Another name, in or out of use."""

    form_class = CompetitorForm
    title = _("Competitor")

    def get_form_kwargs(self) -> dict[str, Any]:
        found = get_object_or_404(Competitor, pk=self.kwargs["pk"])
        return {**super().get_form_kwargs(), "instance": found}

    def save(self, form: CompetitorForm) -> None:
        given = form.cleaned_data
        arrange.edit_competitor(
            competitor_id=self.kwargs["pk"], name=given["name"], is_active=given["is_active"]
        )


class Rates(SmallForm):
    """The newest rates of each currency, and a form for one more."""

    form_class = RateForm
    template_name = "deals/rates.html"
    fragment = ""
    title = _("Currencies")
    success_url = reverse_lazy("deals:rates")

    def get_initial(self) -> dict[str, Any]:
        return {"valid_from": timezone.localdate()}

    def save(self, form: RateForm) -> None:
        given = form.cleaned_data
        set_rate(given["currency"], given["valid_from"], given["rate"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            currencies=Currency.objects.all(),
            rates=Rate.objects.select_related("currency").order_by("-valid_from", "currency")[:50],
            **kwargs,
        )
