"""What must be true after a run over bookings: the twin's ledger and history, our tables and what people were shown, joined.

As in `checker.py` the rules are written down a second time, and each finding begins with its invariant's number.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from config.chaos import checker
from config.chaos.guests import Pressed
from config.chaos.site import Twin
from providers.models import Attempt, Claim, Discrepancy, Evidence, Operation, Transition
from providers.sandbox.books import Seen
from providers.sandbox.shelf import Effect
from providers.secrets import unseal
from providers.windows import Windows
from reservations.models import Act

SLUG = "rekaz"
ENDPOINTS = {
    "booking.create_customer": "create_customer",
    "booking.book": "book",
    "booking.subscribe": "subscribe",
    "booking.reschedule": "reschedule",
    "booking.confirm": "confirm",
    "booking.cancel": "cancel",
    "booking.done": "finish",
    "booking.attend": "attend",
    "booking.pause": "pause",
    "booking.resume": "resume",
}
ACCUMULATES = {"booking.create_customer", "booking.book", "booking.subscribe", "booking.attend"}
MAKES = {"booking.create_customer", "booking.book", "booking.subscribe"}
OPEN, NOTHING = checker.OPEN, checker.NOTHING_HAPPENED
# What a person is rightly asked: somebody at the portal was there too, or they show what nobody can tell apart.
UNDECIDABLE = {"several", "time_read_otherwise"}


@dataclass
class Row:
    """One act with all that hangs on it. `codes` as the other checker wants it."""

    act: Act
    operation: Operation
    request: dict[str, Any]
    attempts: list[Attempt] = field(default_factory=list)
    steps: list[Transition] = field(default_factory=list)
    evidence: list[Evidence] = field(default_factory=list)
    writes: list[Seen] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    late_found: bool = False

    @property
    def name(self) -> str:
        return f"{self.operation.kind} {self.operation.reference} ({self.operation.state})"


@dataclass
class Books:
    rows: dict[str, Row]  # by act
    strangers: list[Seen]  # writes that no act explains
    by_hand: dict[str, list[dt.datetime]]  # a booking -> when somebody at the portal changed it
    pressed: list[Pressed]
    windows: Windows


def read(pressed: list[Pressed], twin: Twin, first: int, windows: Windows) -> Books:
    acts = Act.objects.select_related("operation__account")
    rows = {str(act.pk): Row(act, act.operation, _request(act.operation)) for act in acts}
    by_operation = {row.operation.pk: row for row in rows.values()}
    for model, name in ((Attempt, "attempts"), (Transition, "steps"), (Evidence, "evidence")):
        for item in model._default_manager.order_by("pk"):
            if item.operation_id in by_operation:
                getattr(by_operation[item.operation_id], name).append(item)
    for row in rows.values():
        row.steps.sort(key=lambda step: step.n)
    for found in Discrepancy.objects.filter(kind="late_effect").values_list("operation", flat=True):
        if found in by_operation:
            by_operation[found].late_found = True
    by_key: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows.values():
        by_key[ENDPOINTS[row.operation.kind], _about(row)].append(row)
    writes = [seen for seen in twin.control.requests(SLUG) if seen.sequence > first and seen.method != "GET"]
    owners, strangers = _owners(writes, by_key)
    by_hand: dict[str, list[dt.datetime]] = defaultdict(list)
    for effect in twin.control.ledger(SLUG):
        if effect.actor == "portal":
            by_hand[effect.code].append(at(effect.at))
        elif effect.request in owners:
            owners[effect.request].effects.append(effect)
    return Books(rows, strangers, by_hand, pressed, windows)


def _request(operation: Operation) -> dict[str, Any]:
    return dict(json.loads(unseal(operation.sealed_request, operation.request_context())))


def _about(row: Row) -> str:
    """The hash of the bytes that its write must have; where there are none, the booking in its address."""
    body = _body(row)
    return hashlib.sha256(body).hexdigest() if body else row.act.subject_id


def _body(row: Row) -> bytes:
    """What the client would send, caught before it leaves."""
    from providers.operations.effects import effect_of
    from providers.rekaz import bodies

    caught: list[bytes] = []
    branch = str(row.operation.account.settings["branch_id"])
    client = SimpleNamespace(
        create_customer=lambda order: caught.append(bodies.new_customer(order, branch)),
        book=lambda order: caught.append(bodies.booking(order, branch)),
        subscribe=lambda order: caught.append(bodies.subscribed(order, branch)),
        reschedule=lambda order: caught.append(bodies.moved(order)),
        attend=lambda order: caught.append(bodies.attended(order)),
        pause=lambda order: caught.append(bodies.paused(order)),
        resume=lambda order: caught.append(bodies.resumed(order)),
        confirm=lambda _id: None,
        finish=lambda _id: None,
        cancel=lambda _order: None,  # its second send has other words, on purpose
    )
    effect_of(row.operation).send(client, row.request)  # type: ignore[arg-type]  # as much of a client as it uses
    return caught[0] if caught else b""


def _owners(writes: list[Seen], by_key: dict[tuple[str, str], list[Row]]) -> tuple[dict[int, Row], list[Seen]]:
    """Whose write is it: of those with these bytes the one whose attempt came last before it."""
    owners: dict[int, Row] = {}
    strangers = []
    for seen in writes:
        body_less = seen.endpoint in ("confirm", "finish", "cancel")
        rows = by_key.get((seen.endpoint, seen.code if body_less else seen.body_sha256), [])
        rows = [row for row in rows if not row.act.subject_id or row.act.subject_id == seen.code or not seen.code]
        tried = [(attempt.at, row) for row in rows for attempt in row.attempts]
        before = [(when, row) for when, row in tried if when <= at(seen.at) + checker.CLOCKS]
        if not before:
            strangers.append(seen)
            continue
        owner = max(before, key=lambda pair: pair[0])[1]
        owner.writes.append(seen)
        owners[seen.sequence] = owner
    return owners, strangers


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


# The rules ------------------------------------------------------------------------------------------------------------


def findings(books: Books) -> list[str]:
    found = [f"I4 a write that no committed attempt explains: {seen.endpoint}" for seen in books.strangers]
    found += [*_shown(books), *_exclusive(), *checker._slow_calls(books.windows), *_overlaps(books)]
    for row in books.rows.values():
        found += [f"{text}: {row.name}" for text in _wrong_with(row, books)]
    return found


def _wrong_with(row: Row, books: Books) -> Iterator[str]:
    like: Any = row
    yield from _once(row)
    yield from _truth(row, books)
    yield from _nothing_overwritten(row, books)
    yield from checker._in_time(like, row.writes, books.windows)
    yield from checker._chain(like)
    yield from checker._patience(like, books.windows)
    if row.operation.state == "needs_review":
        yield from _rightly_asked(row, books)
    elif row.operation.state in OPEN:
        yield "I6 not final"


def _once(row: Row) -> Iterator[str]:
    happened = {effect.request for effect in row.effects}
    unsent = sum(item.source == "response" and item.verdict == "not_sent" for item in row.evidence)
    sends = len(row.attempts) - unsent
    if row.operation.kind in ACCUMULATES and len(happened) > 1:
        yield f"I1 doubled: it happened {len(happened)} times"
    if row.operation.kind in ACCUMULATES and sends > 1:
        yield "I1 what accumulates was sent a second time by a machine"
    if len(row.writes) > 2 * len(row.attempts) or sends > checker.MOST_SENDS:
        yield f"I4 {len(row.writes)} writes for {len(row.attempts)} attempts"
    if sum(effect.amounts.get("notified") == "yes" for effect in row.effects) > 1:
        yield "I1 doubled: the customer was told twice"


def _truth(row: Row, books: Books) -> Iterator[str]:
    state, happened = row.operation.state, bool(row.effects)
    if state == "succeeded" and not happened:
        yield "I2 misreported: done, without an effect"
    if state in NOTHING and happened and not row.late_found and not _followed(row, books):
        yield "I3 misreported: nothing happened, we say, and it did"
    judged = [step.at for step in row.steps if step.after in NOTHING]
    long_ago = timedelta(seconds=books.windows.settle)
    if state in NOTHING and judged and any(at(effect.at) + long_ago < judged[0] for effect in row.effects):
        yield "I3 misreported: judged not done when it had long been there to be seen"
    codes = {effect.code for effect in row.effects}
    if row.operation.kind in MAKES and not set(row.act.made_ids) <= codes:
        yield "I2 misreported: what it says it made is another's"


def _followed(row: Row, books: Books) -> bool:
    """A later act of ours did the same: what is there is explained, and no late effect."""
    return any(
        other.operation.kind == row.operation.kind
        and other.operation.state in checker.DONE
        and other.operation.created_at > row.operation.created_at
        and (other.act.subject_id, other.act.customer_id) == (row.act.subject_id, row.act.customer_id)
        for other in books.rows.values()
    )


def _nothing_overwritten(row: Row, books: Books) -> Iterator[str]:
    """No move is sent over what somebody at the portal has set since we first sent, if the looks between could see it."""
    if row.operation.kind != "booking.reschedule" or not row.writes:
        return
    began, lag = at(row.writes[0].at), timedelta(seconds=books.windows.settle / 4 + books.windows.total + 0.5)
    for seen in row.writes[1:]:
        if any(began < when < at(seen.at) - lag for when in books.by_hand[row.act.subject_id]):
            yield "I2 somebody else's change was overwritten"


def _rightly_asked(row: Row, books: Books) -> Iterator[str]:
    codes = {item.code for item in row.evidence if item.source == "read"}
    others = books.by_hand[row.act.subject_id] if row.act.subject_id else []
    if not others and not codes & UNDECIDABLE:
        yield f"I7 lazy: a person is asked what a look can tell ({', '.join(sorted(codes - {''}))})"


def _exclusive() -> Iterator[str]:
    """A claim on a booking ends with its operation: tomorrow the same one is moved again."""
    held: dict[tuple[Any, str], int] = defaultdict(int)
    for account, resource, state, is_open in Claim.objects.values_list(
        "account", "resource", "operation__state", "open"
    ):
        held[account, resource] += is_open
        if is_open != (state in OPEN):
            yield f"I1 a claim is {'open' if is_open else 'closed'} and its operation {state}"
    for count in held.values():
        if count > 1:
            yield "I1 two open claims on one booking"


def _overlaps(books: Books) -> Iterator[str]:
    """One customer, one time, one booking of ours; what came too late and was listed is a person's business."""
    made: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in books.rows.values():
        if row.operation.kind == "booking.book" and not row.late_found:
            for effect in row.effects:
                made[row.act.customer_id, effect.amounts.get("starts", "")].add(effect.code)
    for (_customer, starts), codes in made.items():
        if len(codes) > 1:
            yield f"I1 doubled: {len(codes)} bookings of one customer at {starts}"


def _shown(books: Books) -> Iterator[str]:
    for form in books.pressed:
        if len(form.acts) > 1:
            yield f"I8 one form, two acts: {form.name}"
        for act, shown in form.shown.items():
            if act not in books.rows:
                yield f"I4 lost: an act that was shown is gone, {form.name}"
                continue
            sale: Any = form
            yield from _story(sale, books.rows[act].operation.state, shown)


def _story(form: Any, state: str, shown: list[tuple[str, str]]) -> Iterator[str]:
    over = checker.DONE | checker.FREE | {"partial"}
    for tone, was in shown:
        if tone == "done" and was not in checker.DONE:
            yield f"I5 misreported: it said “{tone}” while it was {was}, {form.name}"
        if tone == "refused" and was not in checker.FREE:
            yield f"I5 misreported: it said “{tone}” while it was {was}, {form.name}"
        if was in over and was != state:
            yield f"I5 misreported: {was} was shown, and it ended {state}, {form.name}"
