"""Changes to bookings as unfinished work, and in the review: in words of bookings, decided by people."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.html import strip_tags

from branches.models import User
from providers.models import Discrepancy, Evidence, Operation, State
from tests.signed_in import sign_in
from tests.web.world import World, browser

DECISION = {"applied": "yes", "reason": "issuer_portal", "note": "seen at ten"}


@pytest.fixture(autouse=True)
def in_english(world: World) -> None:
    User.objects.update(language="en")


def clerk(world: World) -> Client:
    client = browser()
    sign_in(client, world.ours.clerk)
    return client


def plain(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, path
    return re.sub(r"\s+", " ", strip_tags(response.content.decode()))


def test_an_open_change_stands_beside_unfinished_redemptions_in_their_order(world: World) -> None:
    world.ours.redemption(State.UNKNOWN)
    world.ours.act(State.UNKNOWN)
    page = clerk(world).get("/").content.decode()
    assert page.index('data-alt="1"') < page.index("The booking may or may not exist.")


def test_a_result_is_told_to_who_asked_for_it_until_she_puts_it_aside(world: World) -> None:
    row, who = world.ours.act(State.SUCCEEDED), clerk(world)
    live = who.get("/live/", headers={"HX-Request": "true"}).content.decode()
    assert "It is booked" in re.findall(r'id="announce".*?</p>', live, re.S)[0]
    assert who.post(f"/work/{row.pk}/aside/").status_code == 302
    row.refresh_from_db()
    assert row.seen_at is not None
    assert "It is booked" not in plain(who, "/")


def test_nobody_puts_the_result_of_another_aside(world: World) -> None:
    row = world.ours.act(State.SUCCEEDED)
    world.client("manager").post(f"/work/{row.pk}/aside/")
    row.refresh_from_db()
    assert row.seen_at is None


def test_the_review_speaks_of_bookings_and_never_of_vouchers(world: World) -> None:
    row = world.ours.act()
    looked = {"source": Evidence.From.READ, "verdict": "unclear", "code": "several", "at": timezone.now()}
    Evidence.objects.create(operation=row.operation, facts={"made": ["a"], "of": 1, "more": 1}, **looked)
    boss = world.client("manager")
    assert row.operation.reference in plain(boss, "/review/")
    page = re.search(r"<main.*</main>", boss.get(f"/review/bookings/{row.pk}/").content.decode(), re.S)
    assert page
    text = re.sub(r"\s+", " ", strip_tags(page[0]))
    for words in ("Booking", "More than one fits", "Look in their portal", "It is booked", "It was not booked"):
        assert words in text
    assert "oucher" not in text and "ssuer" not in text


@pytest.mark.parametrize(("word", "state"), [("yes", State.RESOLVED_APPLIED), ("no", State.RESOLVED_NOT_APPLIED)])
def test_a_person_decides_with_a_reason(world: World, word: str, state: str) -> None:
    row, boss = world.ours.act(), world.client("manager")
    page = f"/review/bookings/{row.pk}/"
    assert boss.post(f"{page}decide/", DECISION | {"reason": ""}).status_code == 422
    assert boss.post(f"{page}decide/", DECISION | {"applied": word}).status_code == 302
    assert Operation.objects.get(pk=row.operation_id).state == state
    assert "Seen in the booking system’s portal" in plain(boss, page)


def test_nobody_decides_about_what_they_asked_for(world: World) -> None:
    row = world.ours.act(actor=world.people["manager"])
    assert world.client("manager").post(f"/review/bookings/{row.pk}/decide/", DECISION).status_code == 409


def test_an_overdue_one_is_taken_from_the_machine(world: World) -> None:
    row, boss = world.ours.overdue_act(), world.client("manager")
    assert boss.post(f"/review/bookings/{row.pk}/take/").status_code == 302
    assert Operation.objects.get(pk=row.operation_id).state == State.NEEDS_REVIEW


def test_a_late_effect_is_told_in_words_of_bookings(world: World) -> None:
    row = world.ours.act(State.REFUSED)
    late = {"kind": Discrepancy.Kind.LATE_EFFECT, "at": timezone.now(), "facts": {"made": ["a"], "of": 1}}
    operation = row.operation
    Discrepancy.objects.create(account=operation.account, branch=operation.branch, operation=operation, **late)
    text = plain(world.client("manager"), "/review/")
    assert "Done at the booking system after we judged that it was not" in text
    assert "issuer" not in text.lower().partition("done at the booking system")[2][:200]
