"""The catalogues are complete, and the check that says so finds everything that would show on a page."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from django.conf import settings
from django.utils import translation

from config import translations
from config.management.commands.translations import our_folders
from config.placeholders import placeholder_problem
from config.texts import Text, TwoPlurals, collect
from config.translations import PLURALS, PlainCatalog, in_mo, in_po, po_file, problems, read, update
from tests.terminal import refused, typed

OURS = Path(settings.LOCALE_PATHS[0])
SOURCE = """
from django.utils.translation import gettext as _, gettext_lazy as later, ngettext, pgettext
from django.utils import translation
TITLE = later("Desk")
def words(n):
    _("Hello %(name)s")
    pgettext("verb", "Open")
    translation.gettext("Through the module")
    return ngettext("%(n)s code", "%(n)s codes", n)
for _ in range(3):
    pass
"""
TEMPLATE = """{% load i18n %}<p title="{% translate "A title" %}">{% badge "x" _("In a tag") %}
{{ value|default:_("In a filter") }}
{% blocktranslate with name=person %}Dear {{ name }}, 100 %{% endblocktranslate %}
{% blocktranslate count n=total trimmed %}
  {{ n }} row
{% plural %}
  {{ n }} rows
{% endblocktranslate %}</p>"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A small app whose catalogues are complete."""
    app = tmp_path / "app"
    (app / "migrations").mkdir(parents=True)
    (app / "migrations" / "0001.py").write_text('_("In a migration")')
    (app / "code.py").write_text(SOURCE)
    (app / "page.html").write_text(TEMPLATE)
    update(tmp_path / "locale", collect([app]))
    for language in ("ar", "fr"):
        change(tmp_path / "locale", language, partial(complete, forms=PLURALS[language][0]))
    return tmp_path


def complete(message: Message, forms: int) -> None:
    message.string = (message.id[1],) * forms if message.pluralizable else f"‹{message.id}›"


def change(
    locale: Path, language: str, edit: Callable[[Message], object], only: str = "", compiled: bool = True
) -> None:
    path = po_file(locale, language)
    catalog = read(path, language)
    for message in catalog:
        if message.id and only in str(message.id):
            edit(message)
    path.write_bytes(in_po(catalog))
    if compiled:
        path.with_suffix(".mo").write_bytes(in_mo(catalog))


def found(project: Path) -> list[str]:
    return list(problems(project / "locale", collect([project / "app"])))


# Ours -----------------------------------------------------------------------------------------------------------------


def test_every_text_of_ours_is_translated() -> None:
    assert list(problems(OURS, collect(our_folders()))) == []


def test_the_command_says_so_too_and_writes_nothing() -> None:
    before = {path: path.read_bytes() for path in OURS.rglob("django.*")}
    assert "are translated" in typed("translations", "--check")
    assert {path: path.read_bytes() for path in OURS.rglob("django.*")} == before


def test_one_translation_less_is_noticed(tmp_path: Path) -> None:
    locale = tmp_path / "locale"
    shutil.copytree(OURS, locale)
    for language in ("ar", "fr"):
        change(locale, language, lambda message: setattr(message, "string", ""), only="Desk")
    assert "problems" in refused("translations", "--check", "--locale", str(locale))
    found = list(problems(locale, collect(our_folders())))
    assert {"ar: not translated: 'Desk'", "fr: not translated: 'Desk'"} <= set(found)


def test_django_reads_what_we_compile() -> None:
    with translation.override("ar"):
        assert translation.gettext("Desk") != "Desk"
    with translation.override("en"):
        assert translation.ngettext("%(n)s fact", "%(n)s facts", 1) == "%(n)s fact"
        assert translation.ngettext("%(n)s fact", "%(n)s facts", 5) == "%(n)s facts"


@pytest.mark.parametrize("number", [0, 1, 2, 3, 10, 11, 99, 100, 102, 103, 111])
def test_arabic_counts_as_djangos_own_arabic_does(number: int) -> None:
    expression = PLURALS["ar"][1]
    source = (Path(translation.__file__).parents[2] / "conf/locale/ar/LC_MESSAGES/django.po").read_text()
    joined = re.sub(r'"\n"', "", source)
    theirs = re.search(r"Plural-Forms: nplurals=6; plural=(.*?);", joined)
    assert theirs
    assert _form(expression, number) == _form(theirs[1], number)


def _form(expression: str, number: int) -> int:
    from gettext import c2py

    return c2py(expression)(number)


# Collecting -----------------------------------------------------------------------------------------------------------


def test_it_finds_texts_in_code_and_templates_under_every_name(project: Path) -> None:
    assert set(collect([project / "app"]).values()) == {
        Text("Desk"),
        Text("Hello %(name)s"),
        Text("Open", context="verb"),
        Text("Through the module"),
        Text("%(n)s code", plural="%(n)s codes"),
        Text("A title"),
        Text("In a tag"),
        Text("In a filter"),
        Text("Dear %(name)s, 100 %%"),
        Text("%(n)s row", plural="%(n)s rows"),
    }


def test_one_text_with_two_plurals_is_refused(project: Path) -> None:
    (project / "app" / "other.py").write_text('ngettext("%(n)s code", "%(n)s ciphers", 2)')
    with pytest.raises(TwoPlurals, match="other"):
        collect([project / "app"])


# Updating -------------------------------------------------------------------------------------------------------------


def test_writing_twice_gives_the_same_bytes(project: Path) -> None:
    before = [path.read_bytes() for path in sorted((project / "locale").rglob("django.*"))]
    update(project / "locale", collect([project / "app"]))
    assert [path.read_bytes() for path in sorted((project / "locale").rglob("django.*"))] == before
    assert not found(project)


