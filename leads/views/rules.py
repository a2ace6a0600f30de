"""Distribution rules and sources: pages of those who manage rules."""

from typing import Any

from django.db import transaction
from django.db.models import Max, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext_lazy as _
from django.views.generic import CreateView, FormView, ListView, UpdateView

from leads.forms import RuleForm, SourceForm
from leads.models import Decision, Lead, Rule, Source
from leads.views.leads import explained
from records.idempotency import submit_once
from records.policy import right
from records.views import Door, Fragments, go_to

MANAGE = right("manage_rules")
LAST = 20


class RuleList(Door, ListView):
    """The rules in their order, what each has given, and the last decisions."""

    policy = MANAGE
    model = Rule
    template_name = "leads/rule_list.html"
    context_object_name = "rules"

    def get_queryset(self) -> QuerySet:
        return Rule.objects.select_related("source", "department").prefetch_related(
            "pool__user", "rotation__user"
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        seen = Lead.objects.visible_to(self.request.user)
        decisions = Decision.objects.filter(lead__in=seen).order_by("-at", "-pk")
        return super().get_context_data(
            decisions=explained(decisions.select_related("lead")[:LAST]), **kwargs
        )


class RuleForms(Fragments, Door):
    """What creating and editing a rule share."""

    policy = MANAGE
    model = Rule
    form_class = RuleForm
    template_name = "records/form.html"
    fragment = "form"

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "user": self.request.user}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            title=self.title,
            submit_label=_("Save"),
            cancel_url=reverse("leads:rules"),
            **kwargs,
        )

    def form_invalid(self, form: RuleForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)


class RuleCreate(RuleForms, FormView):
    """A new rule, last in the order."""

    title = _("New distribution rule")

    def form_valid(self, form: RuleForm) -> HttpResponse:
        key = form.cleaned_data["form_key"]
        return go_to(self.request, submit_once(self.request.user, key, lambda: self._make(form)))

    def _make(self, form: RuleForm) -> str:
        rule = form.save(commit=False)
        rule.position = (Rule.objects.aggregate(last=Max("position"))["last"] or 0) + 1
        rule.save()
        form.save_pool(rule)
        return reverse("leads:rules")


class RuleUpdate(RuleForms, UpdateView):
    """A changed rule; a stale form is refused with the text kept."""

    title = _("Edit distribution rule")

    @transaction.atomic
    def form_valid(self, form: RuleForm) -> HttpResponse:
        stored = Rule.objects.select_for_update().get(pk=self.object.pk)
        if stored.version != form.cleaned_data["version"]:
            form.add_error(None, _("Somebody changed this rule meanwhile. Open it again."))
            return self.form_invalid(form)
        rule = form.save(commit=False)
        rule.version = stored.version + 1
        rule.save()
        form.save_pool(rule)
        return go_to(self.request, reverse("leads:rules"))


class RuleMove(Door):
    """One place up or down."""

    policy = MANAGE

    @transaction.atomic
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        rules = list(Rule.objects.select_for_update().order_by("position", "pk"))
        place = next((n for n, rule in enumerate(rules) if rule.pk == pk), None)
        if place is None:
            get_object_or_404(Rule, pk=pk)
        other = place - 1 if request.POST.get("to") == "up" else place + 1
        if 0 <= other < len(rules):
            rules[place], rules[other] = rules[other], rules[place]
        for position, rule in enumerate(rules, 1):
            rule.position = position
        Rule.objects.bulk_update(rules, ["position"])
        return go_to(request, reverse("leads:rules"))


class SourceList(Door, ListView):
    """Sources in their order."""

    policy = MANAGE
    model = Source
    template_name = "leads/source_list.html"
    context_object_name = "sources"


class SourceForms(Fragments, Door):
    """What creating and editing a source share."""

    policy = MANAGE
    model = Source
    form_class = SourceForm
    template_name = "records/form.html"
    fragment = "form"
    success_url = reverse_lazy("leads:sources")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            title=_("Source"), submit_label=_("Save"), cancel_url=self.success_url, **kwargs
        )

    def form_valid(self, form: SourceForm) -> HttpResponse:
        form.save()
        return go_to(self.request, str(self.success_url))

    def form_invalid(self, form: SourceForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)


class SourceCreate(SourceForms, CreateView):
    """A new source; its unique name makes a double post one."""


class SourceUpdate(SourceForms, UpdateView):
    """A changed source."""
