"""The message catalogues are read from sources and templates, and kept complete."""

import shutil

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from crm import catalogues


@pytest.fixture
def small(tmp_path):
    (tmp_path / "room").mkdir()
    (tmp_path / "room" / "views.py").write_text(
        'from django.utils.translation import gettext as _, ngettext\n_("Open")\n'
        'ngettext("%(n)d deal", "%(n)d deals", 2)\n'
    )
    pages = tmp_path / "templates" / "room"
    pages.mkdir(parents=True)
    (pages / "page.html").write_text(
        '{% load i18n %}\n  <p>{% translate "Close" context "verb" %}</p>\n'
        "<b>{% blocktranslate trimmed %}\n Hello {{ name }}\n{% endblocktranslate %}</b>\n"
    )
    return tmp_path


def test_sources_and_templates_are_both_read(small):
    found = {(m.id, m.context) for m in catalogues.extracted(small) if m.id}
    assert ("Open", None) in found
    assert (("%(n)d deal", "%(n)d deals"), None) in found
    assert ("Close", "verb") in found
    assert ("Hello %(name)s", None) in found


def test_missing_untranslated_and_obsolete_are_named(small):
    assert "ru: missing 'Open'" in catalogues.problems(small)
    for language in catalogues.LANGUAGES:
        catalogues.write(small, language, catalogues.updated(small, language))
    assert "uk: untranslated 'Open'" in catalogues.problems(small)
    (small / "room" / "views.py").write_text("")
    assert "ru: obsolete 'Open'" in catalogues.problems(small)


def test_a_translation_survives_an_update_and_is_compiled(small):
    catalogue = catalogues.updated(small, "ru")
    catalogue.get("Open").string = "Открыть"
    catalogues.write(small, "ru", catalogue)
    assert catalogues.updated(small, "ru").get("Open").string == "Открыть"
    catalogues.write(small, "uk", catalogues.updated(small, "uk"))
    catalogues.compile_all(small)
    assert catalogues.path_of(small, "ru").with_suffix(".mo").stat().st_size > 0


def test_command_refuses_what_is_incomplete(small, settings, capsys):
    settings.BASE_DIR = small
    call_command("messages", "update")
    call_command("messages", "missing")
    assert "untranslated" in capsys.readouterr().out
    with pytest.raises(CommandError):
        call_command("messages", "check")
    shutil.rmtree(small / "room")
    shutil.rmtree(small / "templates")
    call_command("messages", "update")
    call_command("messages", "check")
    call_command("messages", "compile")


def test_the_products_own_catalogues_are_complete():
    assert catalogues.problems(settings.BASE_DIR) == []
