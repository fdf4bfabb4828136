"""What is owed in points: what the cards have, what came and went by month, who moved it by hand, and the file of it."""

from __future__ import annotations

import csv
import datetime as dt
import io
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from branches.models import User
from loyalty.models import Act, Card, OwedExport
from loyalty.selectors.owed import chains_for, elsewhere, owed_by_month, people_by_hand
from loyalty.selectors.owed_rows import movements_behind
from providers.models import State
from tests.signed_in import sign_in
from tests.web.card_corner import Cards, open_cards
from tests.web.world import World, browser


@pytest.fixture
def cards(world: World) -> Cards:
    User.objects.update(language="en")
    return open_cards(world.ours)


@pytest.fixture
def manager(world: World) -> Client:
    return world.client("manager")


def today(cards: Cards) -> dt.date:
    return timezone.now().astimezone(cards.corner.branch.zone).date()


def last_month(day: dt.date) -> dt.date:
    return day.replace(day=1) - dt.timedelta(days=3)


def body(client: Client, name: str = "owed", query: str = "") -> str:
    return client.get(reverse(f"loyalty:{name}") + query).content.decode()


def test_what_is_owed_now_is_the_sum_of_the_cards_that_are_there(world: World, cards: Cards) -> None:
    cards.card("60"), cards.card("40.50"), cards.card("0")
    Card.objects.filter(pk=cards.card("1000").pk).update(gone_at=timezone.now())
    [chain] = chains_for(world.people["manager"])
    assert (chain.owed, chain.cards, chain.with_points) == (Decimal("100.50"), 3, 2)
    assert chains_for(world.people["supervisor"]) == []


def test_each_month_has_its_movements_and_the_end_before_is_reckoned_back(world: World, cards: Cards) -> None:
    card, day = cards.card("100"), today(cards)
    for kind, amount in (("accrual", "30"), ("referral", "5"), ("withdrawal", "10"), ("deposit_by_hand", "20")):
        cards.movement(card, amount, movement=kind, day=day)
    cards.movement(card, "7", movement="withdrawal_by_hand", day=last_month(day))
    cards.movement(card, "3", movement="expiry", day=last_month(day))
    cards.movement(card, "99", movement="discount", day=day)  # takes something off a bill, not off a card
    cards.movement(card, "50", day=day, gone_at=timezone.now())  # was taken back there
    cards.movement(card, "50", day=None)
    [chain] = chains_for(world.people["manager"])
    *_older, before, now = owed_by_month(chain, day)
    assert now.sums == {"earned": 35, "used": 10, "given": 20, "taken": 0, "expired": 0}
    assert before.sums == {"earned": 0, "used": 0, "given": 0, "taken": 7, "expired": 3}
    assert (now.owed, before.owed) == (100, 55)


def test_who_moved_how_much_by_hand_and_what_was_not_from_here(world: World, cards: Cards) -> None:
    act = cards.points(State.SUCCEEDED)
    card, day = cards.card("100"), today(cards)
    ours = cards.movement(card, "20", day=day)
    Act.objects.filter(pk=act.pk).update(transaction_ids=[ours.external_id])
    cards.movement(card, "500", day=day)
    user = world.people["manager"]
    [chain] = chains_for(user)
    [person] = people_by_hand(user, chain, day, day)
    assert (person.person_id, person.given, person.taken, person.acts) == (world.ours.clerk.pk, 20, 0, 1)
    assert elsewhere(chain, day, day) == {"given": 500}
    text = body(world.client("manager"))
    assert "Not from here" in text and "500.00" in text


def test_the_rows_behind_a_number_are_paged_and_add_up_to_it(world: World, cards: Cards) -> None:
    card, day = cards.card("100"), today(cards)
    for n in range(120):
        cards.movement(card, "1", day=day if n % 2 else last_month(day))
    [chain] = chains_for(world.people["manager"])
    since, seen, after = last_month(day), [], None
    while True:
        rows, after = movements_behind(chain, "given", since, day, after)
        seen += [row.pk for row in rows]
        if after is None:
            break
    assert len(seen) == len(set(seen)) == 120


@pytest.mark.parametrize(
    "query",
    [
        "?chain=x",
        "?chain=0d9ff6a5-23f0-4c0c-a8a4-1a2b3c4d5e6f:1",
        "?after=9999999999999999999~1",
        "?what=x",
    ],
)
def test_what_no_address_of_ours_says_is_not_there(cards: Cards, manager: Client, query: str) -> None:
    cards.card("60")
    assert manager.get(reverse("loyalty:owed_rows") + query).status_code == 404


def test_a_cursor_from_elsewhere_is_only_a_place_in_the_list(cards: Cards, manager: Client) -> None:
    cards.card("60")
    for after in ("-1~0", "99999999999999999~ffffffffffffffffffffffffffffffff", "0.01~abc"):
        for what in ("cards", "given", "person"):
            assert manager.get(f"{reverse('loyalty:owed_rows')}?what={what}&after={after}").status_code == 200


def test_nothing_read_yet_is_said(cards: Cards, manager: Client) -> None:
    assert "No card has been read yet." in body(manager)
    cards.card("60")
    assert "No movement has been read yet." in body(manager)


def test_the_chart_stands_beside_its_table_without_script_or_style(cards: Cards, manager: Client) -> None:
    cards.movement(cards.card("60"))
    text = body(manager)
    chart = text[text.index("<svg") : text.index("</svg>")]
    assert 'role="img"' in chart and "<rect" in chart
    assert "style" not in chart and "script" not in chart and "," not in chart[chart.index("<rect") :][:60]
    assert "<table" in text[text.index("</svg>") :]


def test_the_file_is_logged_and_says_how_complete_it_is(world: World, cards: Cards, manager: Client) -> None:
    Card.objects.filter(pk=cards.card("60").pk).update(chain_id="145071")
    for kind in ("csv", "xlsx"):
        content = b"".join(manager.post(reverse("loyalty:owed_export"), {"format": kind}).streaming_content)
        if kind == "csv":
            lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
            assert lines[1][0].startswith("Cards as of: never read whole")
            assert (lines[3][0], len(lines)) == ("Month", 16)
            assert lines[4][-1] == "60.00"
        else:
            assert load_workbook(io.BytesIO(content)).sheetnames == ["Owed in points", "Moved by hand"]
    first = OwedExport.objects.order_by("pk")[0]
    assert (first.by, first.format, first.rows) == (world.people["manager"], "csv", 12)


def test_the_file_wants_a_fresh_proof(world: World, cards: Cards) -> None:
    cards.card("60")
    client = sign_in(browser(), world.people["manager"], ago=11 * 60)
    response = client.post(reverse("loyalty:owed_export"), {"format": "csv"})
    assert response.headers["Location"].startswith("/accounts/again/?next=/loyalty/owed/")
    assert not OwedExport.objects.exists()
