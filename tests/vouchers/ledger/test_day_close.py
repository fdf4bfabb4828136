"""A till's trading day: what it comes to, when it can be closed, by whom, and that it stays as it was."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from branches.models import Till, User
from branches.roles import Role
from providers.models import Operation, State
from providers.operations.life import move
from tests.vouchers.ledger.rows import in_part, on_day, redeemed
from tests.web.books import unchanged
from tests.web.world import World, hire
from vouchers import services
from vouchers.models import DayClose
from vouchers.selectors.day_close import TillSum, day_of_till, till_sums
from vouchers.services import CannotClose, close_day


@pytest.fixture
def till(world: World) -> Till:
    """Of the only till so far; another stands beside it, so that one's own means something."""
    User.objects.update(language="en")
    Till.objects.create(branch=world.ours.branch, number=2)
    return world.ours.till


@pytest.fixture
def day(world: World) -> dt.date:
    return world.ours.branch.business_date(timezone.now())


def at(world: World, who: str, till: Till) -> Client:
    client = world.client(who)
    client.cookies["till"] = str(till.pk)
    return client


def second(world: World) -> Till:
    return Till.objects.get(branch=world.ours.branch, number=2)


def path(till: Till, day: dt.date | str = "", what: str = "") -> str:
    return f"/vouchers/ledger/tills/{till.pk}/{what}" + (f"?day={day}" if day else "")


def press(client: Client, till: Till, day: dt.date, **more: str) -> HttpResponse:
    return client.post(path(till, what="close/"), {"day": day.isoformat(), **more})


def closed(world: World, till: Till, day: dt.date, counted: Decimal | None = None, note: str = "") -> DayClose:
    place = services.Place(world.people["supervisor"], world.ours.branch, till)
    return close_day(till, day, place, counted=counted, note=note, now=timezone.now())


def text_of(response: HttpResponse) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


# What the day comes to ----------------------------------------------------------------------------------------------------


def test_what_issuers_owe_and_customers_pay_is_added_up(world: World, till: Till, day: dt.date) -> None:
    redeemed(world.ours)
    redeemed(world.ours)
    in_part(world.ours)
    redeemed(world.ours, State.REFUSED)
    on_day(redeemed(world.ours), day - dt.timedelta(1))
    redeemed(world.ours, till=second(world))
    [sum_] = till_sums(day_of_till(till, day))
    assert sum_ == TillSum("alreaaiaa", "SAR", 3, Decimal(1800), Decimal(550), Decimal(1250), not_used=1)
    text = text_of(at(world, "receptionist", till).get(path(till)))
    for words in ("Issuers owe", "550.00 SAR", "Customers pay", "1,250.00 SAR", "1,800.00 SAR"):
        assert words in text


def test_open_ones_are_counted_and_keep_the_day_open(world: World, till: Till, day: dt.date) -> None:
    redeemed(world.ours)
    unknown, case = redeemed(world.ours, State.UNKNOWN), redeemed(world.ours, State.NEEDS_REVIEW)
    [sum_] = till_sums(day_of_till(till, day))
    assert (sum_.used, sum_.open, sum_.open_value, sum_.person) == (1, 2, Decimal(400), 1)
    client = at(world, "receptionist", till)
    page = client.get(path(till))
    text = text_of(page)
    assert "2 redemptions are still open" in text
    assert "The day can be closed when each has ended." in text
    for row in (unknown, case):
        assert f"/vouchers/redemptions/{row.pk}/" in page.content.decode()
    assert "/close/" not in page.content.decode(), "there is no button that could not work"
    with unchanged():
        response = press(client, till, day)
    assert response.status_code == 409
    assert "Something is still open at this till." in text_of(response)


# Closing ----------------------------------------------------------------------------------------------------------------


def test_a_day_is_closed_once_with_what_it_came_to(world: World, till: Till, day: dt.date) -> None:
    redeemed(world.ours)
    client = at(world, "receptionist", till)
    response = press(client, till, day, counted="٣٩٠٫٥٠", note="ten short, \u202etold Huda")
    assert (response.status_code, response.headers["Location"]) == (302, path(till, day))
    row = DayClose.objects.get()
    assert (row.branch, row.till, row.business_date) == (world.ours.branch, till, day)
    assert (row.closed_by, row.counted, row.currency) == (world.people["receptionist"], Decimal("390.50"), "SAR")
    assert [TillSum.from_json(sum_) for sum_ in row.sums] == [
        TillSum("alreaaiaa", "SAR", 1, Decimal(600), Decimal(200), Decimal(400))
    ]
    text = text_of(client.get(path(till, day)))
    for words in ("Closed", "Counted", "390.50 SAR", "Difference", "\u22129.50 SAR", "told Huda"):
        assert words in text
    with unchanged():
        again = press(client, till, day)
    assert again.status_code == 409
    assert "Somebody has closed this day already." in text_of(again)


