"""Loyalty cards through the partner API, against Altegio's twin with its real client: read, moved, paid with, taken back."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

import pytest

from branches.models import Branch
from loyalty.models import Act, Appointment, Card, CardType, Limit, Program
from providers.models import Operation
from tests.loyalty.salon import CASHBACK, HIND, MARY, OMAR, SARA, TEN_PERCENT, Salon
from tests.partners.caller import Caller, caller

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("workers")]
POINTS = {"branch": "olaya", "scope": "location", "reason": "campaign"}


@pytest.fixture(autouse=True)
def patient(settings: Any) -> None:
    settings.API_WAIT_SECONDS = 8


def forgotten(salon: Salon, client_id: str = SARA) -> None:
    """Our copy has nothing of this client's visits, as before a first night."""
    Appointment.objects.filter(account=salon.account, client_id=client_id).delete()


def in_visit(salon: Salon, client_id: str = SARA) -> tuple[str, dict[str, Any]]:
    visit, card = salon.visit(client_id), salon.card(client_id)
    return visit.external_id, {"branch": "olaya", "record_id": visit.record_id, "card": card.pk}


def program(salon: Salon) -> Program:
    return Program.objects.get(account=salon.account, external_id=TEN_PERCENT)


def test_the_cards_of_a_phone_are_asked_for_and_told_without_number_phone_or_name(shop: Caller, salon: Salon) -> None:
    customer = salon.customer(SARA)
    answer = shop.get("loyalty/cards", branch="olaya", phone=customer.phone)
    [card] = answer.json()["items"]
    assert (card["balance"], card["customer"]) == ("100.00", customer.pk)
    assert Card.objects.get(pk=card["id"]).number.endswith(card["last4"]) and len(card["last4"]) == 4
    text = answer.content.decode()
    assert customer.phone not in text and customer.name not in text and "number" not in card
    assert {one["id"] for one in card["programs"]} <= {*Program.objects.values_list("pk", flat=True), None}


def test_what_can_be_issued_to_a_phone_is_asked_for(shop: Caller, salon: Salon) -> None:
    phone = salon.customer(HIND).phone
    items = shop.get("loyalty/card-types", branch="olaya", phone=phone).json()["items"]
    assert CASHBACK in {one["external_id"] for one in items}
    assert shop.get("loyalty/card-types", branch="olaya").json()["items"]


def test_a_phone_that_nobody_has(shop: Caller, salon: Salon) -> None:
    assert shop.get("loyalty/cards", branch="olaya", phone="0599999999").json()["items"] == []
    assert shop.get("loyalty/card-types", branch="olaya", phone="0599999999").status_code == 422
    assert shop.get("loyalty/cards", branch="olaya", phone="x").json()["field_errors"][0]["code"] == "phone_unreadable"


def test_points_are_given_once_and_the_operation_says_what_was_moved(shop: Caller, salon: Salon) -> None:
    card, once = salon.card(), f"points-{uuid.uuid4()}"
    wanted = {**POINTS, "amount": "20", "external_ref": "promo-1"}
    first = shop.post(f"loyalty/cards/{card.pk}/points", wanted, once=once)
    again = shop.post(f"loyalty/cards/{card.pk}/points", wanted, once=once)
    assert first.status_code == 201, first.content
    assert first.content == again.content and again.headers["Idempotent-Replayed"] == "true"
    told = first.json()
    assert (told["status"], told["requested"], told["applied"], told["balance"]) == (
        *("succeeded", "20.00", "20.00", "120.00"),
    )
    assert salon.balance() == Decimal(120)
    live = shop.get(f"operations/{told['id']}").json()
    assert {name: live[name] for name in ("requested", "applied", "balance", "left_to_pay")} == {
        name: told[name] for name in ("requested", "applied", "balance", "left_to_pay")
    }
    [found] = shop.get("operations", external_ref="promo-1").json()["items"]
    assert found == live


