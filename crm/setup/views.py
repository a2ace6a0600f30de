"""The first run at /setup/, the company's page in the settings, the demo company in and out."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse_lazy
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView

from accounts.models import User, Workplace
from accounts.models.users import Language
from accounts.services import EmailTaken, hide_steps, save_workplace, workplace
from accounts.views.people import EMAIL_TAKEN, invite
from catalog.services import base_code
from crm.demo import company as demo
from crm.first_run import set_up
from crm.setup import services
from crm.setup.forms import CompanyForm, SetupForm, present
from records.policy import right
from records.setting_views import SettingUpdate
from records.views import Door, go_to

HOME, COMPANY = "/", reverse_lazy("company")


class Setup(Door, FormView):
    """One page, once; afterwards it leads to the company's page. `?language=` changes its words."""

    policy = right("administer")
    form_class = SetupForm
    template_name = "setup/setup.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        chosen = request.GET.get("language", "")
        if chosen not in Language.values:
            return super().dispatch(request, *args, **kwargs)
        with translation.override(chosen):
            response = super().dispatch(request, *args, **kwargs)
            return response.render() if hasattr(response, "render") else response

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not present().awaits_setup:
            return go_to(request, str(COMPANY))
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not present().awaits_setup:
            return go_to(request, str(COMPANY))
        return super().post(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        row = present()
        row.language = translation.get_language() or row.language
        return {**super().get_form_kwargs(), "instance": row, "user": self.request.user}

    def form_valid(self, form: Any) -> HttpResponse:
        given, user = form.cleaned_data, self.request.user
        try:
            invited = services.set_up_company(
                company=form.company_fields(),
                currency=given["currency"],
                trade=given["trade"],
                names={name: given[name] for name in ("last_name", "first_name")},
                emails=given["emails"],
                role=given["role"],
                with_demo=given["demo"],
                by=user,
                now=timezone.now(),
            )
        except services.AlreadySetUp:
            return go_to(self.request, str(COMPANY))
        except EmailTaken:
            form.add_error("emails", EMAIL_TAKEN)
            return self.form_invalid(form)
        with translation.override(given["language"]):
            self._write_to(invited)
            messages.success(self.request, _("The company is set up."))
        return go_to(self.request, HOME)

    def _write_to(self, invited: list[User]) -> None:
        by = self.request.user.pk or 0
        for person in invited:
            invite(self.request, person_id=person.pk, by_id=by)

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)


class CompanyPage(SettingUpdate):
    """What the first run asked, to be changed later; the demo company in or out."""

    policy = right("administer")
    model = Workplace
    form_class = CompanyForm
    template_name = "setup/company.html"
    fragment = ""
    title = gettext_lazy("Company")
    success_url = reverse_lazy("company")

    def find(self, *, lock: bool = False) -> Workplace:
        rows = Workplace.objects.filter(pk=1)
        found = (rows.select_for_update() if lock else rows).first()
        if found is None:
            place = workplace()
            fields = {"language": place.language, "time_zone": place.time_zone}
            found = Workplace(pk=1, **fields)
        return found

    def save(self, form: Any) -> Workplace:
        row = save_workplace(**form.company_fields())
        messages.success(self.request, _("Saved."))
        return row

    def conflict(self, form: Any, stored: int) -> HttpResponse:
        """With nothing stored there is nothing to differ from."""
        if Workplace.objects.exists():
            return super().conflict(form, stored)
        self.save(form)
        return go_to(self.request, str(COMPANY))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            base_code=base_code(),
            has_demo=demo.is_loaded(),
            is_demo_person=(self.request.user.import_key or "").startswith(demo.PREFIX),
            **kwargs,
        )


class DemoLoad(Door):
    """Bring the demo company in; its people cannot sign in."""

    policy = right("administer")
    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        if "really" not in request.POST:
            return go_to(request, str(COMPANY))
        try:
            demo.load(now=timezone.now(), may_sign_in=False)
            messages.success(request, _("The demo company is loaded."))
        except demo.DemoPresent:
            messages.error(request, _("The demo company is loaded already."))
        return go_to(request, str(COMPANY))


class DemoClear(Door):
    """Take the demo company out."""

    policy = right("administer")
    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        if "really" not in request.POST:
            return go_to(request, str(COMPANY))
        try:
            with transaction.atomic():
                left = services.remove_demo(by=request.user)
                set_up()
        except services.OnlyDemoPeople:
            messages.error(request, _("Sign in as an administrator of your own first."))
            return go_to(request, str(COMPANY))
        words = _("The demo company is removed. Left, because real records need them: %(count)d.")
        messages.success(
            request,
            words % {"count": sum(left.values())} if left else _("The demo company is removed."),
        )
        return go_to(request, str(COMPANY))


class StepsHide(Door):
    """Put the list of first steps away."""

    policy = right("administer")
    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        hide_steps(now=timezone.now())
        return go_to(request, HOME)
