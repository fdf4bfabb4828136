"""The client against the twin, over its socket, in each of the twin's dialects: cards, points, and what both do in a visit."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Literal

import pytest

from providers.altegio.client import Altegio
from providers.contracts import (
    CardIssue,
    CardRemoval,
    CardWithdrawal,
    ManualTransaction,
    Movement,
    ProgramCancellation,
    ProgramUse,
    Referral,
    TransactionQuery,
    WithdrawalCancellation,
)
from providers.errors import Rejected
from providers.sandbox.running import RunningSandbox
from tests.providers.altegio.salon import (
    CASHBACK,
    FAHD,
    FIRST,
    FIXED,
    HIND,
    LOGIN,
    MARY,
    NOURA,
    OMAR,
    REFERRAL,
    SARA,
    SLUG,
    TEN_PERCENT,
    VISIT,
    bill_of,
    card_of,
    points,
)

ZERO = Decimal(0)


def today() -> dt.date:
    return dt.datetime.now(dt.UTC).date()


def days(*movements: Movement) -> TransactionQuery:
    day = dt.timedelta(days=1)
    return TransactionQuery(today() - day, today() + day, movements)


# Cards


def test_card_types_are_those_of_the_place_of_the_chain_and_for_a_phone(client: Altegio) -> None:
    assert {one.external_id for one in client.card_types()} == {CASHBACK, REFERRAL, FIXED}
    assert {one.external_id for one in client.card_types_of_chain()} == {CASHBACK, REFERRAL, FIXED}
    assert {one.external_id for one in client.card_types_for(SARA)} == {REFERRAL, FIXED}
    assert {one.chain_id for one in client.card_types()} == {LOGIN["chain_id"]}


def test_a_card_is_found_by_its_client_and_by_the_phone(client: Altegio) -> None:
    (person,) = client.search_clients(SARA[1:])
    assert (person.phone, person.name, person.visits) == (SARA, "Sara Alqahtani", 1)
    card = card_of(client, SARA)
    assert list(client.cards_of_client(person.external_id)) == [card]
    assert (card.balance, card.type_title, card.number.lstrip("0")) == (Decimal(100), "Cashback", "14507109210520")
    assert [one.is_cashback for one in card.programs] == [True]
    assert list(client.own_cards()) == [] == list(client.cards_of_phone(HIND))


def test_a_card_is_issued_with_a_number_of_theirs_and_removed(client: Altegio, quiet: RunningSandbox) -> None:
    made = client.issue_card(CardIssue(CASHBACK, HIND)).references
    card = card_of(client, HIND)
    assert (made["card"], made["balance"], card.balance) == (card.external_id, "0", ZERO)
    assert card.number.zfill(16) == f"00145071{card.external_id.zfill(8)}"
    with pytest.raises(Rejected):
        client.issue_card(CardIssue(CASHBACK, HIND))
    client.remove_card(CardRemoval(card.external_id))
    assert list(client.cards_of_phone(HIND)) == []
    with pytest.raises(Rejected) as raised:
        client.remove_card(CardRemoval(card.external_id))
    assert raised.value.code == "not_there"
    assert [one.endpoint for one in quiet.control.ledger(SLUG)] == ["issue", "remove"]


def test_a_number_is_given_once(client: Altegio) -> None:
    assert client.issue_card(CardIssue(CASHBACK, HIND, "9090909")).references["card"]
    assert card_of(client, HIND).number == "9090909"
    with pytest.raises(Rejected):
        client.issue_card(CardIssue(REFERRAL, SARA, "9090909"))
    with pytest.raises(Rejected):
        client.issue_card(CardIssue("77", SARA))
    with pytest.raises(Rejected):
        client.issue_card(CardIssue(FIXED, "+966509999999"))


@pytest.mark.parametrize("scope", ["location", "chain"])
def test_points_are_given_and_taken_by_hand(
    client: Altegio, quiet: RunningSandbox, scope: Literal["location", "chain"]
) -> None:
    card = card_of(client, OMAR).external_id
    for amount, balance in ((Decimal("49.25"), "300"), (Decimal(-300), "0")):
        receipt = client.transact(ManualTransaction(card, amount, "Goodwill", scope))
        assert receipt.references == {"card": card, "balance": balance}
    with pytest.raises(Rejected):
        client.transact(ManualTransaction(card, Decimal("-0.01"), "Goodwill", scope))
    found = client.transactions(days(Movement.DEPOSIT_BY_HAND, Movement.WITHDRAWAL_BY_HAND))
    assert [(one.movement, one.amount, one.card_id) for one in found] == [
        (Movement.DEPOSIT_BY_HAND, Decimal("49.25"), card),
        (Movement.WITHDRAWAL_BY_HAND, Decimal(300), card),
    ]
    assert points(quiet, card) == Decimal("-250.75")


def test_transactions_are_listed_by_day_and_by_type(client: Altegio) -> None:
    client.transact(ManualTransaction(card_of(client, SARA).external_id, Decimal(1), "Goodwill"))
    assert len(client.transactions(days())) == 1
    assert list(client.transactions(days(Movement.EXPIRY))) == []
    past = today() - dt.timedelta(days=9)
    assert list(client.transactions(TransactionQuery(past, past))) == []


def test_all_pages_of_transactions_are_read(client: Altegio) -> None:
    card = card_of(client, SARA).external_id
    for _ in range(51):
        client.transact(ManualTransaction(card, Decimal(1), "Goodwill"))
    assert len({one.external_id for one in client.transactions(days())}) == 51


# In a visit


def test_a_withdrawal_is_split_and_cancelling_gives_it_back(client: Altegio, quiet: RunningSandbox) -> None:
    card = card_of(client, SARA).external_id
    before = bill_of(client, VISIT, FIRST)
    assert (before.total, before.left_to_pay, before.transactions) == (Decimal("3370.50"), Decimal("3370.50"), ())
    receipt = client.withdraw(CardWithdrawal(card, FIRST, VISIT, Decimal(100))).references
    assert (receipt["applied"], receipt["left_to_pay"]) == ("100", "3270.5")
    assert receipt["amounts"] == "0.59 89 10.41"
    found = client.visit_transactions(VISIT)
    assert " ".join(one.external_id for one in found) == receipt["transactions"]
    assert all(one.is_withdrawal and not one.is_discount and one.card_id == card for one in found)
    assert (card_of(client, SARA).balance, points(quiet, card)) == (ZERO, Decimal(-100))
    client.cancel_withdrawal(WithdrawalCancellation(card, FIRST, VISIT))
    assert bill_of(client, VISIT, FIRST) == before
    assert (card_of(client, SARA).balance, points(quiet, card)) == (Decimal(100), ZERO)


def test_no_more_is_taken_than_there_is_on_the_card(client: Altegio) -> None:
    card = card_of(client, SARA).external_id
    assert client.withdraw(CardWithdrawal(card, FIRST, VISIT, Decimal(500))).references["applied"] == "100"


def test_no_more_is_taken_than_is_left_to_pay(client: Altegio, quiet: RunningSandbox) -> None:
    """Omar's visit costs 350.50, of which 300 are paid with money."""
    card = card_of(client, OMAR).external_id
    quiet.control.act(SLUG, "pay", visit=9002, amount=300)
    receipt = client.withdraw(CardWithdrawal(card, "502", "9002", Decimal(250))).references
    assert (receipt["applied"], receipt["left_to_pay"]) == ("50.5", "0")
    assert [one.amount for one in bill_of(client, "9002", "502").payments] == [Decimal(300)]


