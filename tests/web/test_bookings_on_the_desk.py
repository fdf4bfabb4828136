"""Changes to bookings as unfinished work, and in the review: in words of bookings, decided by people."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.html import strip_tags

from branches.models import User
from providers.models import Discrepancy, Evidence, Operation, State
from reservations.models import Act, Reservation
from tests.signed_in import sign_in
from tests.web.test_queries import questions
from tests.web.world import World, browser

DECISION = {"applied": "yes", "reason": "issuer_portal", "note": "seen at ten"}

MOST_OF_REVIEW = 18  # the frame; the act, its evidence, calls, attempts, decisions; and what stands there


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


def candidates(world: World, row: Act, number: int = 2) -> list[str]:
    """What stands there for the same customer, seen by the last look as what we asked for."""
    now, ids = timezone.now(), [f"theirs-{n}" for n in range(number)]
    for n, key in enumerate(ids):
        Reservation.objects.create(
            **{"account": row.operation.account, "external_id": key, "payload": {}, "seen_at": now, "number": f"R{n}"},
            **{"raw_hash": b"0" * 16, "content_hash": b"0" * 16, "customer_id": row.customer_id, "source": "Internal"},
            **{"starts_at": now, "ends_at": now, "made_at": now, "product_name": "Facial", "status": "pending"},
            practitioners=[{"id": "dr-1", "name": "Dr Salma"}],
        )
    facts = {"made": ids[:1], "of": 1, "more": number - 1, "also": ids[1:]}
    looked = {"source": Evidence.From.READ, "verdict": "unclear", "code": "several", "at": now}
    Evidence.objects.create(operation=row.operation, facts=facts, **looked)
    return ids


def test_who_says_that_it_happened_says_which_of_them_it_was(world: World) -> None:
    row, boss = world.ours.act(), world.client("manager")
    _first, second = candidates(world, row)
    page = f"/review/bookings/{row.pk}/"
    text = plain(boss, page)
    for words in ("Which of these did our request make?", "R0", "R1", "Dr Salma", "Internal", "None of these"):
        assert words in text
    undecided = boss.post(f"{page}decide/", DECISION)
    assert undecided.status_code == 422
    assert "Choose which of these our request made." in undecided.content.decode()
    for wrong in (["theirs-9"], ["theirs-0", "theirs-1"], ["theirs-0", "none"]):
        answer = boss.post(f"{page}decide/", DECISION | {"made": wrong})
        assert answer.status_code == 422 and 'role="alert"' in answer.content.decode()
    assert boss.post(f"{page}decide/", DECISION | {"made": second}).status_code == 302
    row.refresh_from_db()
    assert row.made_ids == [second]
    assert "It is booked · R1" in plain(boss, page)


def test_none_of_these_is_kept_and_told(world: World) -> None:
    row, boss = world.ours.act(), world.client("manager")
    candidates(world, row)
    page = f"/review/bookings/{row.pk}/"
    assert boss.post(f"{page}decide/", DECISION | {"made": "none"}).status_code == 302
    row.refresh_from_db()
    assert row.made_ids == [] and row.operation.decisions.get().named == []
    assert "It is booked · None of these" in plain(boss, page)


def test_who_says_that_it_did_not_happen_names_nothing(world: World) -> None:
    row, boss = world.ours.act(), world.client("manager")
    first, _second = candidates(world, row)
    page = f"/review/bookings/{row.pk}/"
    assert boss.post(f"{page}decide/", DECISION | {"applied": "no", "made": first}).status_code == 302
    row.refresh_from_db()
    assert row.made_ids == [] and row.operation.decisions.get().named is None


def test_what_was_chosen_comes_back_after_the_proof_of_who_decides(world: World) -> None:
    row = world.ours.act()
    _first, second = candidates(world, row)
    stale, page = sign_in(browser(), world.people["manager"], ago=11 * 60), f"/review/bookings/{row.pk}/"
    stale.post(f"{page}decide/", DECISION | {"made": second})
    sign_in(stale, world.people["manager"])
    assert f'value="{second}" checked' in stale.get(page).content.decode()


@pytest.mark.parametrize("many", [2, 12])
def test_the_page_asks_few_questions_however_many_stand_there(world: World, many: int) -> None:
    row, boss = world.ours.act(), world.client("manager")
    candidates(world, row, many)
    _answer, asked = questions(boss.get, f"/review/bookings/{row.pk}/")
    assert len(asked) <= MOST_OF_REVIEW, asked


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
