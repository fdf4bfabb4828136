"""Their own samples, read and written: docs.rekaz.io, merchant public API, version 2 of October 2025."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from decimal import Decimal

import pytest

from providers.contracts import (
    Attending,
    BookingItem,
    BookingOrder,
    Cancellation,
    Direction,
    Discount,
    Move,
    NewCustomer,
    Pause,
    ProductKind,
    Receipt,
    ReservationStatus,
    Resumption,
    SlotQuery,
    Subject,
    SubscriptionItem,
    SubscriptionOrder,
    SubscriptionStatus,
)
from providers.errors import BrokenContract
from providers.rekaz.client import Rekaz
from tests.providers.rekaz.account import BRANCH, PHONE, TENANT, captured, desk, fields, payload, refusal
from tests.providers.scripted_server import answer

RESERVATION = "3fa85f64-5717-4562-b3fc-2c963f66afa6"
CUSTOMER = "7fa85f64-5717-4562-b3fc-2c963f66afa6"


def test_every_call_says_who_asks_and_in_what_it_wants_its_answer() -> None:
    with desk(captured("branches.response")) as at:
        at.client.places()
    assert at.server.header("Authorization") == "Basic Y2FuYXJ5LWtleTpjYW5hcnktc2VjcmV0"
    assert at.server.header("__tenant") == TENANT
    assert at.server.header("Accept") == "application/json"
    assert at.server.header("User-Agent").startswith("Wasl/")


def test_branches_are_read_and_an_id_that_is_no_guid_is_one_all_the_same() -> None:
    with desk(captured("branches.response")) as at:
        found = at.client.places()
    assert [place.external_id for place in found] == [
        "3a1bfd57-1b9d-0f99-c9d2-446b6aec5dc4",
        "4b2cf47g-5e86-4251-641g-2d67ge9a8886",
    ]
    assert (found[0].name, found[0].name_en, found[0].address_url) == ("الفرع الرئيسي", "Main Branch", "")
    assert found[1].address_url == "https://maps.example.com/branch2"


def test_one_branch_is_read() -> None:
    with desk(captured("branch.response")) as at:
        found = at.client.place(BRANCH)
    assert found is not None and found.external_id == BRANCH
    assert at.server.paths() == [f"/api/v1/branches/{BRANCH}"]


def test_products_are_read_from_the_bare_array_of_their_page() -> None:
    with desk(captured("products.response")) as at:
        (found,) = at.client.products()
    assert (found.kind, found.raw_kind, found.most_per_order) == (ProductKind.RESERVATION, "Reservation", 1)
    assert [price.amount for price in found.prices] == [Decimal(30)]
    assert found.fields[0].name == "location_field" and found.fields[0].label == "Wash Location"
    assert found.practitioners[0].name == "Default Service Provider"
    assert found.place_ids == ("3a1bf36f-4d75-3140-530f-1c56fd89e775",)


def test_products_are_read_from_the_envelope_that_was_measured() -> None:
    with desk(answer({"totalCount": 1, "items": fields("products.response")})) as at:
        assert len(at.client.products()) == 1


def test_customers_are_found_by_a_phone_that_is_kept_without_its_plus() -> None:
    with desk(captured("customers.response")) as at:
        (found,) = at.client.customers_with("+966502493366")
    assert at.server.paths()[0].startswith("/api/v1/customers?mobileNumber=%2B966502493366&")
    assert (found.name, found.number, found.phone) == ("John Doe", "123778", "+966502493366")
    assert not found.is_company and not found.is_blocked


def test_a_sample_that_answers_for_another_customer_is_not_believed() -> None:
    """Their page asks for one id and shows another."""
    error, _ = refusal(
        lambda client: client.customer("3a1bf3b5-b54f-34c7-db92-5ff28ff22315"), captured("customer.response")
    )
    assert (type(error), error.code) == (BrokenContract, "other_record")


def test_a_reservation_is_read_with_its_documented_names() -> None:
    with desk(captured("reservation.response")) as at:
        found = at.client.reservation(RESERVATION)
    assert found is not None
    assert (found.status, found.custom_status, found.number) == (ReservationStatus.CONFIRMED, "VIP", "10234")
    assert found.starts_at == dt.datetime(2025, 1, 20, 14, tzinfo=dt.UTC)
    assert (found.wire_starts, found.wire_ends) == ("2025-01-20T14:00:00Z", "2025-01-20T15:00:00Z")
    assert (found.total, found.remaining, found.invoice_total) == (Decimal(150), Decimal(0), Decimal(150))
    assert [(who.external_id, who.name) for who in found.practitioners] == [("", "Court A")]
    assert (found.fields[0].name, found.fields[0].value) == ("equipment_needed", "true")
    assert found.meeting_url == "https://meet.example.com/abc123"


def test_subscriptions_are_read_with_their_spelling_of_occurrence() -> None:
    with desk(captured("subscriptions.response")) as at:
        (found,) = at.client.subscriptions_of(CUSTOMER)
    assert found.status is SubscriptionStatus.ACTIVE
    assert found.occurrence_days == ("Monday", "Wednesday", "Friday")
    assert (found.paid, found.remaining, found.invoice_code) == (Decimal(500), Decimal(0), "INV-2025-001")
    assert found.items[0].billing_cycle == "Monthly"


def test_attendances_are_read_by_their_words_whichever_key_holds_them() -> None:
    with desk(captured("attendances.response")) as at:
        (found,) = at.client.attendances_of(RESERVATION)
    assert (found.subject, found.direction) == (Subject.SUBSCRIPTION, Direction.CHECK_IN)
    assert [who.name for who in found.practitioners] == ["Provider A", "Provider B"]


def test_practitioners_are_read() -> None:
    with desk(captured("providers.response")) as at:
        assert [who.name for who in at.client.practitioners()] == ["Dr. Ahmed Ali", "Sara Mohammed"]


def test_slots_are_asked_for_in_wall_time_and_kept_as_they_came() -> None:
    query = SlotQuery(
        "3a1c12e6-c66b-6ac5-90a7-8b791791af3c",
        dt.datetime(2025, 9, 9),
        dt.datetime(2025, 9, 10),
        practitioner_ids=("45bb3834-9869-4d12-83af-fa347448aa60", "72bbb3ed-3160-485b-a48f-a90e909602e2"),
    )
    with desk(captured("slots.response")) as at:
        (found,) = at.client.slots(query)
    assert at.server.paths() == [
        "/api/v1/reservations/slots?StartDate=2025-09-09T00%3A00%3A00&EndDate=2025-09-10T00%3A00%3A00"
        "&PriceId=3a1c12e6-c66b-6ac5-90a7-8b791791af3c&MinQuantity=1"
        "&ProvidersIds=45bb3834-9869-4d12-83af-fa347448aa60&ProvidersIds=72bbb3ed-3160-485b-a48f-a90e909602e2"
    ]
    assert (found.wire_from, found.is_bookable, found.total) == ("2025-09-09T06:00:00Z", False, Decimal("382.95"))


# Writes


def test_a_customer_is_created_as_documented() -> None:
    sent = fields("create_customer.request")
    new = NewCustomer(
        "John Smith", "+966501233567", sent["email"], sent["address"], "ABC Company Ltd", False, sent["branchId"]
    )
    with desk(captured("create_customer.response")) as at:
        receipt = at.client.create_customer(new)
    assert receipt.references == {"customer": "3a1bf3d6-1c84-d69e-e2d5-eb6b4f08f6d8"}
    assert at.server.bodies() == [{name: value for name, value in sent.items() if name != "customFields"}]


def booking(items: int = 1) -> BookingOrder:
    sent = fields("book.request")
    item = sent["items"][0]
    return BookingOrder(
        sent["customerId"],
        sent["branchId"],
        (BookingItem(item["priceId"], 1, item["from"], item["to"], discount=Discount("percentage", Decimal(0))),)
        * items,
    )


def test_a_booking_is_made_as_documented() -> None:
    with desk(captured("book.response")) as at:
        receipt = at.client.book(booking())
    assert at.server.bodies() == [fields("book.request")]
    assert receipt.references == {
        "invoice": "3fa85f64-5717-4562-b3fc-2c963f66afa6",
        "reservations": "4fa85f64-5717-4562-b3fc-2c963f66afa6",
        "payment_link": "https://platform.rekaz.io/i/NcRo",
    }


def test_a_booking_without_an_invoice_is_one_and_its_link_belongs_to_the_origin() -> None:
    with desk(captured("book.measured")) as at:
        receipt = at.client.book(booking())
    assert "invoice" not in receipt.references
    origin = at.server.url.removesuffix("/api/v1")
    assert receipt.references["payment_link"] == f"{origin}/orders/pay/3a1c12e6-c66b-6ac5-90a7-8b791791af3c"


def test_a_subscription_is_made_as_documented() -> None:
    sent = fields("subscribe.request")
    order = SubscriptionOrder(
        sent["customerId"],
        sent["branchId"],
        sent["startAt"],
        (SubscriptionItem(sent["items"][0]["priceId"], 1),),
        tuple(sent["occurenceDays"]),
        Discount("fixed", Decimal("50.00")),
    )
    with desk(captured("subscribe.response")) as at:
        receipt = at.client.subscribe(order)
    assert at.server.bodies() == [sent]
    assert receipt.references == {"invoice": "3fa85f64-5717-4562-b3fc-2c963f66afa6"}


def test_a_pause_and_a_resumption_are_asked_for_as_documented() -> None:
    sent = fields("pause.request")
    with desk(captured("pause.response")) as at:
        at.client.pause(Pause(RESERVATION, sent["pausedAt"], sent["resumeAt"]))
    assert (at.server.bodies(), at.server.paths()) == ([sent], [f"/api/v1/subscriptions/{RESERVATION}/pause"])
    with desk(answer(json.loads(payload("subscriptions.response"))["items"][0])) as at:
        receipt = at.client.resume(Resumption(RESERVATION, "2025-01-25T00:00:00Z"))
    assert (at.server.bodies(), receipt.references) == ([fields("resume.request")], {"subscription": RESERVATION})


@pytest.mark.parametrize(
    ("act", "path", "body"),
    [
        (lambda client: client.confirm(RESERVATION), "/confirm", None),
        (lambda client: client.finish(RESERVATION), "/done", None),
        (
            lambda client: client.cancel(Cancellation(RESERVATION, "Customer requested cancellation", True)),
            "/cancel",
            "cancel",
        ),
        (
            lambda client: client.reschedule(
                Move(RESERVATION, "2025-01-20T14:00:00Z", "2025-01-20T15:00:00Z", (RESERVATION,))
            ),
            "",
            "reschedule",
        ),
    ],
)
def test_a_204_to_a_put_is_proof(act: Callable[[Rekaz], Receipt], path: str, body: str | None) -> None:
    with desk(answer("", 204)) as at:
        receipt = act(at.client)
    assert receipt.references == {"reservations": RESERVATION}
    assert at.server.requests[0].startswith(f"PUT /api/v1/reservations/{RESERVATION}{path} ".encode())
    assert at.server.bodies() == [fields(f"{body}.request") if body else None]


def test_an_attendance_is_recorded_as_documented() -> None:
    sent = fields("attend.request")
    made = fields("attendances.response")["items"][0] | {"customerId": sent["customerId"], "actionId": sent["actionId"]}
    order = Attending(Subject.SUBSCRIPTION, Direction.CHECK_IN, sent["actionId"], sent["customerId"])
    with desk(answer(made)) as at:
        receipt = at.client.attend(order)
    assert at.server.bodies() == [sent]
    assert receipt.references == {"subscription": sent["actionId"], "customer": sent["customerId"]}


# What a mirror reads


@pytest.mark.parametrize(
    "collection", ["branches", "practitioners", "products", "customers", "reservations", "subscriptions", "attendances"]
)
def test_a_page_has_its_rows_as_they_stood_and_each_becomes_its_record(collection: str) -> None:
    name = "providers" if collection == "practitioners" else collection
    with desk(captured(f"{name}.response")) as at:
        page = at.client.page(collection, "")
        assert all(bytes(row) in payload(f"{name}.response") for row in page.rows)
        for row in page.rows:
            record = at.client.decode(collection, row)
            assert record.raw == bytes(row)
            assert at.client.id_of(collection, row) == record.external_id


def test_the_sample_of_the_phone_in_a_query_has_its_plus_encoded() -> None:
    with desk(captured("reservations.response")) as at:
        at.client.reservations_of(PHONE, "")
    assert "customerMobile=%2B966501234567" in at.server.paths()[0]