def test_two_withdrawals_are_told_apart_by_what_was_known(client: Altegio) -> None:
    card = card_of(client, SARA).external_id
    first = client.withdraw(CardWithdrawal(card, FIRST, VISIT, Decimal(30))).references
    known = tuple(first["transactions"].split())
    assert client.withdraw(CardWithdrawal(card, FIRST, VISIT, Decimal(20), known)).references["applied"] == "20"


@pytest.mark.parametrize(("record", "visit"), [("502", VISIT), (FIRST, "9002"), ("999", "9999")])
def test_record_and_visit_belong_together(client: Altegio, quiet: RunningSandbox, record: str, visit: str) -> None:
    card = card_of(client, SARA).external_id
    with pytest.raises(Rejected) as raised:
        client.withdraw(CardWithdrawal(card, record, visit, Decimal(1)))
    assert (raised.value.code, client.visit_loyalty(visit, record)) == ("not_there", None)
    assert quiet.control.ledger(SLUG) == []


def test_a_program_is_applied_once_and_cancelled(client: Altegio) -> None:
    card = card_of(client, MARY).external_id
    receipt = client.apply_program(ProgramUse(card, TEN_PERCENT, "505", "9005")).references
    assert (receipt["applied"], receipt["left_to_pay"]) == ("302", "2718")
    (one, _other) = client.visit_transactions("9005")
    assert (one.movement, one.program_id, one.is_discount) == (Movement.DISCOUNT, TEN_PERCENT, True)
    with pytest.raises(Rejected):
        client.apply_program(ProgramUse(card, TEN_PERCENT, "505", "9005"))
    client.cancel_program(ProgramCancellation(card, TEN_PERCENT, "505", "9005"))
    assert bill_of(client, "9005", "505").left_to_pay == Decimal(3020)
    with pytest.raises(Rejected):
        client.apply_program(ProgramUse(card_of(client, SARA).external_id, TEN_PERCENT, FIRST, VISIT))


def test_a_referral_gives_a_discount_to_one_and_points_to_the_other(client: Altegio, quiet: RunningSandbox) -> None:
    receipt = client.apply_referral(Referral("503", "9003", FAHD)).references
    assert receipt["applied"] == "302"
    assert {one.card_id for one in client.visit_transactions("9003")} == {""}
    card = card_of(client, FAHD)
    assert (card.balance, points(quiet, card.external_id)) == (Decimal(60), Decimal(20))
    (accrual,) = client.transactions(days(Movement.REFERRAL))
    assert (accrual.card_id, accrual.amount) == (card.external_id, Decimal(20))
    for phone, record, visit in ((FAHD, "503", "9003"), (FAHD, "504", "9004"), (NOURA, FIRST, VISIT)):
        with pytest.raises(Rejected):
            client.apply_referral(Referral(record, visit, phone))
