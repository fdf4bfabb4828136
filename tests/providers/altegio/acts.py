"""Everything that a client of Altegio does, each with the least that it takes."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from providers.altegio.client import Altegio
from providers.contracts import (
    CardIssue,
    CardRemoval,
    CardWithdrawal,
    ManualTransaction,
    ProgramCancellation,
    ProgramUse,
    Referral,
    TransactionQuery,
    WithdrawalCancellation,
)
from tests.providers.altegio.account import PHONE, SECRETS, payload

Act = Callable[[Altegio], Any]
CARD, TYPE, RECORD, VISIT, PROGRAM = "9210520", "10992", "501", "9001", "18005"
AT, DAY = dt.datetime(2026, 1, 16, 20, 0, tzinfo=dt.UTC), dt.date(2026, 1, 16)
WRITES: dict[str, Act] = {
    "issue_card": lambda client: client.issue_card(CardIssue("8230", PHONE, "9090909")),
    "remove_card": lambda client: client.remove_card(CardRemoval(CARD)),
    "transact": lambda client: client.transact(ManualTransaction(CARD, Decimal("100.5"), "Goodwill")),
    "transact_in_chain": lambda client: client.transact(ManualTransaction(CARD, Decimal(-5), "Goodwill", "chain")),
    "withdraw": lambda client: client.withdraw(CardWithdrawal(CARD, RECORD, VISIT, Decimal(100))),
    "cancel_withdrawal": lambda client: client.cancel_withdrawal(WithdrawalCancellation(CARD, RECORD, VISIT)),
    "apply_program": lambda client: client.apply_program(ProgramUse(CARD, PROGRAM, RECORD, VISIT)),
    "cancel_program": lambda client: client.cancel_program(ProgramCancellation(CARD, PROGRAM, RECORD, VISIT)),
    "apply_referral": lambda client: client.apply_referral(Referral(RECORD, VISIT, PHONE)),
}
READS: dict[str, Act] = {
    "locations": lambda client: client.locations(),
    "location": lambda client: client.location("4564"),
    "chains": lambda client: client.chains(),
    "card_types": lambda client: client.card_types(),
    "card_types_of_chain": lambda client: client.card_types_of_chain(),
    "card_types_for": lambda client: client.card_types_for(PHONE),
    "cards_of_client": lambda client: client.cards_of_client("401"),
    "cards_of_phone": lambda client: client.cards_of_phone(PHONE),
    "own_cards": lambda client: client.own_cards(),
    "programs": lambda client: client.programs(),
    "transactions": lambda client: client.transactions(TransactionQuery(DAY, DAY)),
    "visit_transactions": lambda client: client.visit_transactions(VISIT),
    "visit_loyalty": lambda client: client.visit_loyalty(VISIT, RECORD),
    "visit": lambda client: client.visit(VISIT),
    "appointment": lambda client: client.appointment(RECORD),
    "appointments": lambda client: client.appointments(AT),
    "clients": lambda client: client.clients(AT),
    "search_clients": lambda client: client.search_clients("Sara"),
    "clients_in_chain": lambda client: client.clients_in_chain(PHONE),
    "page": lambda client: client.page("records", ""),
    "check_login": lambda client: client.check_login(SECRETS),
}
NO = {"success": False, "data": None, "meta": {"message": "No."}}
UNAUTHORISED = {"success": False, "data": None, "meta": {"message": "Authentication needed."}}


def sample(name: str) -> Any:
    return json.loads(payload(name))
