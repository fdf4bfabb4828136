"""A form that another site sends changes nothing, and neither does looking at any page."""

from __future__ import annotations

import re
from collections import deque
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import translation
from django.utils.translation import gettext

from branches.models import User
from providers.models import State
from tests.web import matrix
from tests.web.books import unchanged
from tests.web.examiner import BODIES, objects_of, path_to
from tests.web.world import World

EXPIRED = "This page has expired"
UNSAFE = ["POST", "PUT", "PATCH", "DELETE"]
MOST_PAGES = 60


def token_of(client: Client, path: str = "/") -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', client.get(path).content.decode())
    assert found
    return found[1]


# Forms of others --------------------------------------------------------------------------------------------------------


def test_no_unsafe_address_listens_without_a_token(world: World) -> None:
    arguments = objects_of(world.ours)
    asked = 0
    for who in ("manager", "anonymous"):
        client = world.client(who, csrf=True)
        with unchanged():
            for address in matrix.addresses():
                if address.name == "providers:hook" or address.name.startswith("api:"):
                    continue  # nobody's cookie counts there: a secret in the address, or a key in a header
                found = arguments[address.name] if address.arguments and "admin" not in address.name else {}
                for method in UNSAFE if "admin" not in address.name and who == "manager" else ["POST"]:
                    response = client.generic(method, path_to(address, found))
                    assert response.status_code == 403, (who, method, address)
                    asked += 1
    assert asked > 150


@pytest.mark.parametrize("language", ["ar", "en", "fr"])
def test_the_answer_is_a_page_in_the_persons_language(world: World, language: str) -> None:
    User.objects.filter(username="manager").update(language=language)
    response = world.client("manager", csrf=True).post("/vouchers/lookups/", {"q": "VCL6C5944NO4058"})
    assert response.status_code == 403
    page = response.content.decode()
    assert f'<html lang="{language}"' in page
    with translation.override(language):
        words = gettext(EXPIRED)
    assert words in page and (language == "en" or words != EXPIRED)
    assert response.headers["Content-Language"] == language


def sent_by_others(client: Client, path: str, body: dict[str, str]) -> dict[str, HttpResponse]:
    token, stranger = token_of(client), token_of(Client(), "/accounts/login/")
    good = body | {"csrfmiddlewaretoken": token}
    cookies = client.cookies.output(header="", sep=";")
    own = {"Referer": "https://testserver/"}
    forms: dict[str, dict[str, Any]] = {
        "another's token": {"data": body | {"csrfmiddlewaretoken": stranger}},
        "half a token": {"data": body | {"csrfmiddlewaretoken": token[:16]}},
        "another site": {"data": good, "headers": {"Origin": "https://evil.example"}},
        "a frame without an origin": {"data": good, "headers": {"Origin": "null"}},
        "https, from another site": {"data": good, "secure": True, "headers": {"Referer": "https://evil.example/"}},
        "https, from nowhere": {"data": good, "secure": True},
        "https, from plain http": {"data": good, "secure": True, "headers": {"Referer": "http://testserver/"}},
        "text that looks like JSON": {"data": '{"q": "VCL6C5944NO4058"}', "content_type": "text/plain"},
        "JSON": {"data": '{"q": "VCL6C5944NO4058"}', "content_type": "application/json"},
        "no cookie": {"data": good, "headers": {"Cookie": re.sub(r"csrftoken=\w+", "", cookies)}},
        "the token in the address": {"data": body, "query_params": {"csrfmiddlewaretoken": token}},
    }
    answers = {name: client.post(path, **form) for name, form in forms.items()}
    assert client.post(path, good, secure=True, headers=own).status_code == 302, "and a form of ours is taken"
    return answers


def test_no_other_sites_form_redeems_anything(world: World) -> None:
    draft = world.ours.draft()
    client = world.client("receptionist", csrf=True)
    with unchanged(but=("vouchers_lookup",)):
        answers = sent_by_others(client, "/vouchers/lookups/", {"q": "VCL6C5944NO4058"})
    assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(answers, 403)
    with unchanged():
        token = token_of(client)
        form = {"csrfmiddlewaretoken": token, **BODIES.get("vouchers:confirm", {})}
        response = client.post(
            f"/vouchers/lookups/{draft.pk}/confirm/", form, headers={"Origin": "https://evil.example"}
        )
        assert response.status_code == 403


# Looking changes nothing ------------------------------------------------------------------------------------------------


def links_of(page: str) -> list[str]:
    found = re.findall(r'(?:href|hx-get|src)="(/[^"#]*)', page)
    return [link.replace("&amp;", "&") for link in found if not link.startswith("/static/")]


def is_without_inline(page: str, where: str) -> None:
    """What the policy would block, and so would not work."""
    assert not re.search(r"<script(?![^>]*(?:\bsrc=|type=\"application/json\"))[^>]*>", page), where
    assert not re.search(r"<style|\sstyle=[\"']|<[^>]*\son\w+=[\"']|href=[\"']javascript:", page), where


def crawl(client: Client, starts: list[str]) -> set[str]:
    """Every page that links lead to, once; of pages that differ in their query only, the first."""
    seen: set[str] = set()
    waiting = deque(starts)
    while waiting and len(seen) < MOST_PAGES:
        link = waiting.popleft()
        if link.partition("?")[0] in seen:
            continue
        seen.add(link.partition("?")[0])
        response = client.get(link)
        assert response.status_code in (200, 204, 302, 403, 405), (link, response.status_code)
        if response.status_code == 302:
            waiting.append(response.headers["Location"])
        elif "text/html" in response.headers.get("Content-Type", ""):
            page = response.content.decode()
            is_without_inline(page, link)
            waiting.extend(links_of(page))
    return seen


def every_state(world: World) -> list[str]:
    corner, states = (
        world.ours,
        [State.CREATED, State.SENDING, State.SUCCEEDED, State.REFUSED, State.NOT_SENT, State.UNKNOWN],
    )
    rows = [corner.redemption(state) for state in [*states, State.NEEDS_REVIEW]] + [corner.overdue()]
    lookups = [corner.waiting(), corner.found(), corner.draft(), corner.refused()]
    corner.discrepancy()
    paths = [f"/vouchers/redemptions/{row.pk}/" for row in rows]
    paths += [f"/review/{row.pk}/" for row in rows]
    return paths + [f"/vouchers/lookups/{row.pk}/{end}" for row in lookups for end in ("", "amounts/", "confirm/")]


@pytest.mark.parametrize("who", ["anonymous", "manager", "admin"])
def test_looking_at_every_page_changes_no_row(world: World, who: str) -> None:
    starts = [
        "/",
        "/accounts/login/",
        "/accounts/logout/",
        "/accounts/password/",
        "/accounts/place/",
        *every_state(world),
    ]
    client = world.client(who)
    with unchanged():
        seen = crawl(client, [*starts, "/admin/"])
    assert len(seen) >= len(starts)
    assert ("/review/" in seen) == (who == "manager")
    assert ("/admin/branches/branch/" in seen) == (who == "admin")
    if who == "manager":
        assert client.get("/").status_code == 200, "still signed in"
