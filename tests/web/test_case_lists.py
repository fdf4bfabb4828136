"""The list of cases, the menu that counts them, and the desk that leads to them."""

from __future__ import annotations

import re

import pytest

from branches.models import User
from tests.web.test_cases import LIST, at, page, ruling
from tests.web.world import World


@pytest.fixture(autouse=True)
def in_english(world: World) -> None:
    User.objects.update(language="en")


def test_the_list_shows_what_waits_with_its_age_and_no_case_of_another_branch(world: World) -> None:
    young, old, very_old = (world.ours.case(days=days) for days in (0, 8, 15))
    foreign = world.theirs.case()
    shown = page(world.client("accountant"), LIST)
    places = [shown.index(case.reference) for case in (very_old, old, young)]
    assert places == sorted(places) and foreign.reference not in shown
    badges = re.findall(r'class="st t-(\w+)"><span[^>]*></span>(Today|\d+ days?)<', shown)
    assert badges == [("refused", "15 days"), ("checking", "8 days"), ("plain", "Today")]


def test_the_list_is_filtered_by_its_address(world: World) -> None:
    standing, sent = world.ours.case(), world.ours.case(sent=True)
    client = world.client("manager")
    finds = {
        "": {standing, sent},
        "?state=open": {standing},
        "?state=sent": {sent},
        "?state=closed": set(),
        "?state=all&issuer=alreaaiaa&branch=ours": {standing, sent},
        "?branch=theirs": set(),
        "?issuer=afriquia_gaz": set(),
        "?state=nonsense&after=nonsense": {standing, sent},
        "?issuer='+OR+1=1&branch=%00": None,
    }
    for query, found in finds.items():
        response = client.get(LIST + query)
        if found is None:
            assert response.status_code in (200, 400)
            continue
        shown = response.content.decode()
        assert {case for case in (standing, sent) if case.reference in shown} == found, query


def test_a_long_list_goes_on_at_its_foot(world: World) -> None:
    cases = [world.ours.case(days=60 - n) for n in range(27)]
    client = world.client("manager")
    first = page(client, f"{LIST}?state=open")
    [more] = re.findall(r'href="(\?state=open&amp;after=[^"]+)"', first)
    second = page(client, LIST + more.replace("&amp;", "&"))
    assert [case.reference for case in cases if case.reference in first] == [case.reference for case in cases[:25]]
    assert [case.reference for case in cases if case.reference in second] == [case.reference for case in cases[25:]]
    assert 'href="?state=open"' in second


def test_the_menu_counts_and_the_desk_opens_on_what_one_can_act_on(world: World) -> None:
    world.ours.case(days=9)
    sent = world.ours.case(sent=True)
    count = {}
    for role in ("receptionist", "supervisor", "manager", "accountant", "owner", "admin"):
        desk = page(world.client(role), "/")
        found = re.search(r'id="case-count">(\d+)<', desk)
        count[role] = (found and found[1], "Cases that wait for you" in desk)
    waits = ("1", True)
    assert count == {"receptionist": (None, False), "supervisor": waits, "manager": waits} | {
        "accountant": waits,
        "owner": waits,
        "admin": (None, False),
    }
    desk = page(world.client("accountant"), "/")
    assert at(sent) in desk and "Enter the issuer’s answer" in desk and "Nothing waits for you here" not in desk
    seen = re.search(r"/live/\?seen=(\w+)", desk)
    assert seen
    world.client("accountant").post(at(sent, "close"), ruling())
    poll = world.client("accountant").get("/live/", {"seen": seen[1]}, headers={"HX-Request": "true"})
    assert 'id="case-count" hx-swap-oob="true">0<' in poll.content.decode()