def test_counting_is_for_who_wants_to(world: World, till: Till, day: dt.date) -> None:
    assert press(at(world, "receptionist", till), till, day).status_code == 302
    row = DayClose.objects.get()
    assert (row.counted, row.note, row.sums) == (None, "", [])
    assert "Difference" not in text_of(at(world, "receptionist", till).get(path(till, day)))


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"counted": "much"}, "This is not an amount."),
        ({"counted": "-1"}, "This amount cannot be below zero."),
        ({"counted": "9" * 12}, "This amount is too large."),
        ({"counted": "9" * 41}, "This is too long."),
        ({"note": "x" * 501}, "This is too long."),
    ],
)
def test_what_cannot_be_read_closes_nothing_and_is_not_lost(
    world: World, till: Till, day: dt.date, typed: dict[str, str], words: str
) -> None:
    client = at(world, "receptionist", till)
    with unchanged():
        response = press(client, till, day, **typed)
    assert response.status_code == 422
    assert words in text_of(response)
    assert next(iter(typed.values())) in response.content.decode()


@pytest.mark.parametrize("wrong", ["", "yesterday", "2026-02-30", "9999-12-31", "0001-01-01T00", "' OR 1=1 --"])
def test_a_day_that_is_none_or_has_not_begun_closes_nothing(world: World, till: Till, wrong: str) -> None:
    client = at(world, "receptionist", till)
    with unchanged():
        assert client.post(path(till, what="close/"), {"day": wrong}).status_code in (409, 422)
        assert client.get(path(till, what=""), {"day": wrong}).status_code in (200, 422)
        assert client.get("/vouchers/ledger/tills/", {"day": wrong}).status_code in (200, 422)
        assert client.get(path(till, what="slip/"), {"day": wrong}).status_code == 302


def test_the_trading_day_is_the_branchs(world: World, till: Till) -> None:
    """It ends at five: what is closed at three in the morning is still yesterday."""
    world.ours.branch.day_ends_at = dt.time(5)
    world.ours.branch.save()
    till.refresh_from_db()
    night = dt.datetime(2026, 11, 22, 0, 0, tzinfo=dt.UTC)  # three o'clock in Riyadh
    place = services.Place(world.people["supervisor"], world.ours.branch, till)
    with pytest.raises(CannotClose, match="future_day"):
        close_day(till, dt.date(2026, 11, 22), place, counted=None, note="", now=night)
    assert close_day(till, dt.date(2026, 11, 21), place, counted=None, note="", now=night).pk


# Who --------------------------------------------------------------------------------------------------------------------


def test_ones_own_till_and_who_supervises_any(world: World, till: Till, day: dt.date) -> None:
    other = second(world)
    reception = at(world, "receptionist", till)
    with unchanged():
        assert press(reception, other, day).status_code == 403
    assert "You close the day of your own till." in text_of(reception.get(path(other)))
    assert press(at(world, "supervisor", till), other, day).status_code == 302
    assert press(reception, till, day).status_code == 302


@pytest.mark.parametrize("role", ["accountant", "owner"])
def test_who_keeps_the_books_looks_and_does_not_close(world: World, till: Till, day: dt.date, role: str) -> None:
    client = at(world, role, till)
    assert client.get(path(till)).status_code == 200
    with unchanged():
        assert press(client, till, day).status_code == 403


def test_another_branchs_till_is_not_there(world: World, till: Till, day: dt.date) -> None:
    closed_there = world.theirs.till
    client = at(world, "manager", till)
    assert client.get(path(closed_there)).status_code == 404
    assert client.get(path(closed_there, day, "slip/")).status_code == 404
    with unchanged():
        assert press(client, closed_there, day).status_code == 404


