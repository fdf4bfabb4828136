"""The board of a day, lists, free times, and what each of them costs."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from branches.models import Branch, User
from branches.roles import Role
from providers.contracts.booking_orders import Attending, Direction, Subject
from providers.contracts.bookings import ReservationStatus
from providers.models import BranchAccount, State
from reservations import selectors, services
from reservations.effects import EFFECTS
from reservations.models import Act, Ask, Product, Reservation
from reservations.outcomes import KINDS, REFUSALS, STATES, words_for
from reservations.selectors import BadCursor, ReservationFilter
from reservations.services import CannotBook, Place
from reservations.sync import store_seen
from tests.conftest import Hire
from tests.reservations.clinic import Clinic, finish, slot
from tests.reservations.made import DAY, attendance, hours
from tests.reservations.shelf import NAKHEEL

TEN = dt.datetime(2027, 1, 10, 7, 0, tzinfo=dt.UTC)


def filled(clinic: Clinic) -> dict[str, Reservation]:
    """Nine: came; ten: nobody; eleven: paid; noon: cancelled."""
    book = clinic.book
    rows = {
        "in": clinic.known(book.add_booking("cust-1", *hours(6), status=ReservationStatus.CONFIRMED)),
        "late": clinic.known(book.add_booking("cust-2", *hours(6))),
        "paid": clinic.known(book.add_booking("cust-2", *hours(8), remaining=Decimal(0))),
        "off": clinic.known(book.add_booking("cust-2", *hours(9), status=ReservationStatus.CANCELLED)),
    }
    came = attendance(Attending(Subject.RESERVATION, Direction.CHECK_IN, rows["in"].external_id, "cust-1"))
    store_seen(clinic.account, [came], clinic.now)
    return rows


def entries(clinic: Clinic, now: dt.datetime = TEN) -> dict[str, selectors.Entry]:
    board = selectors.today(clinic.place.branch, now)
    return {entry.row.external_id: entry for cell in board.cells for entry in cell.entries}


def test_the_board_says_who_is_here_who_is_late_and_who_owes(clinic: Clinic) -> None:
    rows, found = filled(clinic), entries(clinic)
    facts = {
        name: [
            fact for fact in ("waiting", "in_service", "late", "left", "paid") if getattr(found[row.external_id], fact)
        ]
        for name, row in rows.items()
    }
    assert facts == {"in": ["in_service"], "late": ["late"], "paid": ["paid"], "off": []}
    assert found[rows["late"].external_id].owes == 300 and found[rows["off"].external_id].owes == 0
    early = entries(clinic, TEN - dt.timedelta(hours=2))
    assert early[rows["in"].external_id].waiting and not early[rows["late"].external_id].late
    board = selectors.today(clinic.place.branch, TEN)
    assert board.counts["all"] == 4 and board.practitioners == ("Dr Salma",) and board.day == DAY
    assert [cell.hour.hour for cell in board.cells] == [9, 11, 12]


def test_a_check_in_of_ours_shows_at_once_and_its_undo_takes_it_back(clinic: Clinic, reservation: Reservation) -> None:
    act = services.check_in(reservation, clinic.fresh(), now=clinic.now)
    assert entries(clinic)[reservation.external_id].open_act == act
    finish(act)
    assert entries(clinic)[reservation.external_id].in_service
    act = Act.objects.select_related("operation").get(pk=act.pk)
    finish(services.undo_attendance(act, clinic.fresh(), now=clinic.now))
    assert not entries(clinic)[reservation.external_id].in_service


def test_a_trading_day_may_end_after_midnight(clinic: Clinic) -> None:
    branch = clinic.place.branch
    branch.day_ends_at = dt.time(5)
    branch.save()
    row = clinic.known(clinic.book.add_booking("cust-1", "2027-01-11T00:30:00Z", "2027-01-11T01:30:00Z"))
    assert row.external_id in entries(clinic)
    assert selectors.week(branch, DAY)[DAY]["pending"] == 1


def test_the_board_costs_the_same_however_many_come(clinic: Clinic, django_assert_max_num_queries: Any) -> None:
    filled(clinic)
    for n in range(20):
        clinic.known(clinic.book.add_booking("cust-1", *hours(6 + n % 8)))
    with django_assert_max_num_queries(5):
        assert selectors.today(clinic.place.branch, TEN).counts["all"] == 24
    with django_assert_max_num_queries(2):
        selectors.week(clinic.place.branch, DAY)


def test_lists_are_read_page_by_page_without_gaps(clinic: Clinic) -> None:
    branch, seen, after = clinic.place.branch, [], ""
    records = []
    for n in range(selectors.records.PAGE + 20):
        external_id = clinic.book.add_booking("cust-1", *hours(6 + n % 3))
        records.append(clinic.book.bookings[external_id])
    store_seen(clinic.account, records, clinic.now)
    while True:
        page = selectors.find_reservations(branch, ReservationFilter(), after)
        seen += [row.pk for row in page.rows]
        if not page.next:
            break
        after = page.next
    assert len(seen) == len(set(seen)) == len(records)
    assert len(selectors.reservations_of(clinic.customer).rows) == selectors.records.PAGE
    for wrong in ("x", "1-", "fffffffffffffff-1", "-ffffffffffffff-1"):
        with pytest.raises(BadCursor):
            selectors.find_reservations(branch, ReservationFilter(), wrong)


def test_filters_name_a_phone_a_number_a_status(clinic: Clinic) -> None:
    rows, branch = filled(clinic), clinic.place.branch
    for wanted, names in (
        (ReservationFilter(phone="+966500000001"), {"in"}),
        (ReservationFilter(number=rows["paid"].number), {"paid"}),
        (ReservationFilter(statuses=("cancelled",)), {"off"}),
        (ReservationFilter(since=TEN, customer_id="cust-2"), {"paid", "off"}),
    ):
        found = {row.pk for row in selectors.find_reservations(branch, wanted).rows}
        assert found == {rows[name].pk for name in names}


# Another branch -------------------------------------------------------------------------------------------------------


def test_another_branch_sees_and_changes_nothing_of_ours(
    clinic: Clinic, reservation: Reservation, elsewhere: BranchAccount, majed: User, nakheel: Branch
) -> None:
    theirs = clinic.known(clinic.book.add_booking("cust-1", *hours(7), place_id=NAKHEEL))
    assert selectors.reservation_for(majed, reservation.pk) is None
    assert selectors.reservation_for(majed, theirs.pk) == theirs
    assert [row.pk for row in selectors.find_reservations(nakheel, ReservationFilter()).rows] == [theirs.pk]
    place = Place(majed, nakheel)
    for change in (services.confirm_reservation, services.check_in, services.finish_reservation):
        with pytest.raises(CannotBook, match="not_here"):
            change(reservation, place, now=clinic.now)
    act = services.confirm_reservation(reservation, clinic.fresh(), now=clinic.now)
    assert selectors.act_for(majed, act.pk) is None
    with pytest.raises(CannotBook, match="not_allowed"):
        services.confirm_reservation(reservation, Place(majed, clinic.place.branch), now=clinic.now)


def test_a_branch_without_the_account_cannot_use_it(clinic: Clinic, majed: User, nakheel: Branch) -> None:
    with pytest.raises(CannotBook, match="not_here"):
        services.ask_customers(clinic.account, "0500000001", Place(majed, nakheel), now=clinic.now)


@pytest.mark.parametrize(
    ("role", "books"), [(Role.RECEPTIONIST, True), (Role.MANAGER, True), (Role.ACCOUNTANT, False), (Role.ADMIN, False)]
)
def test_who_may_book(clinic: Clinic, hire: Hire, olaya: Branch, role: str, books: bool) -> None:
    place = Place(hire("someone", role, olaya), olaya)
    try:
        services.book_reservation(clinic.customer, [clinic.choice()], place, now=clinic.now)
        assert books
    except CannotBook as refused:
        assert not books and refused.code == "not_allowed"


# Asks -----------------------------------------------------------------------------------------------------------------


def asked(clinic: Clinic) -> Ask:
    product = Product.objects.get(external_id="facial")
    ask = services.ask_slots(product, "stable-price-once", DAY, 1, clinic.place, now=clinic.now)
    assert ask.pk in selectors.asks_due()
    services.answer_ask(ask.pk)
    ask.refresh_from_db()
    return ask


def test_free_times_come_with_todays_price_id_and_the_nearest_three_are_offered(clinic: Clinic) -> None:
    ask = asked(clinic)
    assert ask.state == Ask.State.ANSWERED and ask.result["price_id"] == "price-once"
    near = selectors.slots_near(ask, slot(9).starts_at + dt.timedelta(minutes=10), clinic.now)
    assert [one.starts_at.hour for one in near] == [9, 10, 8]
    assert selectors.slot_named(ask, *hours(9), clinic.now) and not selectors.slot_named(ask, "x", "y", clinic.now)
    last = dt.datetime(2027, 1, 10, 14, tzinfo=dt.UTC)
    assert selectors.horizon(clinic.place.branch, clinic.now) == last


def test_an_ask_is_answered_once_and_seen_only_at_its_branch(clinic: Clinic, majed: User, reem: User) -> None:
    ask = asked(clinic)
    assert services.answer_ask(ask.pk) == ""
    assert selectors.ask_for(majed, ask.pk) is None and selectors.ask_for(reem, ask.pk) == ask


def test_when_they_are_away_the_old_value_stays(clinic: Clinic, reservation: Reservation) -> None:
    clinic.book.away = True
    ask = services.refresh_reservation(reservation, clinic.place, now=clinic.now)
    assert services.answer_ask(ask.pk) == Ask.State.FAILED
    ask.refresh_from_db()
    assert ask.refusal_code == "no_answer" and ask.refusal_code in REFUSALS
    assert Reservation.objects.get(pk=reservation.pk).seen_at == reservation.seen_at


def test_refreshing_a_customer_reads_all_that_they_have(clinic: Clinic) -> None:
    clinic.book.add_booking("cust-1", *hours(6))
    clinic.book.add_subscription("cust-1", "2027-01-01T00:00:00Z")
    ask = services.refresh_customer(clinic.customer, clinic.place, now=clinic.now)
    services.answer_ask(ask.pk)
    assert len(selectors.reservations_of(clinic.customer).rows) == 1
    assert len(selectors.subscriptions_of(clinic.customer)) == 1


def test_an_older_answer_never_overwrites_a_newer_one(clinic: Clinic, reservation: Reservation) -> None:
    clinic.book.change(reservation.external_id, status=ReservationStatus.CONFIRMED)
    record = clinic.book.bookings[reservation.external_id]
    store_seen(clinic.account, [record], clinic.now - dt.timedelta(seconds=1))
    reservation.refresh_from_db()
    assert reservation.status == "pending"
    store_seen(clinic.account, [record], clinic.now + dt.timedelta(seconds=1))
    reservation.refresh_from_db()
    assert reservation.status == "confirmed" and reservation.payload["id"] == reservation.external_id


def test_asks_go_after_two_days(clinic: Clinic) -> None:
    asked(clinic)
    assert services.purge_asks(now=clinic.now + dt.timedelta(days=3)) == 1


# Words ----------------------------------------------------------------------------------------------------------------


def test_every_kind_has_words_for_every_state(clinic: Clinic) -> None:
    assert {effect.kind for effect in EFFECTS} == set(KINDS) == set(STATES)
    for words in STATES.values():
        assert set(words) == {*State.values, "inferred", "overdue"}
        assert all(one.headline and one.now and one.customer for one in words.values())
    act = clinic.order()
    assert words_for(act.operation, slow=False).tone == "now"
