"""Altegio's business API, version 1, as far as loyalty goes. What each answer means is in `answers.py`; facts and their sources
in the fact sheet.

They know no idempotency key, so no write is ever repeated here, except the one that a documented 401 proves was not listened
to.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from providers.altegio import answers, bills, bodies, mapping, source, wire
from providers.altegio.asking import Asking, Request
from providers.contracts import (
    AppointmentRecord,
    CardIssue,
    CardRemoval,
    CardTypeRecord,
    CardWithdrawal,
    ChainClientRecord,
    ChainRecord,
    Collection,
    LocationRecord,
    LoyaltyCardRecord,
    LoyaltyClientRecord,
    LoyaltyTransactionRecord,
    ManualTransaction,
    Page,
    ProgramCancellation,
    ProgramRecord,
    ProgramUse,
    Receipt,
    Referral,
    TransactionQuery,
    VisitLoyaltyRecord,
    VisitRecord,
    WithdrawalCancellation,
)
from providers.errors import BrokenContract, Misconfigured
from providers.http import Answer, redacted_text

# What our user must be allowed in the chain for what we do (fact sheet §7): a right that is not given names itself.
RIGHTS = ("loyalty_access", "loyalty_cards_manual_transactions_access", "clients_access")


class Altegio(Asking):
    """A client of one account: one location unless an order names another, and its chain."""

    # Who we are -----------------------------------------------------------------------------------------------------

    def check_login(self, secrets: Mapping[str, str]) -> str:
        """Log in, and GET /groups: ours is listed with our location, and gives our user the rights that loyalty needs (§7).
        Then GET /company/{location}: its clock is the one that we read its times by.

        Returns the chain's title. Raises Misconfigured (login_refused, place_unknown, rights_missing, other_clock …),
        Unavailable, BrokenContract.
        """
        token = self.log_in(secrets).token
        answer = self._send(self._http.read, Request("GET", "/groups"), token)
        if answers.is_unauthorised_read(answer):
            raise answers.unauthorised(answer)
        found = [self._read(mapping.chain, row) for row in answers.listed(answer).rows]
        ours = next((chain for chain in found if chain.external_id == self._chain), None)
        if ours is None or self._location not in ours.place_ids:
            raise Misconfigured("place_unknown", "They list no such location in this chain.", status=answer.status)
        missing = [right for right in RIGHTS if right not in ours.rights]
        if missing:
            raise Misconfigured("rights_missing", ", ".join(missing), status=answer.status)
        self._check_clock(self._send(self._http.read, Request("GET", f"/company/{self._location}"), token))
        return ours.title

    def _check_clock(self, answer: Answer) -> None:
        """Another zone than theirs would move every time by hours, and nobody would notice. Where they do not tell theirs, or
        one that nobody knows, ours stands."""
        if answer.status != 200 or answers.refusal_in(answer):
            return
        theirs = self._read(mapping.location, answers.content_of(answer)).timezone
        if theirs and not wire.same_clock(theirs, self._zone):
            raise Misconfigured("other_clock", theirs, status=answer.status)

    # What there is --------------------------------------------------------------------------------------------------

    def locations(self) -> Sequence[LocationRecord]:
        """GET /companies?my=1 (§7). Raises what a read may."""
        return self._all("/companies", {"my": "1"}, mapping.location)

    def location(self, external_id: str) -> LocationRecord | None:
        """GET /company/{id} (§7). Raises what a read may."""
        return self._one(f"/company/{wire.identifier(external_id)}", external_id, mapping.location)

    def chains(self) -> Sequence[ChainRecord]:
        """GET /groups (§7), with what our user may do in each. Raises what a read may."""
        return self._rows("/groups", mapping.chain)

    def card_types(self, place_id: str = "") -> Sequence[CardTypeRecord]:
        """GET /loyalty/card_types/salon/{location} (§2). Raises what a read may."""
        return self._rows(f"/loyalty/card_types/salon/{self._place(place_id)}", mapping.card_type)

    def card_types_of_chain(self) -> Sequence[CardTypeRecord]:
        """GET /chain/{chain}/loyalty/card_types (§2). Raises what a read may."""
        return self._rows(f"/chain/{self._chain}/loyalty/card_types", mapping.card_type)

    def card_types_for(self, phone: str, place_id: str = "") -> Sequence[CardTypeRecord]:
        """GET /loyalty/card_types/client/{location}/{phone} (§2). Raises what a read may."""
        path = f"/loyalty/card_types/client/{self._place(place_id)}"
        return self._rows(f"{path}/{wire.digits(phone)}", mapping.card_type, f"{path}/…")

    def cards_of_client(self, client_id: str) -> Sequence[LoyaltyCardRecord]:
        """GET /loyalty/client_cards/{client} (§2). Raises what a read may."""
        return self._rows(f"/loyalty/client_cards/{wire.identifier(client_id)}", mapping.card)

    def cards_of_phone(self, phone: str, place_id: str = "") -> Sequence[LoyaltyCardRecord]:
        """GET /loyalty/cards/{phone}/{chain}/{location} (§2). Raises what a read may."""
        place = f"{self._chain}/{self._place(place_id)}"
        return self._rows(f"/loyalty/cards/{wire.digits(phone)}/{place}", mapping.card, f"/loyalty/cards/…/{place}")

    def own_cards(self) -> Sequence[LoyaltyCardRecord]:
        """GET /user/loyalty_cards/{chain} (§2). Raises what a read may."""
        return self._rows(f"/user/loyalty_cards/{self._chain}", mapping.card)

    def programs(self, place_id: str = "") -> Sequence[ProgramRecord]:
        """GET /company/{location}/loyalty/programs/search (§3.4). Raises what a read may."""
        return self._rows(f"/company/{self._place(place_id)}/loyalty/programs/search", mapping.program)

    def transactions(self, query: TransactionQuery) -> Sequence[LoyaltyTransactionRecord]:
        """GET /chain/{chain}/loyalty/transactions (§3.2): whole days, both included. They do not say how many there are.
        Raises what a read may, and BrokenContract (list_too_long) rather than give a part."""
        if query.starts > query.ends:
            raise ValueError("The days end before they begin.")
        asked = {"created_after": query.starts.isoformat(), "created_before": query.ends.isoformat()}
        more = {
            "types": [mapping.TYPE_IDS[movement] for movement in query.movements],
            "company_ids": [wire.identifier(each) for each in query.place_ids],
            "visit_ids": [wire.identifier(each) for each in query.visit_ids],
        }
        asked |= {name: ",".join(values) for name, values in more.items() if values}
        return self._all(f"/chain/{self._chain}/loyalty/transactions", asked, mapping.transaction)

    def visit_transactions(self, visit_id: str) -> Sequence[LoyaltyTransactionRecord]:
        """GET /visit/loyalty/transactions/{visit} (§3.3). Raises what a read may."""
        return self._rows(f"/visit/loyalty/transactions/{wire.identifier(visit_id)}", mapping.transaction)

    def visit_loyalty(self, visit_id: str, record_id: str, place_id: str = "") -> VisitLoyaltyRecord | None:
        """GET /visit/details/{location}/{record}/{visit} (§4.3). Raises what a read may."""
        ids = f"{wire.identifier(record_id)}/{wire.identifier(visit_id)}"
        answer = self._answer(Request("GET", f"/visit/details/{self._place(place_id)}/{ids}"))
        return None if answers.is_not_there(answer) else self._kept(mapping.bill, answers.content_of(answer))

    def visit(self, external_id: str) -> VisitRecord | None:
        """GET /visits/{visit} (§4.3); they do not repeat its id. Raises what a read may."""
        answer = self._answer(Request("GET", f"/visits/{wire.identifier(external_id)}"))
        if answers.is_not_there(answer):
            return None
        return self._read(lambda value, zone: mapping.visit(value, zone, external_id), answers.content_of(answer))

    def appointment(self, external_id: str, place_id: str = "") -> AppointmentRecord | None:
        """GET /record/{location}/{record} (§5.1). Raises what a read may."""
        path = f"/record/{self._place(place_id)}/{wire.identifier(external_id)}"
        return self._one(path, external_id, mapping.appointment)

    def appointments(self, changed_after: dt.datetime, place_id: str = "") -> Sequence[AppointmentRecord]:
        """GET /records/{location}?changed_after=&with_deleted=1 (§5.1), in the place's wall clock. Raises what a read may, and
        BrokenContract (list_too_long)."""
        asked = {"changed_after": wire.wall(changed_after, self._zone), "with_deleted": "1"}
        return self._all(f"/records/{self._place(place_id)}", asked, mapping.appointment)

    def clients(self, changed_after: dt.datetime, place_id: str = "") -> Sequence[LoyaltyClientRecord]:
        """GET /clients/{location}?changed_after= (§6): deprecated, and the only list that knows of changes. Raises what a read
        may, and BrokenContract (list_too_long)."""
        asked = {"changed_after": wire.wall(changed_after, self._zone)}
        return self._all(f"/clients/{self._place(place_id)}", asked, mapping.client)

    def one_client(self, external_id: str, place_id: str = "") -> LoyaltyClientRecord | None:
        """GET /client/{location}/{client} (§6). Raises what a read may."""
        path = f"/client/{self._place(place_id)}/{wire.identifier(external_id)}"
        return self._one(path, external_id, mapping.client)

    def search_clients(self, text: str, place_id: str = "") -> Sequence[LoyaltyClientRecord]:
        """POST /company/{location}/clients/search (§6), which reads for all its method. Raises what a read may, and
        BrokenContract (list_too_long)."""
        wanted = text.strip()
        if not 2 <= len(wanted) <= 100:
            raise ValueError("A search has two letters or more.")
        path = f"/company/{self._place(place_id)}/clients/search"
        return self._every(
            lambda page: self._listed(Request("POST", path, bodies.search(wanted, page))), mapping.client
        )

    def clients_in_chain(self, phone: str) -> Sequence[ChainClientRecord]:
        """GET /group/{chain}/clients?phone= (§6); a 404 says that there is none. Raises what a read may."""
        path = f"/group/{self._chain}/clients"
        answer = self._answer(Request("GET", f"{path}?phone={wire.digits(phone)}", journal_path=path))
        if answers.is_not_there(answer):
            return []
        return self._read(mapping.chain_clients, answers.content_of(answer))

    # What is done ---------------------------------------------------------------------------------------------------
    # Rejected and Misconfigured prove that nothing happened, as Unavailable does; OutcomeUnknown is settled by reading.
    # ValueError, before anything is sent, for an order they have no words for.

    def issue_card(self, issue: CardIssue) -> Receipt:
        """POST /loyalty/cards/{location} (§2.3). Proof: a card of our type, with our number. Raises any of the five."""
        body = bodies.issued(issue)
        answer = self._write("POST", f"/loyalty/cards/{self._place(issue.place_id)}", body)
        return answers.receipt_of_card(answer, issue.card_type_id, issue.number, answers.texts_in(body))

    def remove_card(self, removal: CardRemoval) -> Receipt:
        """DELETE /loyalty/cards/{location}/{card} (§2). Proof: 204, or 200 with their yes. Raises any of the five."""
        card = wire.identifier(removal.card_id)
        answer = self._write("DELETE", f"/loyalty/cards/{self._place(removal.place_id)}/{card}", None)
        return answers.receipt_of_removal(answer, card, [])

    def transact(self, transaction: ManualTransaction) -> Receipt:
        """POST …/manual_transaction of the location or of the chain (§2.4). Proof: our card; its balance afterwards is in the
        receipt, the transaction's id is not. Raises any of the five."""
        card, body = wire.identifier(transaction.card_id), bodies.transacted(transaction)
        of_chain = transaction.scope == "chain"
        owner = f"/chain/{self._chain}" if of_chain else f"/company/{self._place(transaction.place_id)}"
        answer = self._write("POST", f"{owner}/loyalty/cards/{card}/manual_transaction", body)
        return answers.receipt_of_transaction(answer, card, answers.texts_in(body))

    def withdraw(self, withdrawal: CardWithdrawal) -> Receipt:
        """POST /visit/loyalty/apply_card_withdrawal/{location}/{card} (§4). Proof: a new withdrawal from our card, of this or a
        smaller amount. Raises any of the five."""
        card = wire.identifier(withdrawal.card_id)
        body = bodies.withdrawn(withdrawal.record_id, withdrawal.visit_id, withdrawal.amount)
        answer = self._in_visit("apply_card_withdrawal", f"{self._place(withdrawal.place_id)}/{card}", body)
        return bills.receipt_of_withdrawal(answer, card, withdrawal.visit_id, withdrawal.known, answers.texts_in(body))

    def cancel_withdrawal(self, cancellation: WithdrawalCancellation) -> Receipt:
        """POST /visit/loyalty/cancel_card_withdrawal/{location}/{card} (§4): all that this card has paid of this visit. Proof:
        a bill without a withdrawal from our card. Raises any of the five."""
        card = wire.identifier(cancellation.card_id)
        body = bodies.in_visit(cancellation.record_id, cancellation.visit_id)
        answer = self._in_visit("cancel_card_withdrawal", f"{self._place(cancellation.place_id)}/{card}", body)
        return bills.receipt_of_cancelled_withdrawal(
            answer, card, cancellation.record_id, cancellation.visit_id, answers.texts_in(body)
        )

    def apply_program(self, use: ProgramUse) -> Receipt:
        """POST /visit/loyalty/apply_discount_program/{location}/{card}/{program} (§4). Proof: a new discount of our card and
        program. Raises any of the five."""
        card, program = wire.identifier(use.card_id), wire.identifier(use.program_id)
        body = bodies.in_visit(use.record_id, use.visit_id)
        answer = self._in_visit("apply_discount_program", f"{self._place(use.place_id)}/{card}/{program}", body)
        return bills.receipt_of_program(answer, card, program, use.visit_id, use.known, answers.texts_in(body))

    def cancel_program(self, cancellation: ProgramCancellation) -> Receipt:
        """POST /visit/loyalty/cancel_discount_program/{location}/{card}/{program} (§4). Proof: a bill without it. Raises any of
        the five."""
        card, program = wire.identifier(cancellation.card_id), wire.identifier(cancellation.program_id)
        body = bodies.in_visit(cancellation.record_id, cancellation.visit_id)
        place = f"{self._place(cancellation.place_id)}/{card}/{program}"
        answer = self._in_visit("cancel_discount_program", place, body)
        record, visit = cancellation.record_id, cancellation.visit_id
        return bills.receipt_of_cancelled_program(answer, card, program, record, visit, answers.texts_in(body))

    def apply_referral(self, referral: Referral) -> Receipt:
        """POST /visit/loyalty/apply_referral_program/{location}/{chain} (§4). Proof: a new discount without a card. They have
        no call that cancels it. Raises any of the five."""
        body = bodies.referred(referral.record_id, referral.visit_id, referral.referrer_phone)
        answer = self._in_visit("apply_referral_program", f"{self._place(referral.place_id)}/{self._chain}", body)
        return bills.receipt_of_referral(answer, referral.visit_id, referral.known, answers.texts_in(body))

    # What a mirror reads --------------------------------------------------------------------------------------------

    def collections(self) -> Sequence[Collection]:
        return source.COLLECTIONS

    def page(self, collection: str, at: str, since: str = "") -> Page:
        """GET one page of a collection as bytes (§8). Raises what a read may."""
        path = source.page_path(collection, at, since, self._location, self._chain)
        answer = self._answer(Request("GET", path))
        answers.check_read(answer)
        try:
            return source.page_of(collection, at, answer.body, since)
        except ValueError as error:
            answers.content_of(answer)  # their no under a 200 is told as one
            raise BrokenContract("unreadable", redacted_text(str(error)), status=answer.status) from None

    def id_of(self, collection: str, row: bytes) -> str:
        return source.id_of(collection, row)

    def decode(self, collection: str, row: bytes) -> Any:
        return source.decode(collection, row, self._zone)