def test_a_service_asks_for_the_right_itself(world: World, till: Till, day: dt.date) -> None:
    stranger = hire("stranger", Role.SUPERVISOR, world.theirs.branch)
    for person in (stranger, world.people["accountant"], world.people["disabled"]):
        place = services.Place(person, world.ours.branch, second(world))
        with pytest.raises(CannotClose, match="not_allowed"):
            close_day(till, day, place, counted=None, note="", now=timezone.now())


# Afterwards -------------------------------------------------------------------------------------------------------------


def test_what_comes_later_is_shown_beside_and_changes_no_figure(world: World, till: Till, day: dt.date) -> None:
    first = redeemed(world.ours)
    closed(world, till, day)
    late, waits = redeemed(world.ours), redeemed(world.ours, State.UNKNOWN)
    client = at(world, "receptionist", till)
    page = client.get(path(till, day)).content.decode()
    figures, _after, after = page.partition("After the close")
    assert late.operation.reference in after and waits.operation.reference in after
    assert first.operation.reference not in after
    assert "400.00" in figures and "800.00" not in figures
    assert DayClose.objects.get().sums[0]["used"] == 1
    move(waits.operation, State.SUCCEEDED, now=timezone.now(), by="test")
    assert DayClose.objects.get().sums[0]["used"] == 1
    assert waits.operation.reference in client.get(path(till, day)).content.decode().partition("After the close")[2]


def test_what_ends_while_it_is_added_up_is_on_one_side_only(world: World, till: Till, day: dt.date) -> None:
    """An end that is not committed yet when the border is drawn counts as open; one that is, is inside."""
    row = redeemed(world.ours)
    later = timezone.now() + dt.timedelta(seconds=30)
    Operation.objects.filter(pk=row.operation_id).update(finished_at=later)  # as if the border were before it
    with pytest.raises(CannotClose, match="open"):
        closed(world, till, day)


@pytest.mark.parametrize("order", ["UPDATE vouchers_dayclose SET counted = 1", "DELETE FROM vouchers_dayclose"])
def test_a_close_cannot_be_changed_or_taken_back(world: World, till: Till, day: dt.date, order: str) -> None:
    closed(world, till, day)
    with (
        pytest.raises(DatabaseError, match="Cannot update or delete"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(order)


def test_the_database_allows_one_close_a_till_and_day(world: World, till: Till, day: dt.date) -> None:
    row = closed(world, till, day)
    twin = DayClose(till=till, branch=row.branch, business_date=day, sums=[], currency="SAR")
    twin.closed_by, twin.closed_at = row.closed_by, timezone.now()
    with pytest.raises(DatabaseError, match="one_close_a_till_and_day"), transaction.atomic():
        twin.save(force_insert=True)


def test_a_figure_that_came_later_than_the_row_is_zero() -> None:
    kept: dict[str, Any] = {"issuer": "alreaaiaa", "currency": "SAR", "used": 2, "value": "400.000"}
    assert TillSum.from_json(kept) == TillSum("alreaaiaa", "SAR", 2, value=Decimal(400))


# The overview, and the paper ----------------------------------------------------------------------------------------------


def test_the_overview_shows_every_till_and_what_belongs_to_none(world: World, till: Till, day: dt.date) -> None:
    redeemed(world.ours)
    lost = redeemed(world.ours)
    Operation.objects.filter(pk=lost.operation_id).update(till=None)
    redeemed(world.ours, State.UNKNOWN, till=second(world))
    closed(world, till, day)
    text = text_of(at(world, "owner", till).get("/vouchers/ledger/tills/"))
    for words in ("Till 1 this one 1 0 supervisor", "Till 2 1 1 — Something is open", "At no till 1 0 —"):
        assert words in text, text


def test_the_slip_is_what_was_closed(world: World, till: Till, day: dt.date) -> None:
    redeemed(world.ours)
    client = at(world, "receptionist", till)
    assert client.get(path(till, day, "slip/")).headers["Location"] == path(till, day)
    closed(world, till, day, Decimal(400), "all there")
    redeemed(world.ours)
    text = text_of(client.get(path(till, day, "slip/")))
    for words in ("TRAINING", "Day close", "Till 1", "Issuers owe 200.00 SAR", "Customers pay 400.00 SAR", "0.00 SAR"):
        assert words in text, words
    for words in ("all there", "supervisor", "After the close 1", "Signature"):
        assert words in text, words