def test_a_new_text_is_added_an_unused_one_goes_and_translations_stay(project: Path) -> None:
    (project / "app" / "code.py").write_text(SOURCE.replace('"Desk"', '"Till"'))
    wanting = update(project / "locale", collect([project / "app"]))
    assert wanting == {"ar": 1, "fr": 1, "en": 0}
    catalog = read(po_file(project / "locale", "ar"), "ar")
    assert catalog.get("Desk") is None and catalog.get("Till").string == ""
    assert catalog.get("A title").string == "‹A title›"


def test_a_file_says_nothing_of_when_where_and_by_whom(project: Path) -> None:
    text = po_file(project / "locale", "ar").read_text()
    assert not re.search(r"Date|#:|Translator|20\d\d|code\.py", text)


def test_english_may_stay_empty_but_has_its_plurals(project: Path) -> None:
    catalog = read(po_file(project / "locale", "en"), "en")
    assert catalog.get("Desk").string == ""
    assert catalog.get(("%(n)s code", "%(n)s codes")).string == ("%(n)s code", "%(n)s codes")


# Checking -------------------------------------------------------------------------------------------------------------

SIX = ("لا رموز", "رمز واحد", "رمزان", "%(n)s رموز", "%(n)s رمزًا", "%(n)s رمز")
BROKEN: list[tuple[str, str, object, str]] = [
    ("ar", "Desk", "", "not translated"),
    ("fr", "codes", ("%(n)s code", ""), "plural form"),
    ("ar", "codes", (*SIX[:5], ""), "plural form"),
    ("ar", "codes", (*SIX[:3], "رموز", *SIX[4:]), "placeholders differ"),
    ("fr", "codes", ("code", "%(n)s codes"), "placeholders differ"),
    ("ar", "Hello", "مرحبا", "placeholders differ"),
    ("ar", "Hello", "مرحبا %(nom)s", "placeholders differ"),
    ("ar", "Hello", "مرحبا %(name)d %s", "placeholders differ"),
    ("fr", "Hello", "Bonjour %(name)s, 50 % de", "placeholders differ"),
    ("fr", "Desk", "Accueil %(name)s", "placeholders differ"),
]


@pytest.mark.parametrize(("language", "text", "wrong", "words"), BROKEN)
def test_what_would_break_a_page_is_listed(project: Path, language: str, text: str, wrong: object, words: str) -> None:
    change(project / "locale", language, lambda message: setattr(message, "string", wrong), only=text)
    listed = found(project)
    assert len(listed) == 1 and words in listed[0] and listed[0].startswith(language)


def test_forms_that_stand_for_one_number_may_write_it_in_letters(project: Path) -> None:
    change(project / "locale", "ar", lambda message: setattr(message, "string", SIX), only="codes")
    assert not found(project)


def test_a_guess_is_no_translation(project: Path) -> None:
    change(project / "locale", "ar", lambda message: message.flags.add("fuzzy"), only="Desk")
    assert any("fuzzy: 'Desk'" in problem for problem in found(project))


def test_a_text_that_is_missing_or_used_nowhere_is_listed(project: Path) -> None:
    (project / "app" / "code.py").write_text(SOURCE.replace('"Desk"', '"Till"'))
    assert {problem for problem in found(project) if problem.startswith("ar")} == {
        "ar: missing: 'Till'",
        "ar: used nowhere: 'Desk'",
    }


def test_a_text_that_began_to_count_is_missing(project: Path) -> None:
    (project / "app" / "more.py").write_text('ngettext("Desk", "Desks", 2)')
    assert "ar: missing: 'Desk'" in found(project)


def test_a_po_that_was_not_compiled_is_listed(project: Path) -> None:
    change(project / "locale", "ar", lambda message: setattr(message, "string", "مكتب"), only="Desk", compiled=False)
    assert found(project) == ["ar: django.mo is not what django.po compiles to"]
    po_file(project / "locale", "ar").with_suffix(".mo").unlink()
    assert found(project) == ["ar: django.mo is not what django.po compiles to"]


@pytest.mark.parametrize("damage", ["", "nonsense", 'msgid "a"\nmsgstr "b', "\udcff"])
def test_a_file_that_is_no_catalogue_is_one_line(project: Path, damage: str) -> None:
    po_file(project / "locale", "ar").write_text(damage, errors="surrogateescape")
    listed = found(project)
    assert listed and all(problem.startswith(("django.po (ar)", "ar: ")) for problem in listed)


def test_a_file_that_is_not_there_is_one_line(project: Path) -> None:
    po_file(project / "locale", "fr").unlink()
    assert [problem for problem in found(project) if "django.po (fr)" in problem]


def test_a_catalogue_that_counts_otherwise_is_refused(project: Path) -> None:
    path = po_file(project / "locale", "ar")
    path.write_text(path.read_text().replace("n%100>=11 && n%100<=99 ? 4", "n%100>=0 && n%100<=2 ? 4"))
    with pytest.raises(translations.UnreadableCatalogue, match="Plural-Forms"):
        read(path, "ar")


def test_placeholders_in_braces_count_too() -> None:
    catalog = PlainCatalog("fr")
    message = catalog.add("{n} of {total}", "{n} sur {nombre}")
    assert "differ" in placeholder_problem(message, ("{n} sur {nombre}",), "fr")
    assert not placeholder_problem(message, ("{n} sur {total}",), "fr")
