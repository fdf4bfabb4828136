"""How far ahead a branch can be booked: found by asking about little, and kept with its age when nobody answers."""

from __future__ import annotations

import datetime as dt

import pytest

from branches.models import Branch
from providers.models import Account, Operation
from reservations import selectors, services
from reservations.models import Horizon
from reservations.services.asking import MOST_DAYS
from reservations.services.looking_ahead import MAIN, main_products
from reservations.sync import store_seen
from tests.reservations.clinic import Clinic
from tests.reservations.made import DAY, hours, service

LAST = dt.datetime(2027, 1, 10, 14, 0, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


def look(clinic: Clinic, now: dt.datetime | None = None) -> Horizon | None:
    return services.look_ahead(clinic.place.branch.pk, now=now or clinic.now)


def offer(clinic: Clinic, *names: str) -> None:
    clinic.book.more_products = [service(name) for name in names]
    store_seen(clinic.account, clinic.book.more_products, clinic.now)


def ahead(clinic: Clinic, now: dt.datetime | None = None) -> selectors.Ahead | None:
    return selectors.ahead(Branch.objects.select_related("horizon").get(), now or clinic.now)


def test_the_last_free_time_is_the_horizon(clinic: Clinic) -> None:
    found = look(clinic)
    assert found and (found.until, found.products, found.found_at, found.problem) == (LAST, 1, clinic.now, "")
    assert not clinic.book.seen_in_transaction


def test_a_taken_time_is_not_one_to_book(clinic: Clinic) -> None:
    clinic.book.capacity = 1
    clinic.book.add_booking("cust-1", *hours(14))
    found = look(clinic)
    assert found and found.until == LAST - HOUR


def test_of_several_products_the_latest_counts_and_each_is_asked_for_once(clinic: Clinic) -> None:
    offer(clinic, "Peeling", "Massage")
    found = look(clinic)
    assert found and (found.until, found.products) == (LAST, 3)
    assert sorted(query.price_id for query in clinic.book.asked_for) == ["price-massage", "price-once", "price-peeling"]


def test_it_asks_about_few_products_and_a_month_and_no_more(clinic: Clinic) -> None:
    offer(clinic, *(f"Service{n}" for n in range(12)))
    look(clinic)
    assert len(clinic.book.asked_for) == MAIN
    today = dt.datetime.combine(DAY, dt.time())
    for query in clinic.book.asked_for:
        assert (query.starts, query.ends) == (today, today + dt.timedelta(days=MOST_DAYS))
        assert (query.quantity, query.practitioner_ids) == (1, ())


def test_what_is_booked_most_is_asked_for_first(clinic: Clinic) -> None:
    offer(clinic, "Peeling", "Massage", "Waxing")
    for name, times in (("Waxing", 3), ("Massage", 2), ("Facial", 1)):
        for hour in range(times):
            clinic.known(clinic.book.add_booking("cust-1", *hours(6 + hour), product_name=name))
    assert [product.name for product in main_products(clinic.place.branch, clinic.now)] == [
        *("Waxing", "Massage", "Facial")
    ]


def test_where_nothing_is_free_that_is_what_was_found(clinic: Clinic) -> None:
    clinic.book.capacity = 0
    found = look(clinic)
    assert found and found.until is None and found.found_at == clinic.now
    told = ahead(clinic)
    assert told and told.is_short and told.days == 0


@pytest.mark.parametrize(("trouble", "problem"), [("away", "no_connection"), ("nonsense", "not_json")])
def test_when_they_do_not_answer_what_was_known_stays_with_its_age(clinic: Clinic, trouble: str, problem: str) -> None:
    look(clinic)
    setattr(clinic.book, trouble, True)
    later = clinic.now + 4 * HOUR
    found = look(clinic, later)
    assert found and (found.until, found.found_at, found.problem) == (LAST, clinic.now, problem)
    assert found.tried_at == later
    told = ahead(clinic, later)
    assert told and told.is_stale and told.until == LAST


def test_when_the_first_look_fails_nothing_is_claimed(clinic: Clinic) -> None:
    clinic.book.away = True
    found = look(clinic)
    assert found and (found.until, found.found_at, found.problem) == (None, None, "no_connection")
    assert ahead(clinic) is None  # no alarm about a calendar that nobody has seen


def test_the_next_good_look_forgets_the_trouble(clinic: Clinic) -> None:
    clinic.book.away = True
    look(clinic)
    clinic.book.away = False
    found = look(clinic, clinic.now + HOUR)
    assert found and (found.problem, found.until) == ("", LAST)


def test_within_the_hour_nobody_asks_again_whether_it_went_well_or_not(clinic: Clinic) -> None:
    branch, soon = clinic.place.branch.pk, clinic.now + dt.timedelta(minutes=20)
    assert services.horizons_due(clinic.now) == [branch]
    clinic.book.away = True
    look(clinic)
    assert services.horizons_due(soon) == []
    assert look(clinic, soon) is None
    assert Horizon.objects.get().tried_at == clinic.now
    assert services.horizons_due(clinic.now + HOUR) == [branch]


def test_a_branch_that_books_nowhere_or_offers_nothing_is_not_asked_about(clinic: Clinic, nakheel: Branch) -> None:
    assert nakheel.pk not in services.horizons_due(clinic.now)
    assert services.look_ahead(nakheel.pk, now=clinic.now) is None
    Account.objects.update(is_active=False)
    assert services.horizons_due(clinic.now) == []
    assert look(clinic) is None
    assert not Horizon.objects.exists() and not clinic.book.asked_for


def test_the_look_is_a_reading_and_changes_nothing_there(clinic: Clinic) -> None:
    look(clinic)
    assert not clinic.book.writes and not Operation.objects.exists()
