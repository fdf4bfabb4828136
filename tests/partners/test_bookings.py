"""A partner finds a customer, asks for free times, books, and changes what is booked."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from branches.models import Branch
from providers.models import BranchAccount, Operation
from reservations.models import Act, Reservation
from tests.partners.caller import Caller, caller, working
from tests.reservations.clinic import Clinic
from tests.reservations.conftest import NOW

PHONE_MASKED = "•••"
DAY = dt.date(2027, 1, 10)


@pytest.fixture
def helped(quick: None) -> Any:
    """What waits for a worker is answered at once by one."""
    with working():
        yield


def first_slot(shop: Caller, clinic: Clinic, **more: Any) -> dict[str, Any]:
    [product] = [row for row in shop.get("products", branch="olaya").json()["items"] if row["external_id"] == "facial"]
    answer = shop.get("slots", branch="olaya", price=product["prices"][0]["id"], **{"from": DAY.isoformat()}, **more)
    assert answer.status_code == 200, answer.content
    return dict(answer.json()["items"][0])


def test_a_customer_is_found_by_phone_and_shown_masked(shop: Caller, clinic: Clinic) -> None:
    phone = clinic.customer.phone
    [row] = [one for one in shop.get("customers", phone=phone).json()["items"] if one["id"] == clinic.customer.pk]
    assert PHONE_MASKED in row["phone"] and PHONE_MASKED in row["name"]
    assert phone not in str(row) and clinic.customer.name not in str(row)
    assert row["external_id"] == "cust-1" and row["as_of"]
    assert shop.get(f"customers/{row['id']}").json() == row
    word = max(clinic.customer.name.split(), key=len)
    assert row["id"] in {one["id"] for one in shop.get("customers", q=word).json()["items"]}


@pytest.mark.parametrize("asked", [{}, {"phone": "0501234567", "q": "sara"}, {"q": "a"}], ids=str)
def test_customers_are_asked_for_by_one_thing_that_says_enough(shop: Caller, clinic: Clinic, asked: Any) -> None:
    assert shop.get("customers", **asked).status_code == 400


def test_a_search_takes_what_is_typed_literally(shop: Caller, clinic: Clinic) -> None:
    assert shop.get("customers", q="%%%%").json()["items"] == []
    assert shop.get("customers", q="a%b_c\\").json()["items"] == []


def test_a_free_time_is_booked_once_however_often_it_is_sent(shop: Caller, clinic: Clinic, helped: None) -> None:
    slot = first_slot(shop, clinic)
    order = {"branch": "olaya", "customer": clinic.customer.pk, "slot": slot["id"], "external_ref": "visit-7"}
    first, again = (shop.post("reservations", order, once="book-it-0000000001") for _ in range(2))
    assert first.status_code == 201, first.content
    assert first.content == again.content and again.headers["Idempotent-Replayed"] == "true"
    found = first.json()
    assert (found["kind"], found["status"], found["subject"]) == ("booking.book", "succeeded", "reservation")
    assert len(found["made_external_ids"]) == 1 and found["external_ref"] == "visit-7"
    assert Act.objects.count() == 1 and Act.objects.get().external_ref == "visit-7"
    assert shop.get("operations", external_ref="visit-7").json()["items"][0]["id"] == found["id"]
    assert Operation.objects.get().source == "partner"


def test_a_time_that_was_never_offered_to_this_branch_is_not_booked(
    shop: Caller, clinic: Clinic, helped: None, nakheel: Branch, elsewhere: BranchAccount
) -> None:
    there = caller(nakheel, partner="rival")
    slot = first_slot(shop, clinic)
    for program, branch, name in (
        (shop, "olaya", "0" * 32 + "-0"),
        (shop, "olaya", slot["id"].partition("-")[0] + "-9999"),
        (shop, "olaya", "tomorrow"),
        (there, "nakheel", slot["id"]),
    ):
        order = {"branch": branch, "customer": clinic.customer.pk, "slot": name}
        answer = program.post("reservations", order)
        assert answer.status_code == 422, answer.content
        assert answer.json()["field_errors"][0]["code"] == "slot_missing"
    assert not Operation.objects.exists()


def test_it_is_confirmed_and_then_cancelled_with_a_reason(
    shop: Caller, clinic: Clinic, helped: None, reservation: Reservation
) -> None:
    confirmed = shop.post(f"reservations/{reservation.pk}/confirm")
    assert (confirmed.status_code, confirmed.json()["status"]) == (201, "succeeded"), confirmed.content
    assert shop.post(f"reservations/{reservation.pk}/cancel", {"reason": ""}).status_code == 400
    cancelled = shop.post(f"reservations/{reservation.pk}/cancel", {"reason": "Ill"})
    assert (cancelled.status_code, cancelled.json()["kind"]) == (201, "booking.cancel"), cancelled.content


def test_while_one_change_is_open_another_is_told_so(
    shop: Caller, clinic: Clinic, reservation: Reservation, settings: Any
) -> None:
    settings.API_WAIT_SECONDS = 0
    first = shop.post(f"reservations/{reservation.pk}/confirm")
    assert (first.status_code, first.json()["status"]) == (202, "processing")
    assert first.headers["Location"] == f"/api/v1/operations/{first.json()['id']}"
    second = shop.post(f"reservations/{reservation.pk}/done")
    assert (second.status_code, second.json()["code"]) == (409, "claimed")
    assert second.json()["operation"] == first.json()["id"]


def test_it_moves_to_a_free_time(shop: Caller, clinic: Clinic, helped: None, reservation: Reservation) -> None:
    slots = shop.get("slots", branch="olaya", price=price_of(shop), **{"from": DAY.isoformat()}).json()["items"]
    other = next(slot for slot in slots if dt.datetime.fromisoformat(slot["starts_at"]) != reservation.starts_at)
    moved = shop.post(f"reservations/{reservation.pk}/reschedule", {"slot": other["id"]})
    assert (moved.status_code, moved.json()["status"]) == (201, "succeeded"), moved.content


def price_of(shop: Caller, kind: str = "reservation") -> str:
    return str(shop.get("products", branch="olaya", kind=kind).json()["items"][0]["prices"][0]["id"])


def test_somebody_is_checked_in(shop: Caller, clinic: Clinic, helped: None, reservation: Reservation) -> None:
    answer = shop.post("attendances", {"reservation": reservation.pk, "direction": "check_in"})
    assert (answer.status_code, answer.json()["kind"]) == (201, "booking.attend"), answer.content
    assert shop.post("attendances", {"direction": "check_in"}).status_code == 400


# Lists ----------------------------------------------------------------------------------------------------------------


def listed(clinic: Clinic, number: int) -> list[Reservation]:
    rows = [clinic.book.add_booking("cust-1", *clinic.nine) for _ in range(number)]
    return [clinic.known(row) for row in rows]


def pages(shop: Caller, limit: int, **asked: Any) -> list[list[dict[str, Any]]]:
    found, cursor = [], None
    while True:
        answer = shop.get("reservations", limit=limit, **asked, **({"cursor": cursor} if cursor else {})).json()
        found.append(answer["items"])
        if (cursor := answer["next_cursor"]) is None:
            return found


def test_pages_show_every_row_once_also_where_many_begin_at_the_same_moment(shop: Caller, clinic: Clinic) -> None:
    rows = listed(clinic, 7)
    found = pages(shop, 3, branch="olaya")
    assert [len(page) for page in found] == [3, 3, 1]
    assert sorted(row["id"] for page in found for row in page) == sorted(row.pk for row in rows)


def test_what_changed_since_comes_as_it_changed_and_what_is_gone_too(shop: Caller, clinic: Clinic) -> None:
    rows = listed(clinic, 4)
    Reservation.objects.filter(pk=rows[0].pk).update(seen_at=NOW + dt.timedelta(hours=3))
    Reservation.objects.filter(pk=rows[1].pk).update(gone_at=NOW + dt.timedelta(hours=2))
    since = (NOW + dt.timedelta(hours=1)).isoformat()
    found = [row for page in pages(shop, 1, branch="olaya", changed_since=since) for row in page]
    assert [(row["id"], row["gone"]) for row in found] == [(rows[1].pk, True), (rows[0].pk, False)]
    assert rows[1].pk not in {row["id"] for page in pages(shop, 50, branch="olaya") for row in page}
    assert shop.get(f"reservations/{rows[0].pk}").json() == found[1]


def test_a_cursor_of_one_list_is_none_of_another(shop: Caller, clinic: Clinic) -> None:
    listed(clinic, 3)
    cursor = shop.get("reservations", branch="olaya", limit=1).json()["next_cursor"]
    for asked in ({"changed_since": NOW.isoformat()}, {}):
        path = "reservations" if asked else "subscriptions"
        assert shop.get(path, branch="olaya", cursor=cursor, **asked).status_code == 400


def test_filters_are_what_they_say(shop: Caller, clinic: Clinic) -> None:
    [row] = listed(clinic, 1)
    inside = {"from": row.starts_at.isoformat(), "to": (row.starts_at + dt.timedelta(seconds=1)).isoformat()}
    for asked, number in (
        (inside, 1),
        ({"to": row.starts_at.isoformat()}, 0),
        ({"status": row.status}, 1),
        ({"status": "done"}, 0),
        ({"phone": clinic.customer.phone}, 1),
        ({"phone": "0555555555"}, 0),
    ):
        assert len(shop.get("reservations", branch="olaya", **asked).json()["items"]) == number, asked


def test_a_long_list_costs_as_many_questions_as_a_short_one(
    shop: Caller, clinic: Clinic, django_assert_max_num_queries: Any
) -> None:
    listed(clinic, 30)
    shop.get("branches")
    with django_assert_max_num_queries(6) as asked:
        assert len(shop.get("reservations", branch="olaya", limit=200).json()["items"]) == 30
    assert not any("count(" in query["sql"].lower() for query in asked.captured_queries)


def test_mirrored_rows_are_as_of_the_last_whole_reading(shop: Caller, clinic: Clinic) -> None:
    from providers.models import SyncRun, SyncStatus

    [row] = listed(clinic, 1)
    later = timezone.now().replace(microsecond=0) + dt.timedelta(days=400)
    SyncRun.objects.create(
        account=clinic.account,
        collection="reservations",
        full=True,
        began_at=later,
        status=SyncStatus.GREEN,
        complete=True,
    )
    found = shop.get(f"reservations/{row.pk}").json()
    assert dt.datetime.fromisoformat(found["as_of"]) == later
    [run] = shop.get("sync/runs", branch="olaya").json()["items"]
    assert (run["collection"], run["status"], run["branches"]) == ("reservations", "green", ["olaya"])


def test_a_subscription_is_listed_and_paused(shop: Caller, clinic: Clinic, helped: None) -> None:
    row = clinic.known_subscription(clinic.book.add_subscription("cust-1", clinic.nine[0]))
    [found] = shop.get("subscriptions", branch="olaya", customer=clinic.customer.pk).json()["items"]
    assert (found["id"], found["status"]) == (row.pk, row.status)
    assert shop.get("subscriptions", branch="olaya", customer=999_999).json()["items"] == []
    today = clinic.place.branch.business_date(timezone.now())
    days = {"first": (today + dt.timedelta(days=60)).isoformat(), "until": (today + dt.timedelta(days=70)).isoformat()}
    paused = shop.post(f"subscriptions/{row.pk}/pause", days)
    assert (paused.status_code, paused.json()["kind"]) == (201, "booking.pause"), paused.content
    wrong = shop.post(f"subscriptions/{row.pk}/pause", {"first": days["until"], "until": days["first"]})
    assert wrong.status_code == 422 and wrong.json()["field_errors"][0]["code"] == "days_wrong"
