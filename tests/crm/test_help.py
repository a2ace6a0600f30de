"""Help is there for every main page, complete in three languages, also inside the dialog."""

import pytest
from django.urls import get_resolver
from django.utils import translation

from crm.help.texts import TOPICS, topic_of

pytestmark = pytest.mark.django_db


def url_names(resolver=None, prefix="") -> set[str]:
    found = set()
    for pattern in (resolver or get_resolver()).url_patterns:
        if hasattr(pattern, "url_patterns"):
            space = f"{pattern.namespace}:" if pattern.namespace else ""
            found |= url_names(pattern, prefix + space)
        elif pattern.name:
            found.add(prefix + pattern.name)
    return found


def test_topics_name_pages_that_exist():
    known = url_names()
    for topic in TOPICS.values():
        for page in topic.pages:
            stem = page.removesuffix("*")
            assert any(name.startswith(stem) if page != stem else name == page for name in known), (
                page
            )


def test_help_of_the_page_is_one_press_away(people, sign_in):
    client = sign_in(people.manager)
    page = client.get("/deals/board/").content.decode()
    assert 'href="/help/board/"' in page
    part = client.get("/help/board/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert str(TOPICS["board"].lines[0]) in part
    whole = client.get("/help/").content.decode()
    assert 'id="board"' in whole
    assert 'id="roles"' not in whole
    assert 'id="roles"' in sign_in(people.admin).get("/help/").content.decode()
    assert client.get("/help/nothing/").status_code == 404


def test_texts_are_translated_and_the_nearest_topic_is_found():
    for language in ("ru", "uk"):
        for topic in TOPICS.values():
            for line in topic.lines:
                with translation.override("en"):
                    english = str(line)
                with translation.override(language):
                    assert str(line) != english
    assert topic_of("accounts:role_edit").code == "roles"
    assert topic_of("reports:funnel").code == "reports"
    assert topic_of("healthz") is None
