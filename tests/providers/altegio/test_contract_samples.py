"""Their own samples, read and written: developer.alteg.io, business API, version 1."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import pytest

from providers.contracts import Attendance, CardIssue, ManualTransaction, Movement, TransactionQuery
from providers.errors import BrokenContract, OutcomeUnknown
from tests.providers.altegio.account import PHONE, USER, captured, desk, fields, payload, refusal
from tests.providers.altegio.acts import AT, CARD, DAY, READS, RECORD, VISIT, WRITES, sample
from tests.providers.scripted_server import answer


def test_every_call_says_who_asks_and_in_what_version() -> None:
    with desk(captured("card_types")) as at:
        at.client.card_types()
    assert at.server.header("Authorization") == f"Bearer canary-partner, User {USER}"
    assert at.server.header("Accept") == "application/vnd.api.v2+json"
    assert at.server.paths() == ["/api/v1/loyalty/card_types/salon/4564"]


def test_card_types_come_bare_as_documented_and_in_an_envelope_as_measured() -> None:
    bare = fields("card_types.response")
    for body in (bare, {"success": True, "data": bare, "meta": []}):
        with desk(answer(body)) as at:
            found = at.client.card_types()
        assert [(one.external_id, one.title, one.chain_id) for one in found] == [
            ("10992", "Cashback", "145071"),
            ("8230", "Referral program", "145071"),
        ]


def test_a_card_that_is_documented_alone_is_a_list_of_one() -> None:
    with desk(captured("own_card")) as at:
        (card,) = at.client.own_cards()
    assert (card.external_id, card.balance, card.paid, card.visits) == (CARD, Decimal(100), Decimal(1000), 1)
    assert (card.type_id, card.type_title, card.chain_id) == ("10992", "5+2", "145071")
    (program,) = card.programs
    assert (program.unit, program.is_discount, program.is_cashback, program.value) == ("percent", True, False, 0)


def test_a_cards_number_is_a_text_and_keeps_its_zeros() -> None:
    with desk(captured("cards")) as at:
        (card,) = at.client.cards_of_phone(PHONE)
    assert (card.number, card.balance) == ("0014507109210520", Decimal("100.00"))
    assert at.server.paths() == ["/api/v1/loyalty/cards/13155550175/145071/4564"]
    assert "13155550175" not in repr(at.calls) and card.number not in repr(card)


def test_a_card_is_ordered_as_documented() -> None:
    with desk(answer({**fields("own_card.response"), "type_id": 8230, "number": "9090909"})) as at:
        receipt = WRITES["issue_card"](at.client)
    assert at.server.bodies() == [fields("issue.request")]
    assert receipt.references == {"card": CARD, "balance": "100"}


def test_without_a_number_they_make_one() -> None:
    with desk(answer({**fields("own_card.response"), "type_id": "8230"})) as at:
        assert at.client.issue_card(CardIssue("8230", PHONE)).references["card"] == CARD
    assert at.server.bodies() == [{"loyalty_card_type_id": "8230", "phone": 13155550175}]


def test_a_transaction_by_hand_answers_the_card_and_its_balance() -> None:
    with desk(captured("manual_transaction")) as at:
        receipt = WRITES["transact"](at.client)
        WRITES["transact_in_chain"](at.client)
    assert receipt.references == {"card": CARD, "balance": "200.5"}
    assert at.server.bodies() == [{"amount": 100.5, "title": "Goodwill"}, {"amount": -5, "title": "Goodwill"}]
    assert at.server.paths() == [
        f"/api/v1/company/4564/loyalty/cards/{CARD}/manual_transaction",
        f"/api/v1/chain/145071/loyalty/cards/{CARD}/manual_transaction",
    ]


def test_a_withdrawal_tells_what_was_taken_to_the_cent() -> None:
    with desk(captured("withdraw")) as at:
        receipt = WRITES["withdraw"](at.client)
    assert at.server.bodies() == [{"record_id": 501, "visit_id": 9001, "amount": 100}]
    assert receipt.references == {
        "card": CARD,
        "visit": VISIT,
        "transactions": "22988861 22988862",
        "amounts": "0.66 99.34",
        "applied": "100",
        "left_to_pay": "2920",
    }


def test_a_bill_tells_items_from_each_other() -> None:
    with desk(answer({"success": True, "data": sample("withdraw.response"), "meta": []})) as at:
        bill = at.client.visit_loyalty(VISIT, RECORD)
    assert bill is not None
    assert [(item.kind, item.cost, item.record_id) for item in bill.items] == [
        ("good", Decimal(20), ""),
        ("service", Decimal(3000), "140878948"),
    ]
    assert {one.movement for one in bill.transactions} == {Movement.WITHDRAWAL}
    assert (bill.total, bill.left_to_pay) == (Decimal(3020), Decimal(2920))


def test_an_accrual_takes_nothing_off_the_bill() -> None:
    body = sample("withdraw.response")
    body["loyalty_transactions"][1] |= {"type_id": 2, "amount": 50}
    with desk(answer(body)) as at:
        bill = at.client.visit_loyalty(VISIT, RECORD)
    assert bill is not None and bill.left_to_pay == Decimal("3019.34")


def test_an_appointment_hangs_on_the_clock_of_its_place() -> None:
    with desk(answer(json.loads(payload("record.response").replace(b"13136569", b"501")))) as at:
        found = at.client.appointment(RECORD)
    assert found is not None
    assert found.starts_at == dt.datetime(2026, 1, 16, 21, tzinfo=dt.UTC)
    assert found.changed_at == dt.datetime(2026, 1, 17, 1, 35, 15, tzinfo=dt.UTC)
    assert (found.visit_id, found.client_id, found.client_phone) == ("8262996", "18936825", PHONE)
    assert (found.minutes, found.attendance, found.is_deleted) == (60, Attendance.WAITING, False)
    assert [(one.external_id, one.cost) for one in found.services] == [("1", Decimal(100))]


def test_transactions_are_asked_for_by_the_day() -> None:
    with desk(captured("transactions")) as at:
        query = TransactionQuery(
            DAY, DAY, (Movement.DEPOSIT_BY_HAND, Movement.WITHDRAWAL_BY_HAND), ("4564",), ("7", "8")
        )
        (found,) = at.client.transactions(query)
    assert (found.movement, found.amount, found.card_id, found.item_id) == (
        Movement.ACCRUAL,
        Decimal("0.5"),
        "20013",
        "",
    )
    assert at.server.paths() == [
        "/api/v1/chain/145071/loyalty/transactions?created_after=2026-01-16&created_before=2026-01-16"
        "&types=5%2C6&company_ids=4564&visit_ids=7%2C8&page=1&count=200"
    ]


def test_what_has_changed_is_asked_for_in_the_clock_of_the_place() -> None:
    with desk(captured("clients")) as at:
        (found,) = at.client.clients(AT)
    assert (found.name, found.phone, found.visits, found.spent) == ("James Smith", PHONE, 3, Decimal("12.5"))
    assert at.server.paths() == ["/api/v1/clients/4564?changed_after=2026-01-16T15%3A00%3A00&page=1&count=200"]


def test_a_number_that_is_another_than_ours_proves_nothing() -> None:
    """Their documentation's own sample answers another number than was sent."""
    body = {**fields("own_card.response"), "type_id": 8230, "number": "1010101"}
    error, _ = refusal(WRITES["issue_card"], answer(body))
    assert (type(error), error.code) == (OutcomeUnknown, "other_record")


