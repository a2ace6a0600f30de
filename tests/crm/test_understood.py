"""What was understood is told beside the field."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from tests import factories as make


@pytest.mark.parametrize(
    ("kind", "text", "words"),
    [
        ("sum", "1,5 млн", "1,500,000"),
        ("day", "24.12.2026", "Thu, 24 December 2026"),
        ("moment", "24.12.2026 9:30", "Thu, 24 December 2026, 09:30"),
        ("moment", "лето", ""),
        ("day", "31.02.2026", ""),
        ("other", "1", ""),
        ("", "", ""),
    ],
)
def test_understood_words_are_told_and_nothing_for_the_rest(client, people, kind, text, words):
    client.force_login(people.manager)
    answer = client.get(reverse("understood"), {"kind": kind, "text": text})
    assert answer.json() == {"words": words}


def test_bad_moment_gets_a_message_at_its_field_and_keeps_its_text(client, people):
    client.force_login(people.manager)
    deal = make.deal(people.manager)
    url = reverse("activities:plan", args=["deal", deal.pk])
    form = {"kind": "task", "subject": "Call", "due_at": "when I can", "owner": people.manager.pk}
    answer = client.post(url, form | {"form_key": "0b34bd40-8d9e-4b8e-8a2f-3f1b9e4cf001"})
    assert answer.status_code == 422
    assert b"Not understood" in answer.content
    assert b'value="when I can"' in answer.content


def test_moment_in_words_is_planned_in_the_zone_of_the_person(client, people):
    client.force_login(people.manager)
    deal = make.deal(people.manager)
    url = reverse("activities:plan", args=["deal", deal.pk])
    form = {"kind": "task", "subject": "Call", "due_at": "6 мая 2030 10:00"}
    form |= {"form_key": "0b34bd40-8d9e-4b8e-8a2f-3f1b9e4cf002", "owner": people.manager.pk}
    client.post(url, form)
    due = deal.activities.get().due_at
    assert due.astimezone(UTC).date() == datetime(2030, 5, 6).date()
