"""What all of them share: the mirror is brought up to date, and the act notes what it made."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from providers.contracts import Receipt
from providers.contracts.booking_orders import SlotQuery
from providers.contracts.bookings import BookingProvider
from providers.models import Operation, State
from providers.operations import Look, Verdict
from reservations.models import Act, Ask
from reservations.sync import store_seen

Request = Mapping[str, Any]
DONE = (State.SUCCEEDED, State.PARTIAL, State.RESOLVED_APPLIED)
KEEP = dt.timedelta(minutes=5)


class BookingEffect:
    """Claims end with their operation: tomorrow the same reservation is moved again."""

    kind = ""
    setting = False
    keeps_claims = False

    def look(self, client: BookingProvider, request: Request) -> Look:
        raise NotImplementedError

    def look_since(self, client: BookingProvider, request: Request, operation: Operation) -> Look:
        raise NotImplementedError

    def send(self, client: BookingProvider, request: Request) -> Receipt:
        raise NotImplementedError

    def attribute(self, client: BookingProvider, request: Request, look: Look) -> Look:
        """They keep no reference of ours beyond what a look compares already."""
        return look

    def store(self, operation: Operation, records: tuple[Any, ...], now: dt.datetime) -> None:
        store_seen(operation.account, records, now)

    def finished(self, operation: Operation, now: dt.datetime) -> None:
        """What it made, by their answer or by what a look found."""
        made = made_by(operation)
        if made:
            Act.objects.filter(operation=operation).update(made_ids=made)
        if operation.state in DONE:
            _read_again(operation, made, now)


def _read_again(operation: Operation, made: list[str], now: dt.datetime) -> None:
    """Their answer proves the change and does not show it: a worker reads what was changed into the mirror."""
    act = Act.objects.filter(operation=operation).first()
    if act is None:
        return
    kind, given = _what_changed(act, made)
    if not given["ids"]:
        return
    ask = Ask(kind=kind, account=operation.account, branch=operation.branch, created_at=now, next_at=now)
    ask.expires_at = now + KEEP
    ask.seal_given(given)
    ask.save(force_insert=True)


def _what_changed(act: Act, made: list[str]) -> tuple[str, dict[str, Any]]:
    told = act.subject_id or (made if act.subject == Act.Subject.RESERVATION else [])
    if act.operation.kind == "booking.attend" or (act.subject != Act.Subject.CUSTOMER and not told):
        return Ask.Kind.CUSTOMER, {"ids": [act.customer_id]}
    return Ask.Kind(act.subject), {"ids": [act.subject_id] if act.subject_id else made}


# Under which name an answer gives the ids of what it made, separated by spaces. Other answers name what was there before.
MADE_AS = {"booking.book": "reservations", "booking.subscribe": "subscription", "booking.create_customer": "customer"}


def made_by(operation: Operation) -> list[str]:
    """Ids of theirs; none for what only changes something. A person's word about them stands above what was seen."""
    if operation.kind not in MADE_AS:
        return []
    if "named" in operation.outcome:
        return [str(one)[:80] for one in operation.outcome["named"]]
    answered = operation.outcome.get("references", {}).get(MADE_AS[operation.kind], "").split()
    return [one[:80] for one in answered or operation.outcome.get("seen", {}).get("made", [])]


def claim_of(subject: str, external_id: str) -> str:
    return f"{subject}:{external_id}"[:120]


def applied(request: Request, facts: Mapping[str, Any], records: Sequence[Any] = (), code: str = "") -> Look:
    """All of it is there: every resource of the request is proven."""
    return Look(Verdict.APPLIED, code, facts, frozenset(request["resources"]), tuple(records))


def slot_problem(client: BookingProvider, slots: Sequence[Mapping[str, Any]]) -> str:
    """Whether every one of these times is still free, just before it is taken: '' or a refusal code."""
    return "" if all(_is_free(client, slot) for slot in slots) else "slot_taken"


def _is_free(client: BookingProvider, slot: Mapping[str, Any]) -> bool:
    starts, ends = (dt.datetime.fromisoformat(slot[name]) for name in ("starts", "ends"))
    query = SlotQuery(slot["price_id"], starts, ends, slot["quantity"], tuple(slot["practitioner_ids"]))
    found = client.slots(query)
    return any(one.is_bookable and (one.wire_from, one.wire_to) == (slot["from"], slot["to"]) for one in found)