# Odd types


@pytest.mark.parametrize(
    "changes",
    [
        {"client": None},
        {"client": []},
        {"services": [], "staff": []},
        {"services": None, "deleted": 1},
        {"deleted": "1", "attendance": "1"},
        {"visit_attendance": 1},
        {"custom_fields": {"a": 1}, "length": "3600"},
        {"last_change_date": "0000-00-00", "create_date": ""},
    ],
)
def test_an_appointment_is_read_whatever_php_made_of_it(changes: dict[str, Any]) -> None:
    body = fields("record.response")["data"] | {"id": 501} | changes
    with desk(answer({"success": True, "data": body, "meta": []})) as at:
        found = at.client.appointment(RECORD)
    assert found is not None
    assert found.is_deleted is ("deleted" in changes)
    assert (found.attendance is Attendance.ARRIVED) is (
        "1" in map(str, (changes.get("attendance"), changes.get("visit_attendance")))
    )
    assert (found.client_id == "") is ("client" in changes)


@pytest.mark.parametrize(
    ("timezone", "date", "printed", "hour"),
    [
        ("Europe/Belgrade", "2026-07-12 12:10:00", "2026-07-12T12:10:00+01:00", 10),  # the offset forgot summer
        ("Europe/Belgrade", "2026-07-12 12:10:00", "2026-07-12T12:10:00+02:00", 10),
        ("Europe/Belgrade", "", "2026-07-12T12:10:00+01:00", 10),
        ("Europe/Belgrade", "", "2026-07-12T12:10:00+0100", 10),
        ("Asia/Riyadh", "2026-07-12T12:10:00.000+03:00", "", 9),
        ("Asia/Riyadh", "", "2026-07-12T12:10:00Z", 12),
    ],
)
def test_an_offset_that_forgot_summer_moves_no_appointment(timezone: str, date: str, printed: str, hour: int) -> None:
    body = fields("record.response")["data"] | {"id": 501, "date": date, "datetime": printed}
    with desk(answer(body), place={"timezone": timezone}) as at:
        found = at.client.appointment(RECORD)
    assert found is not None and (found.starts_at.hour, found.starts_at.minute) == (hour, 10)


@pytest.mark.parametrize(
    "body",
    [
        {"success": True, "data": {"id": 5}, "meta": []},
        {"id": 502, "date": "2026-01-16 16:00:00"},
        {"success": True, "data": [], "meta": []},
        {"id": 501, "date": "yesterday"},
        {"id": 501},
    ],
)
def test_another_record_and_one_without_a_time_are_a_broken_contract(body: object) -> None:
    error, _ = refusal(READS["appointment"], answer(body))
    assert type(error) is BrokenContract


@pytest.mark.parametrize("amount", [Decimal(0), Decimal("0.001"), Decimal("NaN"), Decimal("1e12")])
def test_an_amount_that_they_have_no_words_for_never_leaves(amount: Decimal) -> None:
    with desk(captured("manual_transaction")) as at, pytest.raises(ValueError, match="amount"):
        at.client.transact(ManualTransaction(CARD, amount, "Goodwill"))
    assert at.server.connections == 0
