"""The demo company lives, is equal for equal seeds, and leaves nothing behind."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import models
from django.db.models import Count, F, Sum
from stdnum.ru import inn
from stdnum.ua import edrpou

from accounts.models import Notification, User
from activities.models import Activity, Reminder, ReminderState
from activities.services import sweep_reminders
from contacts.models import Company, Phone
from contacts.phones import normalise
from crm.demo import company
from crm.demo.staff import PASSWORD
from deals.models import Deal, StageMove
from leads.models import Decision, Lead, Rule
from leads.services import distribute_lead
from tests import factories

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """The company loaded once for the module; every test rolls its own changes back."""
    with django_db_blocker.unblock():
        yield company.load(now=NOW)
        call_command("flush", interactive=False, verbosity=0)


def rows_of_all_tables() -> Counter:
    """How many rows each tracked or record table has."""
    labels = ("accounts", "activities", "contacts", "deals", "leads")
    found = Counter()
    for model in apps.get_models():
        if model._meta.app_label in labels and issubclass(model, models.Model):
            found[model._meta.label] = model._default_manager.count()
    return found


def fingerprint() -> tuple:
    """What two loads must have in common."""
    deals = Deal.objects.order_by("import_key").values_list(
        "import_key", "title", "status", "amount", "created_at", "closed_at", "owner__email"
    )
    work = Activity.objects.order_by("import_key").values_list("import_key", "kind", "happened_at")
    return tuple(deals), tuple(work), tuple(Phone.objects.order_by("pk").values_list("e164"))


def test_everybody_can_sign_in(world):
    assert User.objects.count() == 12
    assert User.objects.get(email="novikov@klimat.example").check_password(PASSWORD)
    assert len(set(User.objects.values_list("password", flat=True))) == 1
    assert set(User.objects.values_list("language", flat=True)) == {"ru", "uk", "en"}


def test_company_has_its_size(world):
    assert world["lead"] == 2500
    assert world["deal"] == 1500
    assert world["contact"] == 900
    assert world["company"] == 450
    assert 8500 <= world["activity"] <= 10500


def test_day_of_a_manager_has_everything(world):
    open_deals = Deal.objects.open()
    assert Activity.objects.overdue(NOW).exists()
    assert Activity.objects.planned().filter(due_at__date=NOW.date()).exists()
    assert open_deals.exclude(activities__in=Activity.objects.planned()).exists()
    assert open_deals.filter(stage_entered_at__lt=NOW - timedelta(days=7)).exists()
    assert Lead.objects.unassigned().filter(created_at__gt=NOW.replace(hour=0)).exists()


def test_leads_of_the_last_months_know_why_they_were_given(world):
    given = Lead.objects.filter(owner__isnull=False, created_at__gt=NOW - timedelta(days=100))
    given = given.exclude(status="converted")
    assert given.count() > 150
    assert not given.filter(decisions=None).exists()
    for lead in given.prefetch_related("decisions"):
        (decision,) = lead.decisions.all()
        assert decision.user_id == lead.owner_id
        assert {"user": lead.owner_id, "result": "given"}.items() <= next(
            line for line in decision.explanation if line["result"] == "given"
        ).items()
    for rule in Rule.objects.all():
        counts = rule.rotation.values_list("given", flat=True)
        assert max(counts) - min(counts) <= 1
    assert Decision.objects.filter(user=None, lead__owner=None).count() == 9


def test_rotation_goes_on_where_the_story_ends(world):
    rule = Rule.objects.get(position=2)
    expected = rule.rotation.order_by("given", "user_id").first().user
    lead = factories.lead(None, amount=1000)
    assert distribute_lead(lead_id=lead.pk, now=NOW).user == expected


def test_everybody_is_reminded_of_something_soon(world):
    for person in User.objects.all():
        waiting = Reminder.objects.filter(user=person, state=ReminderState.WAITING)
        assert waiting.filter(due_at__lt=NOW + timedelta(minutes=25)).exists(), person
    swept = sweep_reminders(now=NOW + timedelta(minutes=25))
    assert swept.shown == swept.mailed >= 12


def test_bell_has_new_and_old_notices_of_leads_and_reminders(world):
    for kind in ("assigned", "reminder"):
        notices = Notification.objects.filter(kind=kind)
        assert notices.filter(read_at=None).exists()
        assert not notices.filter(shown_at=None).exists()
    assert Notification.objects.exclude(read_at=None).exists()


def test_somebody_who_looks_in_the_evening_has_a_day_too(world):
    company.clear()
    now = NOW.replace(hour=19)
    company.load(now=now)
    night = (now + timedelta(hours=3)).replace(hour=0, minute=0) - timedelta(hours=3)
    today = Activity.objects.planned().filter(due_at__gte=now, due_at__lt=night + timedelta(days=1))
    assert today.count() > 25


def test_history_tells_the_day_of_the_story_not_of_the_loading(world):
    lead = Lead.objects.order_by("created_at").first()
    (event,) = Lead.pgh_event_model.objects.filter(pgh_obj_id=lead.pk)
    assert event.pgh_created_at == lead.created_at


def test_nobody_talked_in_a_call_without_an_answer(world):
    calls = Activity.objects.filter(kind="call", done_at__isnull=False)
    assert not calls.exclude(result="talked").exclude(body="").exists()
    assert not calls.filter(result="talked", body="").exists()


def test_group_lets_its_members_see_every_client(world):
    carter = User.objects.get(email__startswith="carter")
    walker = User.objects.get(email__startswith="walker")
    assert Company.objects.visible_to(walker).count() == 450
    assert 0 < Company.objects.visible_to(carter).count() < 450
    assert Deal.objects.visible_to(walker).count() < 1500


def test_customers_come_back(world):
    bought = Deal.objects.won().values("company").annotate(times=Count("pk"))
    assert bought.filter(times__gt=2).count() > 30


def test_stage_history_agrees_with_the_deal(world):
    assert StageMove.objects.filter(kind="entered").count() == 1500
    assert StageMove.objects.filter(kind="won").count() == Deal.objects.won().count()
    assert not StageMove.objects.filter(at__lt=F("deal__created_at")).exists()
    assert not StageMove.objects.filter(at__gt=NOW).exists()
    last = StageMove.objects.order_by("deal", "-at", "-pk").distinct("deal")
    wrong = [move for move in last.select_related("deal") if move.to_stage_id != move.deal.stage_id]
    assert wrong == []


def test_amount_is_the_sum_of_the_lines(world):
    sums = Deal.objects.annotate(total=Sum("lines__total"))
    assert not sums.exclude(total=F("amount")).exists()


def test_phones_and_tax_ids_are_valid(world):
    assert all(normalise(phone.e164).is_valid for phone in Phone.objects.all())
    for row in Company.objects.exclude(tax_id=""):
        assert (inn if row.country == "Россия" else edrpou).is_valid(row.tax_id)


def test_second_load_is_refused(world):
    with pytest.raises(CommandError):
        call_command("demo", "load", stdout=StringIO())


def test_logins_are_printed_and_written(world, settings, tmp_path):
    settings.DEMO_LOGINS_FILE = str(tmp_path / "logins.txt")
    out = StringIO()
    call_command("demo", "logins", stdout=out)
    assert out.getvalue().count(PASSWORD) == 12
    assert (tmp_path / "logins.txt").read_text() == out.getvalue()


def test_clear_removes_exactly_what_was_loaded_and_seed_repeats_it(world):
    first = fingerprint()
    own = factories.company(None, name="Real")
    assert company.clear() == {}
    assert list(Company.objects.all()) == [own]
    left = +rows_of_all_tables()
    kept = {"contacts.Company", "contacts.CompanyEvent"}
    defaults = {"accounts.Role", "accounts.RoleGrant", "accounts.RoleEvent"}
    defaults |= {
        "accounts.RoleGrantEvent",
        "deals.Pipeline",
        "deals.Stage",
        "deals.LossReason",
        "deals.Competitor",
    }
    defaults |= {"deals.PipelineEvent", "deals.StageEvent", "activities.Mark"}
    assert set(left) <= kept | defaults
    company.load(now=NOW)
    assert fingerprint() == first


def test_clear_keeps_what_real_records_need(world):
    used = Company.objects.filter(import_key__startswith="demo:").first()
    factories.deal(used.owner, company=used)
    left = company.clear()
    assert left == {"company": 1, "user": left["user"], "department": left["department"]}
    assert not User.objects.filter(is_active=True).exists()
