"""Changes to cards and in visits as unfinished work, in the review, and on their own page: in words of cards and points."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.html import strip_tags

from branches.models import User
from providers.models import Discrepancy, Operation, State
from tests.signed_in import sign_in
from tests.web.card_corner import Cards, open_cards
from tests.web.test_queries import questions
from tests.web.world import World, browser

DECISION = {"applied": "yes", "reason": "issuer_portal", "note": "seen at ten"}
MOST, MOST_OF_REVIEW = 12, 18


@pytest.fixture
def cards(world: World) -> Cards:
    User.objects.update(language="en")
    return open_cards(world.ours)


def clerk(world: World) -> Client:
    client = browser()
    sign_in(client, world.ours.clerk)
    return client


def plain(client: Client, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status, path
    text = re.sub(r"\s+", " ", strip_tags(response.content.decode()))
    return re.sub("[\u2066-\u2069]", "", text)


def test_an_open_change_stands_in_the_unfinished_work(world: World, cards: Cards) -> None:
    cards.points(State.UNKNOWN)
    text = plain(clerk(world), "/")
    assert "The points may or may not be on the card." in text
    assert "Points given by hand · Cashback · 20.00 points · ••••0520" in text


def test_a_result_stays_until_who_asked_for_it_puts_it_aside(world: World, cards: Cards) -> None:
    row, who = cards.points(State.SUCCEEDED), clerk(world)
    assert "given." in plain(who, "/")
    assert who.post(f"/work/cards/{row.pk}/aside/").status_code == 302
    assert "given." not in plain(who, "/")


def test_a_clamp_is_said_in_figures(world: World, cards: Cards) -> None:
    row = cards.withdrawal(State.SUCCEEDED, applied=Decimal(60), left_to_pay=Decimal(40))
    text = plain(clerk(world), f"/loyalty/acts/{row.pk}/")
    assert "60.00 taken of 100.00 asked for. 40.00 SAR left to pay." in text
    assert "Only a part was taken" in text and "Ask for what is left to pay." in text
    assert "60.00 taken of 100.00 asked for. 40.00 SAR left to pay." in plain(clerk(world), "/")


def test_where_nothing_was_taken_it_is_not_called_done(world: World, cards: Cards) -> None:
    row = cards.withdrawal(State.SUCCEEDED, applied=Decimal(0), left_to_pay=Decimal(100))
    text = plain(clerk(world), f"/loyalty/acts/{row.pk}/")
    assert "No points were taken" in text and "0.00 taken of 100.00 asked for. 100.00 SAR left to pay." in text


@pytest.mark.parametrize("state", [State.CREATED, State.UNKNOWN, State.NEEDS_REVIEW, State.NOT_SENT, State.REFUSED])
def test_no_figure_is_claimed_before_anybody_knows_it(world: World, cards: Cards, state: str) -> None:
    row = cards.withdrawal(state)
    text = plain(clerk(world), f"/loyalty/acts/{row.pk}/")
    assert "Asked for100.00" in text
    assert "Really moved" not in text and "left to pay." not in text.replace("what is left to pay.", "")


def test_the_page_of_an_act_asks_few_questions(world: World, cards: Cards) -> None:
    row = cards.withdrawal(State.UNKNOWN)
    answer, asked = questions(clerk(world).get, f"/loyalty/acts/{row.pk}/")
    assert answer.status_code == 200 and len(asked) <= MOST, asked


def test_a_poll_that_finds_nothing_new_says_nothing(world: World, cards: Cards) -> None:
    who, page = clerk(world), f"/loyalty/acts/{cards.withdrawal(State.UNKNOWN).pk}/"
    seen = re.search(r"\?seen=([\w-]+)", who.get(page).content.decode())
    assert seen
    assert who.get(page, {"seen": seen[1]}, headers={"HX-Request": "true"}).status_code == 204


# Review ---------------------------------------------------------------------------------------------------------------


def test_the_review_speaks_of_points_and_never_of_vouchers_or_bookings(world: World, cards: Cards) -> None:
    row, boss = cards.points(), world.client("manager")
    cards.looked(row)
    assert row.operation.reference in plain(boss, "/review/")
    page = re.search(r"<main.*</main>", boss.get(f"/review/cards/{row.pk}/").content.decode(), re.S)
    assert page
    text = re.sub(r"\s+", " ", strip_tags(page[0]))
    for words in ("Points given by hand", "More than one fits", "The points are given", "does a title contain"):
        assert words in text
    assert row.operation.reference in text
    assert "oucher" not in text and "ssuer" not in text and "ooking" not in text


def test_who_says_that_it_happened_names_the_transaction(world: World, cards: Cards) -> None:
    row, boss = cards.points(), world.client("manager")
    _first, second = cards.looked(row)
    page = f"/review/cards/{row.pk}/"
    undecided = boss.post(f"{page}decide/", DECISION)
    assert undecided.status_code == 422 and "Choose which of these" in undecided.content.decode()
    assert boss.post(f"{page}decide/", DECISION | {"made": "tx-of-nobody"}).status_code == 422
    assert boss.post(f"{page}decide/", DECISION | {"made": second}).status_code == 302
    row.refresh_from_db()
    assert row.transaction_ids == [second]
    assert Operation.objects.get(pk=row.operation_id).state == State.RESOLVED_APPLIED
    assert second in plain(boss, page)


def test_above_the_limit_of_the_branch_a_second_person_decides_too(world: World, cards: Cards) -> None:
    cards.corner.branch.two_person_limit = Decimal(10)
    cards.corner.branch.save()
    row, boss = cards.points(), world.client("manager")
    page = f"/review/cards/{row.pk}/"
    assert boss.post(f"{page}decide/", DECISION | {"applied": "no"}).status_code == 302
    assert Operation.objects.get(pk=row.operation_id).state == State.NEEDS_REVIEW
    assert boss.post(f"{page}decide/", DECISION | {"applied": "no"}).status_code == 409
    assert world.client("owner").post(f"{page}decide/", DECISION | {"applied": "no"}).status_code == 302
    assert Operation.objects.get(pk=row.operation_id).state == State.RESOLVED_NOT_APPLIED


def test_a_late_effect_is_told_in_words_of_cards(world: World, cards: Cards) -> None:
    row = cards.points(State.REFUSED)
    late = {"kind": Discrepancy.Kind.LATE_EFFECT, "at": timezone.now(), "facts": {"new": ["a"], "of": 1}}
    operation = row.operation
    Discrepancy.objects.create(account=operation.account, branch=operation.branch, operation=operation, **late)
    text = plain(world.client("manager"), "/review/")
    assert "Done at the loyalty system after we judged that it was not" in text
    assert operation.reference in text


@pytest.mark.parametrize("many", [2, 12])
def test_the_review_asks_few_questions_however_many_stand_there(world: World, cards: Cards, many: int) -> None:
    row, boss = cards.points(), world.client("manager")
    cards.looked(row, many)
    _answer, asked = questions(boss.get, f"/review/cards/{row.pk}/")
    assert len(asked) <= MOST_OF_REVIEW, asked
