"""What the client reads out of whatever Rekaz may show: fact sheet §3 and §10."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import pytest

from providers.contracts import ProductKind, ReservationStatus
from providers.errors import BrokenContract, Misconfigured, Rejected, Unavailable
from providers.http import strict_json
from providers.normalise import zone_named
from providers.rekaz import mapping, source
from tests.providers.rekaz.account import PHONE, captured, desk, fields, refusal
from tests.providers.rekaz.acts import ABP, EDGE, ID, OTHER, READS, WRITES, read, reservation, sample
from tests.providers.scripted_server import answer
from tests.providers.test_contracts import PROVES_NOTHING

# Reads: errors


@pytest.mark.parametrize("name", READS)
@pytest.mark.parametrize("case", [case for case in PROVES_NOTHING if case not in ("an empty list",)])
def test_a_read_never_says_unknown_and_makes_nothing_of_rubbish(name: str, case: str) -> None:
    error, _ = refusal(READS[name], PROVES_NOTHING[case])
    assert type(error) in (Unavailable, BrokenContract, Misconfigured, Rejected)


@pytest.mark.parametrize("name", READS)
def test_the_edge_turning_a_read_away_is_for_an_administrator(name: str) -> None:
    error, _ = refusal(READS[name], EDGE)
    assert (type(error), error.code) == (Misconfigured, "edge_blocked")


@pytest.mark.parametrize("body", [ABP, sample("error_problem.measured") | {"status": 404, "title": "Not Found"}])
def test_what_is_not_there_is_none(body: object) -> None:
    with desk(answer(body, 404)) as at:
        assert at.client.reservation(ID) is None
        assert at.client.customer(ID) is None


def test_an_error_names_the_fields_and_repeats_nothing_of_what_was_sent() -> None:
    body = {
        "type": "x",
        "title": "Bad",
        "status": 400,
        "errors": {"CustomerDetails.MobileNumber": [f"'{PHONE}' is bad"]},
    }
    error, at = refusal(WRITES["create_customer"], answer(body, 400))
    assert "CustomerDetails.MobileNumber" in error.detail
    said = {"error": {"message": f"سارة {PHONE} exists", "code": None}}
    other, _ = refusal(WRITES["create_customer"], answer(said, 403))
    assert PHONE[1:] not in f"{error} {other} {at.calls}" and "سارة" not in f"{other}"


@pytest.mark.parametrize(
    "entry", [{"field": "mobileNumber", "message": "x"}, {"members": ["mobileNumber"], "message": "x"}]
)
def test_both_spellings_of_a_complaint_are_read(entry: object) -> None:
    body = {"error": {"code": "VALIDATION_ERROR", "message": "No.", "validationErrors": [entry]}}
    assert "mobileNumber" in refusal(WRITES["confirm"], answer(body, 400))[0].detail


# Reads: quirks


@pytest.mark.parametrize(
    "body",
    [
        [sample("providers.response")["items"][0]],
        {"items": [sample("providers.response")["items"][0]]},
        {"items": [sample("providers.response")["items"][0]], "totalCount": 1},
    ],
)
def test_all_three_shapes_of_a_list_are_read(body: object) -> None:
    with desk(answer(body)) as at:
        assert len(at.client.practitioners()) == 1
        assert len(at.client.page("practitioners", "").rows) == 1


def test_a_reservation_is_read_with_its_measured_names() -> None:
    row = reservation(
        providers=[{"id": OTHER, "name": "د. ريم", "isDeleted": False}],
        remainingAmount=12.5,
        orderPaymentStatusString="PartiallyPaid",
        cancellationReason="x",
        creationTime="2025-01-18T09:30:00.1234567",
    )
    del row["reservationRemainingAmount"], row["invoiceTotalAmount"]
    found = read(row | {"orderTotalAmount": 150})
    assert (found.practitioners[0].external_id, found.practitioners[0].name) == (OTHER, "د. ريم")
    assert (found.remaining, found.invoice_total, found.payment_status) == (
        Decimal("12.5"),
        Decimal(150),
        "PartiallyPaid",
    )
    assert found.made_at == dt.datetime(2025, 1, 18, 9, 30, 0, 123456, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("Confirmed", ReservationStatus.CONFIRMED),
        ("confirmed", ReservationStatus.CONFIRMED),
        ("Pending", ReservationStatus.PENDING),
        ("Cancelled", ReservationStatus.CANCELLED),
        ("Canceled", ReservationStatus.CANCELLED),
        ("Done", ReservationStatus.DONE),
        ("NoShow", ReservationStatus.UNSEEN),
        ("", ReservationStatus.UNSEEN),
        (None, ReservationStatus.UNSEEN),
        (3, ReservationStatus.UNSEEN),
    ],
)
def test_a_status_word_is_mapped_or_kept_as_unseen(word: object, status: ReservationStatus) -> None:
    found = read(reservation(status=word))
    assert (found.status, found.raw_status) == (status, "" if word is None else str(word))


@pytest.mark.parametrize(
    ("zone", "text", "utc_hour"),
    [
        ("UTC", "2025-01-20T14:00:00Z", 14),
        ("UTC", "2025-01-20T14:00:00", 14),
        ("Asia/Riyadh", "2025-01-20T14:00:00Z", 11),
        ("Asia/Riyadh", "2025-01-20T14:00:00+00:00", 11),
        ("Asia/Riyadh", "2025-01-20T14:00:00", 11),
        ("Asia/Riyadh", "2025-01-20T14:00:00+02:00", 12),
        ("UTC", "2025-01-20T14:00:00+03:00", 11),
    ],
)
def test_what_their_z_means_is_a_setting_of_the_account(zone: str, text: str, utc_hour: int) -> None:
    row = reservation(startAt=text, endAt=text, creationTime="2025-01-20T14:00:00Z")
    with desk(answer(row), place={"wire_timezone": zone}) as at:
        found = at.client.reservation(ID)
    assert found is not None
    assert (found.starts_at.hour, found.wire_starts) == (utc_hour, text)
    assert found.made_at is not None and found.made_at.hour == 14  # true UTC either way


def test_a_family_has_one_phone_and_each_of_them_their_own_bookings() -> None:
    rows = [reservation(id=OTHER[:-1] + str(n), customerId=who) for n, who in enumerate([ID, OTHER, None])]
    body = {"totalCount": 3, "items": [*rows, reservation(id=ID, customerMobile="+966507777777")]}
    with desk(answer(body)) as at:
        assert len(at.client.reservations_of(PHONE, "")) == 3
        assert len(at.client.reservations_of(PHONE, ID)) == 2  # hers, and the one that names nobody


def test_a_filter_that_filters_nothing_has_every_page_read() -> None:
    people = [sample("customer.response") | {"id": f"{n:036d}", "mobileNumber": f"9665{n:08d}"} for n in range(150)]
    pages = [{"totalCount": 150, "items": people[:100]}, {"totalCount": 150, "items": people[90:]}]
    with desk(*map(answer, pages)) as at:
        (found,) = at.client.customers_with("+966500000149")
    assert found.external_id == people[149]["id"]
    assert ["skipCount=90" in path for path in at.server.paths()] == [False, True]


def test_a_phone_that_nobody_has_is_asked_for_in_both_forms() -> None:
    with desk(answer({"totalCount": 0, "items": []})) as at:
        assert at.client.customers_with(PHONE) == []
    assert [path.split("mobileNumber=")[1].split("&")[0] for path in at.server.paths()] == [
        "%2B966501234567",
        "966501234567",
    ]


def test_a_list_without_an_end_is_no_answer() -> None:
    page = {"totalCount": 10**6, "items": []}
    number = iter(range(10**6))

    def endless(conversation: Any) -> None:
        rows = [sample("customer.response") | {"id": f"{next(number):036d}"} for _ in range(100)]
        answer(page | {"items": rows})(conversation)

    error, at = refusal(READS["customers_with"], endless)
    assert (type(error), error.code) == (BrokenContract, "list_too_long")
    assert at.server.connections == 40


def test_slots_outside_what_was_asked_for_and_those_of_the_past_are_dropped() -> None:
    slot = sample("slots.response")[0] | {"isAvailable": True}
    times = ["2025-09-08T18:00:00Z", "2025-09-08T21:00:00Z", "2025-09-09T20:59:00Z", "2025-09-09T21:00:00Z"]
    rows = [slot | {"from": time} for time in times] + [slot | {"from": times[1], "isOutDated": True}]
    with desk(answer(rows)) as at:
        found = READS["slots"](at.client)
    assert [one.wire_from for one in found] == times[1:3]  # the ninth of September in Riyadh
    assert all(one.is_bookable for one in found)


@pytest.mark.parametrize(
    ("word", "number", "kind"),
    [
        ("Reservation", 0, ProductKind.RESERVATION),
        (None, 1, ProductKind.SUBSCRIPTION),
        ("Merchandise", 2, ProductKind.MERCHANDISE),
        ("Bundle", 7, ProductKind.UNSEEN),
        (None, None, ProductKind.UNSEEN),
    ],
)
def test_a_product_of_an_unknown_kind_is_read_all_the_same(word: object, number: object, kind: ProductKind) -> None:
    row = sample("product.response") | {"typeString": word, "type": number}
    with desk(answer([row])) as at:
        assert at.client.products()[0].kind is kind


def test_a_description_loses_its_markup_and_what_hides_in_it() -> None:
    row = sample("product.response") | {"description": "<p>كشف&nbsp;أسنان<br>30 min</p><script>alert(1)</script>"}
    with desk(answer([row])) as at:
        assert at.client.products()[0].description == "كشف أسنان 30 min"


@pytest.mark.parametrize("key", ["occurenceDays", "occurrenceDays"])
def test_both_spellings_of_occurrence_are_read(key: str) -> None:
    row = sample("subscriptions.response")["items"][0]
    del row["occurenceDays"]
    with desk(answer(row | {key: ["Monday"], "endAt": None})) as at:
        found = at.client.subscription(ID)
    assert found is not None and (found.occurrence_days, found.ends_at) == (("Monday",), None)


HOSTILE: dict[str, Any] = {
    "no id": {"id": None},
    "an id of a list": {"id": [ID]},
    "no time": {"startAt": None},
    "a time that is none": {"endAt": "soon"},
    "a time out of all bounds": {"startAt": "0001-01-01T00:00:00+14:00"},
    "NaN in a text": {"reservationTotalAmount": "NaN"},
    "an amount of a list": {"reservationTotalAmount": [1]},
    "a true amount": {"reservationTotalAmount": True},
    "an endless amount": {"reservationTotalAmount": "1e30"},
    "providers of a number": {"providers": 3},
    "half a person": {"quantity": 0.5},
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_row_that_cannot_be_read_is_refused_by_name(case: str) -> None:
    row = json.dumps(reservation(**HOSTILE[case])).encode()
    zones = mapping.Zones(zone_named("UTC"), zone_named("Asia/Riyadh"))
    with pytest.raises(ValueError, match=r"."):
        source.decode("reservations", row, zones)


@pytest.mark.parametrize("raw", [b'{"id":"a","id":"b"}', b'{"id":NaN}', b"[]", b"null", b'{"id":"\xff"}'])
def test_a_row_that_two_could_read_differently_is_refused(raw: bytes) -> None:
    zones = mapping.Zones(zone_named("UTC"), zone_named("Asia/Riyadh"))
    with pytest.raises(ValueError, match=r"."):
        source.decode("reservations", raw, zones)


def test_one_row_that_cannot_be_read_does_not_spoil_a_page() -> None:
    body = {"totalCount": 2, "items": [reservation(), {"id": OTHER, "startAt": 5}]}
    with desk(answer(body)) as at:
        page = at.client.page("reservations", "")
        assert [at.client.id_of("reservations", row) for row in page.rows] == [ID, OTHER]
        with pytest.raises(ValueError, match="startAt"):
            at.client.decode("reservations", page.rows[1])


# Pages


@pytest.mark.parametrize(
    ("rows", "reported", "after"),
    [(100, 562, "90"), (100, 100, "90"), (100, 20, "90"), (62, 562, "52"), (62, 62, ""), (0, 562, ""), (5, None, "")],
)
def test_a_page_says_where_the_next_begins(rows: int, reported: int | None, after: str) -> None:
    body = {"items": [{"id": str(n)} for n in range(rows)], "totalCount": reported}
    assert source.page_of("reservations", "", json.dumps(body).encode()).next == after


def test_a_page_is_asked_for_from_its_place_and_since_its_day() -> None:
    with desk(answer({"totalCount": 0, "items": []})) as at:
        at.client.page("reservations", "90", "2025-01-20T00:00:00")
        at.client.page("customers", "", "2025-01-20T00:00:00")
        with pytest.raises(ValueError, match="place"):
            at.client.page("customers", "-1")
    assert at.server.paths() == [
        "/api/v1/reservations?skipCount=90&maxResultCount=100&dateMin=2025-01-20T00%3A00%3A00",
        "/api/v1/customers?skipCount=0&maxResultCount=100",
    ]


def test_an_attendance_gets_an_id_of_what_makes_it_one() -> None:
    row = sample("attendances.response")["items"][0]
    first, same, other = (
        source.id_of("attendances", json.dumps(row | change).encode())
        for change in ({}, {"isActive": False, "customerImageUrl": None}, {"actionDateFrom": "2025-01-16T09:00:00Z"})
    )
    swapped = row | {"type": row["actionType"], "actionType": row["type"]}
    assert first == same == source.id_of("attendances", json.dumps(swapped).encode()) != other


def test_what_is_read_on_its_own_has_the_bytes_that_a_mirror_keeps() -> None:
    """The same content as a nightly row, figure by figure: else every refresh would look like a change."""
    row = fields("product.response")
    with desk(captured("product.response")) as at:
        found = at.client.product(row["id"])
    assert found is not None
    assert strict_json(found.raw) == row
