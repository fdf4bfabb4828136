"""What must be true after a run over cards: the twin's ledger and history, our tables and what people were shown, joined.

As in `checker.py` the rules are written down a second time, and each finding begins with its invariant's number.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, NoReturn

from config.chaos import checker
from config.chaos.acts import DONE, NOTHING, OPEN, Row, at, exclusive, once, owner_of, rows_of, shown
from config.chaos.guests import Pressed
from config.chaos.site import Twin
from loyalty.models import Act
from providers.contracts import Receipt
from providers.operations import before_of
from providers.sandbox.books import Seen
from providers.sandbox.shelf import Effect
from providers.windows import Windows

SLUG = "altegio"
ENDPOINTS = {
    "loyalty.points": ("by_hand", "by_hand_in_chain"),
    "loyalty.withdraw": ("withdraw",),
    "loyalty.cancel_withdrawal": ("cancel_withdrawal",),
    "loyalty.apply_program": ("apply_program",),
    "loyalty.cancel_program": ("cancel_program",),
    "loyalty.referral": ("apply_referral",),
    "loyalty.issue_card": ("issue",),
    "loyalty.remove_card": ("remove",),
}
WRITES = frozenset(name for names in ENDPOINTS.values() for name in names)
ACCUMULATES = {"loyalty.points", "loyalty.withdraw", "loyalty.apply_program", "loyalty.referral", "loyalty.issue_card"}
# What a person is rightly asked: somebody at their reception was there too, they show what nobody can tell apart, or their yes
# named a card that they do not show.
UNDECIDABLE = {"several", "whose_is_open", "card_not_seen"}


@dataclass
class CardRow(Row):
    act: Act

    @property
    def is_clamped(self) -> bool:
        asked, got = self.act.requested, self.act.applied
        return self.operation.state in DONE and asked is not None and got is not None and got != asked

    @property
    def reported(self) -> Decimal:
        """By how much we say that it changed the card on which it stands."""
        if self.operation.state not in DONE:
            return Decimal(0)
        applied = self.act.applied or Decimal(0)
        signs = {"loyalty.points": 1, "loyalty.withdraw": -1, "loyalty.cancel_withdrawal": 1}
        return signs.get(self.operation.kind, 0) * applied


@dataclass
class Books:
    rows: dict[str, CardRow]  # by act
    strangers: list[Seen]  # writes that no act explains
    by_hand: dict[str, list[Effect]]  # a card -> what their reception did
    pressed: list[Pressed]
    windows: Windows

    def ours(self) -> Decimal:
        return sum((row.reported for row in self.rows.values()), Decimal(0))


def points_of(effect: Effect) -> Decimal:
    return Decimal(effect.amounts["points"])


def read(pressed: list[Pressed], twin: Twin, first: int, windows: Windows) -> Books:
    rows = rows_of(Act.objects.select_related("operation__account"), CardRow)
    writes = [seen for seen in twin.control.requests(SLUG) if seen.sequence > first and seen.endpoint in WRITES]
    owners, strangers = _owners(writes, list(rows.values()))
    by_hand: dict[str, list[Effect]] = defaultdict(list)
    for effect in twin.control.ledger(SLUG):
        if effect.actor == "portal":
            by_hand[effect.code].append(effect)
        elif effect.request in owners:
            owners[effect.request].effects.append(effect)
    return Books(rows, strangers, by_hand, pressed, windows)


def _owners(writes: list[Seen], rows: list[CardRow]) -> tuple[dict[int, CardRow], list[Seen]]:
    """Whose write is it: of those with these bytes and this card the one whose attempt came last before it."""
    by_bytes: dict[tuple[str, str], list[CardRow]] = defaultdict(list)
    for row in rows:
        for endpoint in ENDPOINTS[row.operation.kind]:
            by_bytes[endpoint, _bytes_of(row)].append(row)
    owners: dict[int, CardRow] = {}
    strangers = []
    for seen in writes:
        same = by_bytes.get((seen.endpoint, "" if seen.endpoint == "remove" else seen.body_sha256), [])
        mine = [row for row in same if seen.code in ("", row.act.card_id)]
        owner = owner_of(seen, mine)
        if owner is None:
            strangers.append(seen)
            continue
        owner.writes.append(seen)
        owners[seen.sequence] = owner
    return owners, strangers


class _Caught(Exception):
    """Nothing is done with an answer."""


def _bytes_of(row: CardRow) -> str:
    """The hash of what the client would send, caught before it leaves; '' where there is no body."""
    from providers.altegio import bodies
    from providers.operations.effects import effect_of

    caught: list[bytes] = []

    def catch(body: bytes) -> NoReturn:
        caught.append(body)
        raise _Caught

    client = SimpleNamespace(
        transact=lambda order: catch(bodies.transacted(order)),
        withdraw=lambda order: catch(bodies.withdrawn(order.record_id, order.visit_id, order.amount)),
        cancel_withdrawal=lambda order: catch(bodies.in_visit(order.record_id, order.visit_id)),
        apply_program=lambda order: catch(bodies.in_visit(order.record_id, order.visit_id)),
        cancel_program=lambda order: catch(bodies.in_visit(order.record_id, order.visit_id)),
        apply_referral=lambda order: catch(bodies.referred(order.record_id, order.visit_id, order.referrer_phone)),
        issue_card=lambda order: catch(bodies.issued(order)),
        remove_card=lambda order: Receipt(),
    )
    with suppress(_Caught):
        effect_of(row.operation).send(client, row.request)
    return hashlib.sha256(caught[0]).hexdigest() if caught else ""


# The rules ------------------------------------------------------------------------------------------------------------


def findings(books: Books) -> list[str]:
    found = [f"I4 a write that no committed attempt explains: {seen.endpoint}" for seen in books.strangers]
    found += [*shown(books.pressed, books.rows), *exclusive()]
    found += [*checker._slow_calls(books.windows), *_sums(books), *_standing_twice(books)]
    for row in books.rows.values():
        found += [f"{text}: {row.name}" for text in _wrong_with(row, books)]
    return found


def _wrong_with(row: CardRow, books: Books) -> Iterator[str]:
    like: Any = row
    yield from once(row, ACCUMULATES)
    yield from _truth(row, books)
    yield from _figures(row, moved_by(row, books))
    yield from checker._in_time(like, row.writes, books.windows)
    yield from checker._chain(like)
    yield from checker._patience(like, books.windows)
    if row.operation.state == "needs_review":
        yield from _rightly_asked(row, books)
    elif row.operation.state in OPEN:
        yield "I6 not final"


def _truth(row: CardRow, books: Books) -> Iterator[str]:
    state, happened = row.operation.state, bool(row.effects)
    if state in DONE and not happened:
        yield "I2 misreported: done, without an effect"
    if state in NOTHING and happened and not row.late_found and not _was_so_already(row):
        yield "I3 misreported: nothing happened, we say, and it did"
    judged = [step.at for step in row.steps if step.after in NOTHING]
    long_ago = timedelta(seconds=books.windows.settle)
    if state in NOTHING and judged and any(at(effect.at) + long_ago < judged[0] for effect in row.effects):
        yield "I3 misreported: judged not done when it had long been there to be seen"
    if row.act.made_id and row.act.made_id not in {effect.code for effect in row.effects}:
        yield "I2 misreported: what it says it made is another's"


def _was_so_already(row: CardRow) -> bool:
    """Of a second send that was not needed any more."""
    return row.operation.refusal_code == "already_done"


def moved_by(row: CardRow, books: Books) -> Decimal:
    """What it did to the card. Their cancellation names no withdrawal, so what their reception changes between our look and
    our request goes with it, and nothing that they show says so: the card has what we say, some of it from them."""
    moved = sum((points_of(effect) for effect in row.effects), Decimal(0))
    if row.operation.kind != "loyalty.cancel_withdrawal" or not row.effects or not _stood_as_named(row):
        return moved
    since, until = row.operation.created_at, at(row.effects[0].at)
    theirs = [effect for effect in books.by_hand[row.act.card_id] if effect.order_id == row.act.visit_id]
    return moved + sum((points_of(effect) for effect in theirs if since < at(effect.at) <= until), Decimal(0))


def _stood_as_named(row: CardRow) -> bool:
    """When we looked, just before it was sent."""
    return set(row.request["ids"]) <= set(before_of(row.operation).get("ids", ()))


def _figures(row: CardRow, moved: Decimal) -> Iterator[str]:
    """To the cent: what we say was moved is what the ledger says, and a cancellation gives back what it named, and no more."""
    kind = row.operation.kind
    if kind == "loyalty.cancel_withdrawal" and row.effects and moved != Decimal(row.request["amount"]):
        yield f"I2 somebody else's points were given back: {moved} of {row.request['amount']}"
    if row.operation.state not in DONE or not row.effects or kind == "loyalty.referral":
        return
    if kind in ("loyalty.points", "loyalty.withdraw", "loyalty.cancel_withdrawal") and moved != row.reported:
        yield f"I9 misreported: {row.reported} said, {moved} moved"
    if kind in ("loyalty.apply_program", "loyalty.cancel_program"):
        taken = abs(sum((Decimal(effect.amounts["discount"]) for effect in row.effects), Decimal(0)))
        if taken != (row.act.applied or Decimal(0)):
            yield f"I9 misreported: a discount of {row.act.applied} said, {taken} given"


def _sums(books: Books) -> Iterator[str]:
    """Card by card: what their ledger says that we changed is what ours says. What waits for a person, or was listed, is not
    in ours yet."""
    theirs: dict[str, Decimal] = defaultdict(Decimal)
    ours: dict[str, Decimal] = defaultdict(Decimal)
    for row in books.rows.values():
        if row.operation.kind == "loyalty.referral":
            continue
        ours[row.act.card_id] += row.reported
        if row.operation.state != "needs_review" and not row.late_found:
            theirs[row.act.card_id] += moved_by(row, books)
    for card, sum_of_theirs in theirs.items():
        if sum_of_theirs != ours[card]:
            yield f"I9 the sums of a card differ: theirs {sum_of_theirs}, ours {ours[card]}"


def _standing_twice(books: Books) -> Iterator[str]:
    """Between two withdrawals of a card in a visit there is a cancellation, ours or their reception's."""
    by_visit: dict[tuple[str, str], list[tuple[dt.datetime, str]]] = defaultdict(list)
    for row in books.rows.values():
        for effect in row.effects:
            if row.operation.kind in ("loyalty.withdraw", "loyalty.cancel_withdrawal"):
                by_visit[row.act.visit_id, row.act.card_id].append((at(effect.at), row.operation.kind))
    for effects in books.by_hand.values():
        for effect in effects:
            if effect.order_id and points_of(effect) > 0:
                by_visit[effect.order_id, effect.code].append((at(effect.at), "loyalty.cancel_withdrawal"))
    for happened in by_visit.values():
        last = ""
        for _when, kind in sorted(happened):
            if kind == last == "loyalty.withdraw":
                yield "I1 doubled: points taken twice in one visit"
            last = kind


def _rightly_asked(row: CardRow, books: Books) -> Iterator[str]:
    codes = {item.code for item in row.evidence if item.source == "read"}
    others = books.by_hand[row.act.card_id]
    if not others and not codes & UNDECIDABLE:
        yield f"I7 lazy: a person is asked what a look can tell ({', '.join(sorted(codes - {''}))})"
