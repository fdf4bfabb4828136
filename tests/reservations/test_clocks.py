"""A booking of ours that comes back by another clock is listed once, with the zone that would fit, and nothing is changed."""

from __future__ import annotations

import datetime as dt

import pytest

from branches.models import User
from providers.models import Discrepancy, State
from providers.operations import decide
from providers.timeline import discrepancy_told
from reservations import selectors, services
from reservations.effects.times import Moment, zone_read_in
from reservations.models import Act
from tests.reservations.clinic import Clinic, finish, pass_review, turn
from tests.reservations.made import at, hours

RIYADH = "Asia/Riyadh"
THREE = dt.timedelta(hours=3)
CLOCK = Discrepancy.Kind.CLOCK


def made(clinic: Clinic, hour: int = 6) -> Act:
    """Booked, and read again as a worker does it."""
    act = clinic.order(hour)
    assert finish(act).state == State.SUCCEEDED
    read(clinic)
    return act


def read(clinic: Clinic) -> None:
    for ask in selectors.asks_due():
        assert services.answer_ask(ask) == "answered"


def test_the_zone_that_would_fit_is_listed_and_nothing_is_changed(clinic: Clinic) -> None:
    clinic.book.zone_shift = THREE
    act = made(clinic)
    row = Discrepancy.objects.get(kind=CLOCK)
    assert (row.operation, row.branch) == (None, clinic.place.branch)
    sent, came = hours(6)[0], hours(9)[0]
    told = {"sent": sent, "read": came, "set": "UTC", "fits": RIYADH, "reference": act.operation.reference}
    assert row.facts == told
    title, facts = discrepancy_told(row)
    assert title and sorted(value for _label, value in facts) == sorted(told.values())
    assert act not in selectors.acts_needing_person(clinic.supervisor.actor)
    clinic.account.refresh_from_db()
    assert clinic.account.settings == {}


def test_it_is_listed_once_whether_it_is_open_or_closed(clinic: Clinic) -> None:
    clinic.book.zone_shift = THREE
    made(clinic, 6)
    made(clinic, 7)
    assert Discrepancy.objects.filter(kind=CLOCK).count() == 1
    Discrepancy.objects.update(closed_at=clinic.now)
    made(clinic, 8)
    assert Discrepancy.objects.filter(kind=CLOCK).count() == 1


def test_a_clock_that_is_ours_is_no_news(clinic: Clinic) -> None:
    made(clinic)
    assert not Discrepancy.objects.exists()


def test_a_booking_that_somebody_moved_meanwhile_tells_nothing_of_clocks(clinic: Clinic) -> None:
    act = clinic.order(6)
    finish(act)
    act.refresh_from_db()
    wire_from, wire_to = hours(10)
    clinic.book.change(act.made_ids[0], wire_starts=wire_from, wire_ends=wire_to)
    read(clinic)
    assert not Discrepancy.objects.exists()


def test_what_a_person_asks_to_see_is_not_compared(clinic: Clinic) -> None:
    """Long after it was made it may have been moved by just those hours."""
    act = made(clinic)
    act.refresh_from_db()
    wire_from, wire_to = hours(9)
    clinic.book.change(act.made_ids[0], wire_starts=wire_from, wire_ends=wire_to)
    row = clinic.known(act.made_ids[0])
    services.refresh_reservation(row, clinic.place, now=clinic.now)
    read(clinic)
    assert not Discrepancy.objects.exists()


def test_it_is_listed_when_a_person_says_which_was_ours(clinic: Clinic, huda: User) -> None:
    clinic.book.zone_shift = THREE
    clinic.book.accidents = ["lost_answer"]
    act = clinic.order(6)
    turn(act.operation)
    pass_review(act.operation)
    assert finish(act).state == State.NEEDS_REVIEW
    assert not Discrepancy.objects.filter(kind=CLOCK).exists()  # nobody knows yet whose it is
    [one] = [one.external_id for one in selectors.candidates_of(act)]
    decide(act.operation, huda, applied=True, reason="issuer_portal", named=[one])
    read(clinic)
    assert Discrepancy.objects.get(kind=CLOCK).facts["fits"] == RIYADH


@pytest.mark.parametrize(("sent", "came", "zone"), [(6, 9, RIYADH), (9, 6, "UTC"), (6, 6, ""), (6, 10, "")])
def test_the_zone_follows_from_the_difference(sent: int, came: int, zone: str) -> None:
    ours, theirs = (Moment(hours(hour)[0], at(hours(hour)[0])) for hour in (sent, came))
    assert zone_read_in(ours, theirs, RIYADH) == zone
