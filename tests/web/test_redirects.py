"""Nothing leads away from here: cookies are ours alone, and `next` stays at home."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from tests.web.world import PASSWORD, World, browser

OUTSIDE = ["//evil.example/", "https://evil.example/", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)"]
OUTSIDE += [
    "https:evil.example",
    "///evil.example",
    "http:///evil.example",
    "\thttps://evil.example",
    "ftp://testserver/",
]


def test_cookies_are_for_the_server_and_for_this_site_only(world: World) -> None:
    client = browser()
    client.get("/accounts/login/")
    assert client.post("/accounts/login/", {"login": "receptionist", "password": PASSWORD}).status_code == 302
    client.post("/accounts/language/", {"language": "fr"})
    client.post("/accounts/place/", {"till": world.ours.till.pk})
    assert set(client.cookies) == {"sessionid", "csrftoken", "django_language", "till"}
    for cookie in client.cookies.values():
        assert cookie["httponly"]
        assert (cookie["samesite"], cookie["path"], cookie["domain"]) == ("Lax", "/", "")


@pytest.mark.parametrize("outside", OUTSIDE)
def test_nobody_is_led_away_after_the_login_or_the_language(world: World, outside: str) -> None:
    def target(path: str, body: dict[str, Any]) -> str:
        return str(browser().post(path, body, query_params={"next": outside}).headers["Location"])

    login = {"login": "receptionist", "password": PASSWORD}
    for body in (login, login | {"next": outside}):
        assert is_ours(target("/accounts/login/", body))
    for body in ({"language": "en", "next": outside}, {"language": "xx", "next": outside}):
        assert target("/accounts/language/", body) == "/"


def is_ours(target: str) -> bool:
    return bool(re.fullmatch(r"/(?![/\\]).*", target))


@pytest.mark.parametrize(
    "inside", ["foo", "desk:home", "review/", "/x\r\nSet-Cookie: a=b", "/" + "x" * 5000, "\ufffd", ""]
)
def test_a_strange_next_breaks_nothing(reception: Client, inside: str) -> None:
    response = reception.post("/accounts/language/", {"language": "en", "next": inside})
    assert response.status_code == 302
    assert is_ours(response.headers["Location"])
    assert "\n" not in response.headers["Location"]
    assert set(response.cookies) == {"django_language"}
