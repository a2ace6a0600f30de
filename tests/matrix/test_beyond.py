"""What people learn beside pages is as narrow as the pages are."""

from datetime import timedelta

import pytest
from celery import current_app
from django.core.management import get_commands
from django.utils import timezone

from tests.matrix import aggregates, beyond, list_checks

pytestmark = pytest.mark.django_db

TASKS = {
    "activities.tasks.sweep_reminders": "letters: test_letter_names_nothing_a_person_lost",
    "leads.tasks.distribute": "notices: test_notice_names_only_what_its_reader_sees",
    "leads.tasks.sweep_unassigned": "notices: test_notice_names_only_what_its_reader_sees",
    "accounts.tasks.forget_failures": "tells nobody anything",
    "crm.tasks.hand_over": "tells the receivers a number, the asker a name he administers",
    "crm.tasks.sweep_hand_overs": "tells nobody anything",
    "crm.tasks.purge_trash": "tells nobody anything",
    "records.tasks.purge_audit": "tells nobody anything",
    "reports.tasks.run_report": "tests/reports/test_runs.py: counted with the rights of its asker",
    "reports.tasks.send_reports": "tests/reports/test_schedules.py: each receiver his own numbers",
    "reports.tasks.sweep_runs": "tells nobody anything",
    "reports.tasks.purge_runs": "tells nobody anything",
    "reports.tasks.keep_forecasts": "writes numbers; test_reports_add_up_what_is_seen",
    "reports.tasks.train_lead_score": "writes numbers; tests/reports/test_score.py",
    "reports.tasks.score_leads": "writes chances; the matrix walks the lists and cards of leads",
    "reports.tasks.store_scores": "writes numbers; test_reports_add_up_what_is_seen",
    "reports.tasks.refresh_customer_values": "writes numbers; test_reports_add_up_what_is_seen",
}
"""Background work, and what watches over what it tells people."""
COMMANDS = {
    "report": "speaks for a person: test_printed_report_shows_what_its_person_sees",
}
QUIET_COMMANDS = {
    "createadmin",
    "demo",
    "import",
    "messages",
    "refresh_values",
    "resetfactor",
    "sweep",
}
"""Commands of the operator, who sees everything anyway."""
OURS = (
    "crm",
    "records",
    "accounts",
    "contacts",
    "catalog",
    "activities",
    "deals",
    "leads",
    "reports",
)


def test_every_task_is_watched():
    current_app.loader.import_default_modules()
    ours = {name for name in current_app.tasks if name.split(".")[0] in OURS}
    assert ours == set(TASKS)


def test_every_command_that_speaks_for_a_person_is_watched():
    ours = {name for name, app in get_commands().items() if app in OURS}
    assert ours - QUIET_COMMANDS == set(COMMANDS)


def test_search_and_pick_show_nothing_foreign(asker):
    assert beyond.search_leaks(asker) == []


def test_letter_names_nothing_a_person_lost(asker, mailoutbox):
    assert beyond.reminder_leaks(asker) == []


def test_notice_names_only_what_its_reader_sees(asker):
    assert beyond.assignment_leaks(asker) == []


def test_printed_report_shows_what_its_person_sees(asker):
    assert beyond.report_leaks(asker) == []


def test_warning_about_doubles_names_nobody_foreign(asker):
    assert beyond.duplicate_leaks(asker) == []


def test_hidden_fields_neither_sort_nor_filter(asker):
    assert beyond.oracle_leaks(asker) == []


def test_deal_answers_no_question_about_its_hidden_client(asker):
    assert beyond.hidden_client_leaks(asker) == []


def test_deed_on_many_rows_changes_only_those_within_reach(asker):
    assert list_checks.bulk_errors(asker) == []


def test_shared_view_shows_each_reader_only_his_own_rows(asker):
    assert list_checks.shared_view_errors(asker) == []


@pytest.fixture
def closed(asker):
    """Deals won and lost on top of the world."""
    known = dict(asker.world.records)
    aggregates.close_some(asker.world, timezone.now() - timedelta(hours=1))
    yield asker
    asker.world.records = known


def test_lists_and_board_add_up_what_is_seen(closed):
    assert aggregates.list_errors(closed) == []


def test_day_counts_what_is_ones_own(closed):
    assert aggregates.day_errors(closed) == []


def test_reports_add_up_what_is_seen(closed):
    assert aggregates.report_errors(closed) == []
