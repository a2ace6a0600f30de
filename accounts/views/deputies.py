"""Deputies: of oneself, and of anybody for the administrator."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import FormView

from accounts import services
from accounts.deputy_form import DeputyForm
from accounts.models import Deputy, User
from records.policy import PERSON, right
from records.views import Door, go_to

SHOWN = 50


class OwnDeputies(Door, FormView):
    """Who stands in for the person, now, later and before; and for whom the person does."""

    policy = PERSON
    template_name = "accounts/deputies.html"
    form_class = DeputyForm

    @cached_property
    def person(self) -> User:
        """Whose deputies these are."""
        return User.objects.get(pk=self.request.user.pk)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "person": self.person}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = Deputy.objects.select_related("deputy", "person")
        return super().get_context_data(
            person=self.person,
            is_own=self.person.pk == self.request.user.pk,
            deputies=rows.filter(person=self.person)[:SHOWN],
            stands_in_for=rows.filter(deputy=self.person, ends_at__gt=timezone.now())[:SHOWN],
            now=timezone.now(),
            **kwargs,
        )

    def form_valid(self, form: Any) -> HttpResponse:
        deputy = form.cleaned_data["deputy"]
        by: Any = self.request.user
        try:
            services.appoint_deputy(person=self.person, deputy=deputy, by=by, **form.period())
        except services.DeputyRefused:
            form.add_error("deputy", _("Choose an active person other than the one away."))
            return self.form_invalid(form)
        messages.success(self.request, _("Appointed: %(name)s") % {"name": deputy})
        return go_to(self.request, self.request.path)

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)


class PersonDeputies(OwnDeputies):
    """The same of any person."""

    policy = right("administer")

    @cached_property
    def person(self) -> User:
        """Whose deputies these are."""
        return get_object_or_404(User, pk=self.kwargs["pk"])


class OwnDeputyRecall(Door):
    """End the term of one's own deputy now."""

    policy = PERSON
    http_method_names = ["post"]

    def rows(self) -> QuerySet:
        """Those the person may recall."""
        return Deputy.objects.filter(person=self.request.user.pk)

    def back(self, deputy: Deputy) -> str:
        """The page of the list."""
        return reverse("accounts:deputies")

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        deputy = get_object_or_404(self.rows(), pk=pk)
        services.recall_deputy(deputy=deputy, now=timezone.now())
        messages.success(request, _("The deputy is recalled."))
        return go_to(request, self.back(deputy))


class DeputyRecall(OwnDeputyRecall):
    """End the term of anybody's deputy now."""

    policy = right("administer")

    def rows(self) -> QuerySet:
        return Deputy.objects.all()

    def back(self, deputy: Deputy) -> str:
        return reverse("accounts:person_deputies", args=[deputy.person_id])
