"""What proves that Rekaz did something, and what proves nothing: fact sheet §2 and §3, reliability §2.4 and §3.5."""

from __future__ import annotations

import pytest

from providers.contracts import BookingItem, BookingOrder, Cancellation, Move, NewCustomer, SubscriptionOrder
from providers.errors import Misconfigured, OutcomeUnknown, Rejected
from tests.providers.rekaz.account import captured, desk, refusal
from tests.providers.rekaz.acts import ABP, EDGE, FROM, ID, ITEM, OTHER, TO, WRITES, Act, sample
from tests.providers.scripted_server import answer
from tests.providers.test_contracts import PROVES_NOTHING


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
