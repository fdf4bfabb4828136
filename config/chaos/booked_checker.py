"""What must be true after a run over bookings: the twin's ledger and history, our tables and what people were shown, joined.

As in `checker.py` the rules are written down a second time, and each finding begins with its invariant's number.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from config.chaos import checker
from config.chaos.acts import NOTHING, OPEN, Row, at, exclusive, once, owner_of, rows_of, shown
from config.chaos.guests import Pressed
from config.chaos.site import Twin
from providers.sandbox.books import Seen
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
# What a person is rightly asked: somebody at the portal was there too, or they show what nobody can tell apart.
UNDECIDABLE = {"several", "time_read_otherwise"}


@dataclass
class Books:
    rows: dict[str, Row]  # by act
    strangers: list[Seen]  # writes that no act explains
    by_hand: dict[str, list[dt.datetime]]  # a booking -> when somebody at the portal changed it
    pressed: list[Pressed]
    windows: Windows


def read(pressed: list[Pressed], twin: Twin, first: int, windows: Windows) -> Books:
    rows = rows_of(Act.objects.select_related("operation__account"), Row)
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
        owner = owner_of(seen, rows)
        if owner is None:
            strangers.append(seen)
            continue
        owner.writes.append(seen)
        owners[seen.sequence] = owner
    return owners, strangers


# The rules ------------------------------------------------------------------------------------------------------------


def findings(books: Books) -> list[str]:
    found = [f"I4 a write that no committed attempt explains: {seen.endpoint}" for seen in books.strangers]
    found += [*shown(books.pressed, books.rows), *exclusive(), *checker._slow_calls(books.windows), *_overlaps(books)]
    for row in books.rows.values():
        found += [f"{text}: {row.name}" for text in _wrong_with(row, books)]
    return found


def _wrong_with(row: Row, books: Books) -> Iterator[str]:
    like: Any = row
    yield from once(row, ACCUMULATES)
    yield from _truth(row, books)
    yield from _nothing_overwritten(row, books)
    yield from checker._in_time(like, row.writes, books.windows)
    yield from checker._chain(like)
    yield from checker._patience(like, books.windows)
    if row.operation.state == "needs_review":
        yield from _rightly_asked(row, books)
    elif row.operation.state in OPEN:
        yield "I6 not final"


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
