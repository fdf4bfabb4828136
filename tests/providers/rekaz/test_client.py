"""What the client makes of everything Rekaz may answer: fact sheet §2, §3 and §10, reliability §2.4 and §3.5."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.contracts import (
    Attending,
    BookingItem,
    BookingOrder,
    Cancellation,
    Direction,
    Move,
    NewCustomer,
    Pause,
    ProductKind,
    ReservationStatus,
    Resumption,
    SlotQuery,
    Subject,
    SubscriptionItem,
    SubscriptionOrder,
)
from providers.errors import BrokenContract, Misconfigured, OutcomeUnknown, Rejected, Unavailable
from providers.http import strict_json
from providers.rekaz import mapping, source, wire
from providers.rekaz.client import Rekaz
from tests.providers.rekaz.account import PHONE, SECRETS, Keys, captured, desk, fields, payload, refusal
from tests.providers.scripted_server import answer, saying
from tests.providers.test_contracts import PROVES_NOTHING

Act = Callable[[Rekaz], Any]
ID, OTHER = "3fa85f64-5717-4562-b3fc-2c963f66afa6", "4fa85f64-5717-4562-b3fc-2c963f66afa6"
FROM, TO = "2025-09-04T17:00:00Z", "2025-09-04T18:00:00Z"
ITEM = BookingItem(ID, 1, FROM, TO)
WRITES: dict[str, Act] = {
    "create_customer": lambda client: client.create_customer(NewCustomer("سارة", PHONE)),
    "book": lambda client: client.book(BookingOrder(ID, "", (ITEM,))),
    "reschedule": lambda client: client.reschedule(Move(ID, FROM, TO, ())),
    "confirm": lambda client: client.confirm(ID),
    "cancel": lambda client: client.cancel(Cancellation(ID, "طلب العميل", False)),
    "finish": lambda client: client.finish(ID),
    "subscribe": lambda client: client.subscribe(SubscriptionOrder(ID, "", FROM, (SubscriptionItem(ID, 1),))),
    "pause": lambda client: client.pause(Pause(ID, FROM, TO)),
    "resume": lambda client: client.resume(Resumption(ID, TO)),
    "attend": lambda client: client.attend(Attending(Subject.RESERVATION, Direction.CHECK_IN, ID, ID)),
}
READS: dict[str, Act] = {
    "places": lambda client: client.places(),
    "products": lambda client: client.products(),
    "reservation": lambda client: client.reservation(ID),
    "customers_with": lambda client: client.customers_with(PHONE),
    "reservations_of": lambda client: client.reservations_of(PHONE, ID),
    "slots": lambda client: client.slots(SlotQuery(ID, dt.datetime(2025, 9, 9), dt.datetime(2025, 9, 10))),
    "page": lambda client: client.page("reservations", ""),
    "check_login": lambda client: client.check_login(SECRETS),
}
ABP = {"error": {"code": None, "message": "No.", "details": None, "data": None, "validationErrors": None}}
EDGE = answer("error code: 1010", 403, {"Content-Type": "text/plain"})


def sample(name: str) -> Any:
    return json.loads(payload(name))


def reservation(**changes: Any) -> dict[str, Any]:
    return sample("reservation.response") | changes


def read(row: dict[str, Any]) -> Any:
    with desk(answer(row)) as at:
        return at.client.reservation(ID)


# Writes: what proves what


@pytest.mark.parametrize("name", WRITES)
@pytest.mark.parametrize("case", PROVES_NOTHING)
def test_an_answer_that_proves_nothing_is_unknown_and_nothing_is_sent_again(name: str, case: str) -> None:
    error, at = refusal(WRITES[name], PROVES_NOTHING[case])
    assert (type(error), at.server.connections) == (OutcomeUnknown, 1)


@pytest.mark.parametrize("name", WRITES)
@pytest.mark.parametrize("status", [400, 403, 404])
@pytest.mark.parametrize("shape", ["abp", "problem", "documented"])
def test_a_no_in_one_of_their_envelopes_is_a_no(name: str, status: int, shape: str) -> None:
    bodies = {
        "abp": ABP,
        "problem": sample("error_problem.measured") | {"status": status},
        "documented": sample("error.response"),
    }
    error, at = refusal(WRITES[name], answer(bodies[shape], status))
    assert (type(error), at.server.connections) == (Rejected, 1)
    assert error.code == ("not_there" if status == 404 else "provider_refused")


@pytest.mark.parametrize("name", WRITES)
@pytest.mark.parametrize("status", [402, 405, 408, 409, 422, 423, 429, 500, 503])
def test_their_envelope_with_any_other_status_decides_nothing(name: str, status: int) -> None:
    assert type(refusal(WRITES[name], answer(ABP, status))[0]) is OutcomeUnknown


@pytest.mark.parametrize("name", WRITES)
@pytest.mark.parametrize(
    "body",
    [
        {"error": "No."},
        {"error": {}},
        {"message": "No."},
        {**ABP, "reservationIds": [OTHER]},
        {"title": "No.", "status": 500},
        {"title": "No."},
        [ABP],
    ],
)
def test_a_no_in_any_other_shape_decides_nothing(name: str, body: object) -> None:
    assert type(refusal(WRITES[name], answer(body, 400))[0]) is OutcomeUnknown


@pytest.mark.parametrize("name", WRITES)
def test_the_edge_turning_a_write_away_tells_nothing_of_it(name: str) -> None:
    error, _ = refusal(WRITES[name], EDGE)
    assert (type(error), error.code) == (OutcomeUnknown, "edge_blocked")


@pytest.mark.parametrize("name", WRITES)
def test_a_rate_limit_is_unknown_whatever_its_status(name: str) -> None:
    error, _ = refusal(WRITES[name], answer({"error": {"code": "RateLimit", "message": "Slow down"}}, 403))
    assert (type(error), error.code) == (OutcomeUnknown, "rate_limited")


@pytest.mark.parametrize("code", ["Unauthorized", "FORBIDDEN", "Volo.Authorization:010001"])
def test_a_403_about_our_rights_is_ours_to_mend(code: str) -> None:
    error, _ = refusal(WRITES["confirm"], answer({"error": {"code": code, "message": "No."}}, 403))
    assert (type(error), error.code) == (Misconfigured, "account_blocked")


@pytest.mark.parametrize(("status", "body"), [(200, ""), (201, {}), (202, ""), (200, ABP), (204 + 1, "")])
def test_only_a_204_proves_a_put(status: int, body: object) -> None:
    assert type(refusal(WRITES["confirm"], answer(body, status))[0]) is OutcomeUnknown


@pytest.mark.parametrize(
    "body",
    [
        {"reservationIds": []},
        {"reservationIds": [OTHER, ID]},
        {"reservationIds": [None]},
        {"reservationIds": [""]},
        {"reservationIds": OTHER},
        {"invoiceId": ID},
        {"reservationIds": [OTHER], "error": {"message": "half"}},
    ],
)
def test_a_booking_needs_one_reservation_for_each_item(body: object) -> None:
    assert type(refusal(WRITES["book"], answer(body))[0]) is OutcomeUnknown


def test_two_items_that_are_answered_with_one_reservation_twice_are_unknown() -> None:
    order = BookingOrder(ID, "", (ITEM, ITEM))
    error, _ = refusal(lambda client: client.book(order), answer({"reservationIds": [OTHER, OTHER]}))
    assert (type(error), error.code) == (OutcomeUnknown, "other_items")


@pytest.mark.parametrize("status", [200, 201])
def test_any_2xx_will_do_for_a_post(status: int) -> None:
    with desk(captured("create_customer.response", status)) as at:
        assert WRITES["create_customer"](at.client).references["customer"]


@pytest.mark.parametrize(
    "body", ['"success"', '""', '"ok-ok-ok-ok-ok-ok-ok"', '{"id":"' + ID + '"}', '["' + ID + '"]', "12"]
)
def test_a_new_customer_is_proved_by_a_bare_id_only(body: str) -> None:
    assert type(refusal(WRITES["create_customer"], answer(body))[0]) is OutcomeUnknown


@pytest.mark.parametrize(
    "body",
    [
        {"subscriptionId": OTHER, "pausedAt": FROM, "resumeAt": TO},
        {"subscriptionId": ID, "pausedAt": FROM, "resumeAt": FROM},
        {"subscriptionId": ID, "pausedAt": FROM},
        {"subscriptionId": ID, "pausedAt": "soon", "resumeAt": TO},
    ],
)
def test_a_pause_of_something_else_or_for_another_time_is_unknown(body: object) -> None:
    assert type(refusal(WRITES["pause"], answer(body))[0]) is OutcomeUnknown


def test_a_pause_may_be_told_in_another_spelling_of_the_same_time() -> None:
    body = {
        "subscriptionId": ID.upper(),
        "pausedAt": "2025-09-04T17:00:00",
        "resumeAt": "2025-09-04T18:00:00.000+00:00",
    }
    with desk(answer(body)) as at:
        assert WRITES["pause"](at.client).references == {"subscription": ID}


@pytest.mark.parametrize(
    ("kind", "direction", "proves"),
    [
        ("CheckIn", "Reservation", True),
        ("Reservation", "Check-In", True),
        (0, 0, True),
        ("CheckOut", "Reservation", False),
        ("CheckIn", "Subscription", False),
        (1, 0, False),
        ("Attended", "Reservation", False),
    ],
)
def test_an_attendance_is_proved_by_its_words_in_either_order(kind: object, direction: object, proves: bool) -> None:
    body = {"type": kind, "actionType": direction, "customerId": ID, "actionId": ID}
    with desk(answer(body)) as at:
        if proves:
            assert WRITES["attend"](at.client).references["reservations"] == ID
        else:
            with pytest.raises(OutcomeUnknown):
                WRITES["attend"](at.client)


@pytest.mark.parametrize("name", WRITES)
def test_the_same_order_is_the_same_bytes(name: str) -> None:
    with desk(answer("", 500)) as at:
        for _ in range(2):
            with pytest.raises(OutcomeUnknown):
                WRITES[name](at.client)
    first, second = (request.partition(b"\r\n\r\n") for request in at.server.requests)
    assert (first[2], first[0].split(b"\r\n")[0]) == (second[2], second[0].split(b"\r\n")[0])


BAD_ORDERS: dict[str, Act] = {
    "no items": lambda client: client.book(BookingOrder(ID, "", ())),
    "six items": lambda client: client.book(BookingOrder(ID, "", (ITEM,) * 6)),
    "no customer": lambda client: client.book(BookingOrder("", "", (ITEM,))),
    "a path": lambda client: client.confirm("../customers"),
    "a query": lambda client: client.cancel(Cancellation("x?y=", "", False)),
    "no time": lambda client: client.reschedule(Move(ID, "tomorrow", TO, ())),
    "no phone": lambda client: client.create_customer(NewCustomer("A", "0501234567")),
    "nothing bought": lambda client: client.subscribe(SubscriptionOrder(ID, "", FROM, ())),
    "no quantity": lambda client: client.book(BookingOrder(ID, "", (BookingItem(ID, 0, FROM, TO),))),
}


@pytest.mark.parametrize("case", BAD_ORDERS)
def test_an_order_that_they_have_no_words_for_never_leaves(case: str) -> None:
    with desk(answer("")) as at, pytest.raises(ValueError, match=r"."):
        BAD_ORDERS[case](at.client)
    assert at.server.connections == 0


# Who we are


@pytest.mark.parametrize(
    ("secrets", "sent"),
    [
        ({"key": "k", "secret": "s"}, "Basic azpz"),
        ({"token": "azpz"}, "Basic azpz"),
        ({"token": " Basic azpz "}, "Basic azpz"),
        ({"token": "basic  azpz"}, "Basic azpz"),
    ],
)
def test_key_and_secret_or_the_ready_token_will_do(secrets: dict[str, str], sent: str) -> None:
    with desk(captured("branches.response"), keys=Keys(secrets)) as at:
        at.client.places()
    assert at.server.header("Authorization") == sent


@pytest.mark.parametrize("secrets", [{}, {"key": "k"}, {"token": "Basic "}, {"token": "a\r\nX: y"}])
def test_half_a_login_is_none_and_nothing_leaves(secrets: dict[str, str]) -> None:
    error, at = refusal(READS["places"], answer([]), keys=Keys(secrets))
    assert (type(error), error.code, at.server.connections) == (Misconfigured, "login_incomplete", 0)


@pytest.mark.parametrize("act", ["book", "cancel", "create_customer"])
def test_a_refused_key_is_replaced_and_the_write_made_once_more(act: str) -> None:
    done = {
        "book": captured("book.response"),
        "cancel": answer("", 204),
        "create_customer": captured("create_customer.response"),
    }
    keys = Keys(upcoming={"token": "bmV4dDpuZXh0"})
    with desk(answer(ABP, 401), captured("branches.response"), done[act], keys=keys) as at:
        WRITES[act](at.client)
    assert keys.replaced == 1
    assert at.server.header("Authorization") == "Basic bmV4dDpuZXh0"
    assert at.server.requests[0].partition(b"\r\n\r\n")[2] == at.server.requests[2].partition(b"\r\n\r\n")[2]


def test_a_refused_key_without_another_is_misconfigured() -> None:
    error, at = refusal(WRITES["book"], answer(ABP, 401))
    assert (type(error), error.code, at.server.connections) == (Misconfigured, "login_refused", 1)


def test_a_login_is_right_when_our_branch_is_listed() -> None:
    with desk(captured("branches.response")) as at:
        assert at.client.check_login(SECRETS) == "الفرع الرئيسي"
    error, _ = refusal(READS["check_login"], captured("branches.response"), place={"branch_id": OTHER})
    assert (type(error), error.code) == (Misconfigured, "place_unknown")


@pytest.mark.parametrize("change", [{"tenant": ""}, {"tenant": "a\r\nb"}, {"branch_id": ""}, {"wire_timezone": "Mars"}])
def test_settings_that_cannot_be_used_make_no_client(change: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"."), desk(answer([]), place=change):
        pass


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
    zones = mapping.Zones(wire.zone("UTC"), wire.zone("Asia/Riyadh"))
    with pytest.raises(ValueError, match=r"."):
        source.decode("reservations", row, zones)


@pytest.mark.parametrize("raw", [b'{"id":"a","id":"b"}', b'{"id":NaN}', b"[]", b"null", b'{"id":"\xff"}'])
def test_a_row_that_two_could_read_differently_is_refused(raw: bytes) -> None:
    zones = mapping.Zones(wire.zone("UTC"), wire.zone("Asia/Riyadh"))
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


# What leaves, and what is kept of it


@pytest.mark.parametrize(
    ("name", "script"), [("customers_with", "customers.response"), ("reservations_of", "reservations.response")]
)
def test_the_journal_holds_no_person_and_no_secret(name: str, script: str) -> None:
    with desk(captured(script)) as at:
        READS[name](at.client)
    kept = repr(at.calls)
    hidden = ("John Doe", "966501234567", "966502493366", "canary", "Y2FuYXJ5")
    assert [word for word in hidden if word in kept] == []


def test_the_journal_of_a_write_holds_no_person() -> None:
    with desk(captured("create_customer.response")) as at:
        WRITES["create_customer"](at.client)
    assert "سارة" not in repr(at.calls) and PHONE[1:] not in repr(at.calls)


def test_a_refused_connection_sent_nothing() -> None:
    for act in (READS["places"], WRITES["book"]):
        with desk(answer("")) as at:
            at.server.stop()
            with pytest.raises(Unavailable):
                act(at.client)
        assert [call.bytes_left for call in at.calls] == [False]


# Addresses to pay at

ORIGIN = "https://platform.rekaz.io"


@pytest.mark.parametrize(
    ("given", "link"),
    [
        ("/orders/pay/1", f"{ORIGIN}/orders/pay/1"),
        ("orders/pay/1", f"{ORIGIN}/orders/pay/1"),
        ("//evil.example/x", f"{ORIGIN}/evil.example/x"),
        ("\\\\evil.example/x", f"{ORIGIN}/evil.example/x"),
        ("/\\evil.example/x", f"{ORIGIN}/evil.example/x"),
        ("https://platform.rekaz.io/i/NcRo", "https://platform.rekaz.io/i/NcRo"),
        ("http://evil.example/x", ""),
        ("https://user@evil.example/x", ""),
        ("https:/\\evil.example", ""),
        ("javascript:alert(1)", ""),
        ("JaVaScRiPt:alert(1)", ""),
        ("data:text/html,x", ""),
        ("/a/../../b", ""),
        ("/a b", ""),
        ("/\tx", ""),
        ("/a\r\nX: y", ""),
        ("/؟", ""),
        ("", ""),
        ("/", ""),
    ],
)
def test_a_payment_link_never_leads_to_another_host(given: str, link: str) -> None:
    assert wire.payment_link(given, ORIGIN) == link


@given(st.text(alphabet="/\\:.@htpsjavcrie-xn%?# \t", max_size=40))
def test_no_relative_payment_link_leaves_the_origin(text: str) -> None:
    found = wire.payment_link(text, ORIGIN)
    assert found == "" or found.startswith((f"{ORIGIN}/", "https://"))


@pytest.mark.parametrize(
    ("raw", "phone"),
    [
        ("966501234567", PHONE),
        ("+966501234567", PHONE),
        ("00966501234567", PHONE),
        ("0501234567", PHONE),
        ("501234567", PHONE),
        ("+966 50 123 4567", PHONE),
        ("٠٥٠١٢٣٤٥٦٧", PHONE),
        ("", ""),
        ("unknown", "unknown"),
    ],
)
def test_a_phone_has_one_form_however_it_is_kept(raw: str, phone: str) -> None:
    assert wire.phone(raw) == phone


def test_a_dripping_answer_ends_with_the_deadline() -> None:
    def drip(conversation: Any) -> None:
        conversation.hear()
        conversation.say(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n")
        conversation.drip(b"x" * 900, 0.05)

    for act, kind in ((READS["places"], Unavailable), (WRITES["book"], OutcomeUnknown)):
        assert type(refusal(act, drip, total_seconds=0.4)[0]) is kind


def test_a_redirect_is_not_followed() -> None:
    error, at = refusal(
        READS["places"], saying(b"HTTP/1.1 302 Found\r\nLocation: http://x/\r\nContent-Length: 0\r\n\r\n")
    )
    assert (type(error), error.code, at.server.connections) == (BrokenContract, "redirected", 1)


def test_what_is_read_on_its_own_has_the_bytes_that_a_mirror_keeps() -> None:
    """The same content as a nightly row, figure by figure: else every refresh would look like a change."""
    row = fields("product.response")
    with desk(captured("product.response")) as at:
        found = at.client.product(row["id"])
    assert found is not None
    assert strict_json(found.raw) == row
