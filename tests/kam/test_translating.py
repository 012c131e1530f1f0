"""A translator finds every sentence in his catalogue, and loses none of his work to the next update."""

import gettext

import pytest
from babel.messages.pofile import read_po

from kam import translating

CODE = """
from django.utils.translation import gettext_lazy as _, ngettext, pgettext_lazy
# Translators: on the button
label = _("Assign")
state = pgettext_lazy("page", "Next")
def count(n):
    return ngettext("%(n)d dossier", "%(n)d dossiers", n) % {"n": n}
def nothing(word):
    return _(word)
"""
TEMPLATE = """
{% load i18n %}
<h1>{% translate "Sales head" %}</h1>
<p title="{% translate "Don't" context 'card' %}">It's 100 % text, "quoted", not translated</p>
{% blocktranslate trimmed count n=rows with name=client.name %}
  One row of {{ name }}
{% plural %}
  {{ n }} rows of {{ name }}
{% endblocktranslate %}
{% blocktranslate %}50 % of {{ share }}{% endblocktranslate %}
{{ _("Inline")|upper }} {% include "x" with title=_("Title of a part") %}
{# translate "not this" #}
"""


@pytest.fixture
def project(tmp_path, settings):
    settings.BASE_DIR = tmp_path
    settings.LOCALE_PATHS = [tmp_path / "locale"]
    (tmp_path / "accounts" / "migrations").mkdir(parents=True)
    (tmp_path / "accounts" / "views.py").write_text(CODE)
    (tmp_path / "accounts" / "migrations" / "0001.py").write_text('_("Frozen")')
    (tmp_path / "templates" / "accounts").mkdir(parents=True)
    (tmp_path / "templates" / "accounts" / "page.html").write_text(TEMPLATE)
    return tmp_path


def written(language: str):
    with translating.catalogue_path(language).open("rb") as file:
        return read_po(file, locale=language)


def translate(language: str, old: str, new: str) -> None:
    path = translating.catalogue_path(language)
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_every_sentence_of_code_and_templates_is_found(project):
    found = {(message.id, message.context) for message in translating.extract() if message.id}
    assert found == {
        ("Assign", None),
        ("Next", "page"),
        (("%(n)d dossier", "%(n)d dossiers"), None),
        ("Sales head", None),
        ("Don't", "card"),
        (("One row of %(name)s", "%(n)s rows of %(name)s"), None),
        ("50 %% of %(share)s", None),
        ("Inline", None),
        ("Title of a part", None),
    }


def test_an_update_keeps_what_was_translated_and_drops_what_is_gone(project):
    translating.update()
    translate("pl", 'msgid "Assign"\nmsgstr ""', 'msgid "Assign"\nmsgstr "Przydziel"')
    (project / "templates" / "accounts" / "page.html").write_text(
        '{% load i18n %}{% translate "Brand new" %}'
    )
    translating.update()
    catalogue = written("pl")
    assert catalogue["Assign"].string == "Przydziel"
    assert "Brand new" in catalogue
    assert "Sales head" not in catalogue
    assert not catalogue.obsolete


def test_an_update_without_news_changes_nothing(project):
    translating.update()
    before = translating.catalogue_path("ru").read_bytes()
    translating.update()
    assert translating.catalogue_path("ru").read_bytes() == before


def test_a_translation_is_compiled_and_spoken(project):
    translating.update()
    assert 'msgstr[2] ""' in translating.catalogue_path("ru").read_text()
    translate(
        "ru",
        'msgstr[0] ""\nmsgstr[1] ""\nmsgstr[2] ""',
        'msgstr[0] "%(n)d досье (1)"\nmsgstr[1] "%(n)d досье (2)"\nmsgstr[2] "%(n)d досье (5)"',
    )
    assert translating.compile_stale()
    assert not translating.compile_stale(), "compiled again without need"
    with translating.catalogue_path("ru").with_suffix(".mo").open("rb") as file:
        words = gettext.GNUTranslations(file)
    said = [words.ngettext("%(n)d dossier", "%(n)d dossiers", n) % {"n": n} for n in (1, 3, 11)]
    assert said == ["1 досье (1)", "3 досье (2)", "11 досье (5)"]


def test_what_lacks_a_translation_is_named_with_its_place(project):
    translating.update()
    lacking = translating.lacking()
    assert {lack.language for lack in lacking} == {"ru", "pl"}
    assert "pl: “Assign” (accounts/views.py)" in map(str, lacking)
    translate("pl", 'msgid "Assign"\nmsgstr ""', 'msgid "Assign"\nmsgstr "Przydziel"')
    assert "pl: “Assign” (accounts/views.py)" not in map(str, translating.lacking())