def test_more_than_a_partner_may_at_once_or_in_a_day_is_refused_and_nothing_is_proposed(
    shop: Caller, salon: Salon, olaya: Branch
) -> None:
    card = salon.card()
    path = f"loyalty/cards/{card.pk}/points"
    over = shop.post(path, {**POINTS, "amount": "50.01"})
    assert (over.status_code, over.json()["field_errors"][0]["code"]) == (422, "too_many_at_once")
    Limit.objects.create(branch=olaya, role="", alone=Decimal(80), a_day=Decimal(100))
    assert shop.post(path, {**POINTS, "amount": "80"}).status_code == 201
    day = shop.post(path, {**POINTS, "amount": "-20.01"})
    assert (day.status_code, day.json()["field_errors"][0]["code"]) == (422, "daily_limit")
    other = caller(olaya, partner="other").post(path, {**POINTS, "amount": "5"})
    assert other.status_code in (201, 202, 409), "each partner has its own"
    assert Act.objects.filter(requested=Decimal("50.01")).count() == 0


def test_points_that_the_customer_earned_a_moment_ago_may_be_taken(shop: Caller, salon: Salon) -> None:
    card = salon.card(OMAR)
    Card.objects.filter(pk=card.pk).update(balance=0)
    answer = shop.post(f"loyalty/cards/{card.pk}/points", {**POINTS, "amount": "-1"})
    assert answer.status_code == 201, answer.content


@pytest.mark.parametrize("known", [True, False])
def test_paying_with_points_in_a_visit_and_taking_it_back(shop: Caller, salon: Salon, known: bool) -> None:
    visit, wanted = in_visit(salon)
    if not known:
        forgotten(salon)
    paid = shop.post(f"loyalty/visits/{visit}/withdrawals", {**wanted, "amount": "60"})
    assert paid.status_code == 201, paid.content
    told = paid.json()
    assert (told["status"], told["requested"], told["applied"]) == ("succeeded", "60.00", "60.00")
    assert told["left_to_pay"] and told["visit_id"] == visit and salon.balance() == Decimal(40)
    path, query = (
        f"loyalty/visits/{visit}/withdrawals/{wanted['card']}",
        f"branch=olaya&record_id={wanted['record_id']}",
    )
    back = shop.delete(f"{path}?{query}")
    assert back.status_code == 201, back.content
    assert (back.json()["applied"], salon.balance()) == ("60.00", Decimal(100))
    none = shop.delete(f"{path}?{query}")
    assert (none.status_code, none.json()["code"]) == (422, "nothing_to_cancel")


def test_a_discount_is_applied_and_taken_back(shop: Caller, salon: Salon) -> None:
    visit, wanted = in_visit(salon, MARY)
    done = shop.post(f"loyalty/visits/{visit}/programs", {**wanted, "program": program(salon).pk})
    assert done.status_code == 201, done.content
    assert (done.json()["applied"], done.json()["left_to_pay"]) == ("302.00", "2718.00")
    path = f"loyalty/visits/{visit}/programs/{wanted['card']}/{program(salon).pk}"
    back = shop.delete(f"{path}?branch=olaya&record_id={wanted['record_id']}")
    assert back.status_code == 201 and back.json()["left_to_pay"] == "3020.00", back.content


def test_nobody_pays_with_a_card_that_is_not_the_visitors(shop: Caller, salon: Salon) -> None:
    visit, wanted = in_visit(salon)
    other = salon.card(OMAR)
    answer = shop.post(f"loyalty/visits/{visit}/withdrawals", {**wanted, "card": other.pk, "amount": "1"})
    assert (answer.status_code, answer.json()["field_errors"][0]["code"]) == (422, "other_account")
    assert not Operation.objects.exists()


