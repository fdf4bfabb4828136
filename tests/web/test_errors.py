"""When something fails: a page with a reference and nothing else, a log with the same reference, and no secret in either."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, connections
from django.http import HttpResponse
from django.utils import translation
from django.utils.html import escape
from django.utils.translation import gettext

from branches.models import User
from tests.web.world import World, browser

LANGUAGES = ["ar", "en", "fr"]
CANARIES = {"q": "VCL6C9999NO8888", "password": "canary-password", "id_number": "1087654321", "note": "canary-note"}
CLUES = ("Traceback", "Unforeseen", "tests/web", "fails", "no_such_table", "SELECT", "psycopg", "Django", "DEBUG")
pytestmark = pytest.mark.urls("tests.web.broken_urls")


def says_so(page: str, language: str, text: str = "Something went wrong here") -> bool:
    with translation.override(language):
        words = gettext(text)
    return escape(words) in page and (language == "en" or words != text)


def reference_in(response: HttpResponse) -> str:
    found = re.search(r'<bdi dir="ltr">([0-9a-f]{8})</bdi>', response.content.decode())
    assert found
    return found[1]


# The page -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", ["/fails/now/", "/asks/"])
def test_it_shows_a_reference_and_nothing_else(
    world: World, logged: Callable[[], str], language: str, path: str
) -> None:
    User.objects.filter(username="manager").update(language=language)
    response = world.client("manager").post(path, CANARIES)
    page = response.content.decode()
    assert response.status_code == 500
    assert f'<html lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}">' in page
    assert says_so(page, language)
    assert not [clue for clue in (*CLUES, *CANARIES.values()) if clue in page]
    assert logged().count(f"server error {reference_in(response)} in POST {path.split('/')[1]}/") == 1
    assert ("Unforeseen" if "fails" in path else "no_such_table") in logged(), "whoever looks it up finds what happened"
    assert logged().count("Traceback (most recent call last):") <= 2, "once, with its cause"


def test_each_failure_has_its_own_reference(world: World) -> None:
    client = world.client("manager")
    assert reference_in(client.get("/fails/now/")) != reference_in(client.get("/fails/now/"))


def test_a_poll_gets_it_too(world: World) -> None:
    response = world.client("manager").get("/fails/now/", headers={"HX-Request": "true"})
    assert (response.status_code, len(reference_in(response))) == (500, 8)


# A database that does not answer ------------------------------------------------------------------------------------------


def without_a_database(ask: Callable[[], HttpResponse]) -> HttpResponse:
    """In a thread of its own, whose connection leads to where nobody listens."""
    answers: list[Any] = []

    def run() -> None:
        connection.settings_dict = connection.settings_dict | {"HOST": "127.0.0.1", "PORT": "9"}
        try:
            answers.append(ask())
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(30)
    [answer] = answers
    return answer


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", ["/", "/vouchers/redemptions/0d9ff6a5-23f0-4c0c-a8a4-1a2b3c4d5e6f/", "/fails/now/"])
def test_without_a_database_the_page_is_still_there(
    world: World, logged: Callable[[], str], language: str, path: str
) -> None:
    client = world.client("manager")
    client.cookies["django_language"] = language
    response = without_a_database(lambda: client.get(path))
    assert (response.status_code, response.headers["Retry-After"]) == (503, "3")
    assert f'<html lang="{language}"' in response.content.decode()
    assert says_so(response.content.decode(), language, "Wasl does not reach its database")
    assert logged().count(f"server error {reference_in(response)}") == 1
    assert logged().count("server error") == 1, "the page itself asked the database for nothing"
    assert response.headers["Content-Security-Policy"]


def test_without_a_database_we_are_alive_and_not_ready(db: None) -> None:
    assert without_a_database(lambda: browser().get("/healthz")).status_code == 200
    ready = without_a_database(lambda: browser().get("/readyz"))
    assert (ready.status_code, ready.json()["database"]) == (503, "down")
    assert set(ready.json()) == {"database", "broker", "beat"}, "a word for each, and nothing about where they are"


@pytest.mark.parametrize("path", ["/no-such-page", "/accounts/language/", "/accounts/login/?next=%00"])
def test_the_other_error_pages_ask_for_nothing_either(path: str) -> None:
    """Nothing here may touch the database: pytest forbids it."""
    response = browser().get(path)
    assert response.status_code in (400, 404, 405)
    assert '<html lang="ar" dir="rtl">' in response.content.decode()
