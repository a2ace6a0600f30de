"""Marks on calls, meetings and notes: one click in the composer, a list of the administrator."""

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse

from activities import services
from activities.defaults import create_marks, rename_marks
from activities.models import Activity, ActivityMark, Mark
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def log(client, deal, **body):
    url = reverse("activities:log", args=["deal", deal.pk])
    return client.post(url, {"form_key": uuid.uuid4(), "kind": "call", "result": "talked", **body})


def test_marks_are_picked_with_the_call_and_shown_on_the_timeline(people, sign_in):
    deal, mark = factories.deal(people.manager), factories.mark()
    client = sign_in(people.manager)
    assert log(client, deal, body="Compares us", marks=[mark.pk]).status_code == 302
    row = ActivityMark.objects.get()
    assert (row.mark, row.by) == (mark, people.manager)
    page = client.get(reverse("activities:timeline", args=["deal", deal.pk])).content.decode()
    assert '<span class="tg">Competitor</span>' in page
    assert 'name="marks"' in page


def test_mark_that_is_not_there_is_refused_and_the_text_stays(people, sign_in):
    deal = factories.deal(people.manager)
    gone = factories.mark("Gone")
    Mark.objects.filter(pk=gone.pk).update(is_active=False)
    for wrong in (gone.pk, 999999, "x"):
        page = log(sign_in(people.manager), deal, body="Kept words", marks=[wrong])
        assert page.status_code == 422
        assert "Kept words" in page.content.decode()
    assert not Activity.objects.exists()


def test_meeting_is_marked_when_it_is_done_and_a_task_is_not(people, sign_in):
    deal, mark = factories.deal(people.manager), factories.mark()
    client = sign_in(people.manager)
    for kind, count in (("meeting", 1), ("task", 0)):
        plan = factories.activity(people.manager, kind=kind, deal=deal)
        page = client.get(reverse("activities:complete", args=[plan.pk]))
        assert ('name="marks"' in page.content.decode()) == bool(count)
        client.post(reverse("activities:complete", args=[plan.pk]), {"marks": [mark.pk]})
        assert plan.marked.count() == count


def test_edit_changes_marks_and_keeps_one_taken_out_of_use(people, sign_in):
    old, new = factories.mark("Old"), factories.mark("New", "price")
    note = factories.activity(people.manager, kind="note", body="Words", due_at=None, done_at=NOW)
    services.set_marks(activity=note, marks=[old], by=people.admin, now=NOW)
    services.edit_mark(mark_id=old.pk, name="Old", kind="other", is_active=False)
    client = sign_in(people.manager)
    url = reverse("activities:edit", args=[note.pk])
    body = {"version": note.version, "kind": "note", "body": "Words", "owner": people.manager.pk}
    assert client.post(url, {**body, "marks": [old.pk, new.pk]}).status_code == 302
    assert list(note.marked.values_list("mark__name", "by")) == [
        ("New", people.manager.pk),
        ("Old", people.admin.pk),
    ]
    note.refresh_from_db()
    client.post(url, {**body, "version": note.version})
    assert not note.marked.exists()


def test_timeline_asks_as_often_for_many_marked_rows_as_for_one(
    people, sign_in, django_assert_max_num_queries
):
    deal, mark = factories.deal(people.manager), factories.mark()
    client = sign_in(people.manager)
    url = reverse("activities:timeline", args=["deal", deal.pk])
    counts = []
    for _ in range(2):
        for _n in range(6):
            row = services.log_activity(
                by=people.manager, now=NOW, kind="note", record=deal, body="x", marks=[mark]
            )
            assert row.marked.count() == 1
        with django_assert_max_num_queries(60) as asked:
            client.get(url)
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_administrator_arranges_the_list(people, sign_in):
    client = sign_in(people.admin)
    url = reverse("activities:mark_create")
    assert client.post(url, {"name": "Warranty", "kind": "objection"}).status_code == 302
    assert client.post(url, {"name": "warranty", "kind": "other"}).status_code == 422
    mark = Mark.objects.get()
    edit = reverse("activities:mark_edit", args=[mark.pk])
    client.post(edit, {"name": "Guarantee", "kind": "other"})
    mark.refresh_from_db()
    assert (mark.name, mark.kind, mark.is_active) == ("Guarantee", "other", False)
    assert "not in use" in client.get(reverse("activities:marks")).content.decode()
    assert client.get(reverse("activities:mark_edit", args=[10**9])).status_code == 404
    assert sign_in(people.head).get(reverse("activities:marks")).status_code == 403


def test_first_marks_speak_the_language_and_are_made_once(db):
    create_marks("ru")
    create_marks("uk")
    assert Mark.objects.count() == 4
    Mark.objects.filter(kind="price").update(name="Own name")
    rename_marks("en")
    assert set(Mark.objects.values_list("name", flat=True)) == {
        "Competitor",
        "Objection",
        "Own name",
        "Delivery",
    }


def test_mark_belongs_to_its_activity(people):
    deal, mark = factories.deal(people.manager), factories.mark()
    row = services.log_activity(
        by=people.manager,
        now=NOW + timedelta(days=1),
        kind="call",
        record=deal,
        marks=[mark, mark],
    )
    assert row.marked.count() == 1
    row.delete()
    assert not ActivityMark.objects.exists()