def test_a_visit_of_another_place_is_not_there(shop: Caller, salon: Salon) -> None:
    visit, wanted = in_visit(salon)
    for path, body in {
        "loyalty/visits/999999/withdrawals": {**wanted, "record_id": "888", "amount": "1"},
        f"loyalty/visits/{visit}/withdrawals": {**wanted, "record_id": "888", "amount": "1"},
    }.items():
        assert shop.post(path, body).status_code == 404
    assert not Operation.objects.exists()


def test_a_card_is_issued_and_removed(shop: Caller, salon: Salon) -> None:
    kind = CardType.objects.get(account=salon.account, external_id=CASHBACK)
    wanted = {"branch": "olaya", "customer": salon.customer(HIND).pk, "type": kind.pk}
    made = shop.post("loyalty/cards", wanted)
    assert made.status_code == 201, made.content
    card = salon.card(HIND)
    assert made.json()["card_external_id"] == card.external_id
    refused = shop.post("loyalty/cards", wanted)
    assert (refused.status_code, refused.json()["field_errors"][0]["code"]) == (422, "has_card")
    once = f"remove-{uuid.uuid4()}"
    gone = shop.delete(f"loyalty/cards/{card.pk}", once=once)
    assert gone.status_code == 201, gone.content
    assert list(salon.client.cards_of_client(HIND)) == []
    assert shop.delete(f"loyalty/cards/{card.pk}", once=once).content == gone.content
    assert shop.delete(f"loyalty/cards/{card.pk}?external_ref=x", once=once).json()["code"] == "idempotency_key_reused"


def test_a_delete_needs_a_key_for_its_retries_and_takes_no_body(shop: Caller, salon: Salon) -> None:
    card = salon.card()
    assert shop.delete(f"loyalty/cards/{card.pk}", once=None).json()["code"] == "idempotency_key_missing"
    assert shop.delete(f"loyalty/cards/{card.pk}", {"reason": "x"}).json()["code"] == "invalid"
    assert salon.balance() == Decimal(100)


def test_what_moved_a_card_comes_in_pages(shop: Caller, salon: Salon) -> None:
    card = salon.card()
    for amount in ("5", "6", "7"):
        assert shop.post(f"loyalty/cards/{card.pk}/points", {**POINTS, "amount": amount}).status_code == 201
        shop.post(f"loyalty/cards/{card.pk}/points", {**POINTS, "amount": "-500"})  # reads the card again
    first = shop.get(f"loyalty/cards/{card.pk}/transactions", limit=2).json()
    rest = shop.get(f"loyalty/cards/{card.pk}/transactions", limit=200, cursor=first["next_cursor"]).json()
    found = [Decimal(one["amount"]) for one in [*first["items"], *rest["items"]]]
    assert len(first["items"]) == 2 and {Decimal(5), Decimal(6), Decimal(7)} <= set(found)
    assert len({one["id"] for one in [*first["items"], *rest["items"]]}) == len(found)


def test_a_card_of_another_branch_is_not_there_whatever_is_done_to_it(
    salon: Salon, shop: Caller, nakheel: Branch
) -> None:
    card, elsewhere = salon.card(), caller(nakheel, partner="away")
    visit, wanted = in_visit(salon)
    there = {**wanted, "branch": "nakheel"}
    for answer in (
        elsewhere.get(f"loyalty/cards/{card.pk}/transactions"),
        elsewhere.delete(f"loyalty/cards/{card.pk}"),
        elsewhere.post(f"loyalty/cards/{card.pk}/points", {**POINTS, "amount": "1"}),
        elsewhere.post(f"loyalty/cards/{card.pk}/points", {**POINTS, "branch": "nakheel", "amount": "1"}),
        elsewhere.post(f"loyalty/visits/{visit}/withdrawals", {**there, "amount": "1"}),
        elsewhere.post(f"loyalty/visits/{visit}/programs", {**there, "program": program(salon).pk}),
        elsewhere.delete(f"loyalty/visits/{visit}/withdrawals/{card.pk}?branch=nakheel&record_id=1"),
    ):
        assert answer.status_code == 404, answer.content
    assert not Operation.objects.exists()
