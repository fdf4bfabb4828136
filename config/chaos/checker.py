"""What must be true after a run: the twins' ledger, our tables and what people were shown, joined (reliability §7.1).

The rules are written down here a second time, on purpose: this file imports none of the engine's judgement. Each finding is a
line of text that begins with its invariant's number.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from config.chaos.books import Books, Row
from config.chaos.clinic import Sale
from providers.models import Call, Claim, Transition
from providers.sandbox.books import Seen
from providers.sandbox.shelf import Effect
from providers.windows import Windows

OPEN = {"created", "preparing", "sending", "unknown", "needs_review"}
DONE = {"succeeded", "resolved_applied"}
ENDED_IN_PART = "partial"
NOTHING_HAPPENED = {"refused", "not_sent", "not_applied"}
FREE = NOTHING_HAPPENED | {"resolved_not_applied"}
STEPS = {
    "": {"created"},
    "created": {"preparing", "not_sent", "unknown"},
    "preparing": {"created", "not_sent", "refused", "sending", "unknown"},
    "sending": {"created", "succeeded", "refused", "not_sent", "unknown"},
    "unknown": {"created", "succeeded", "not_applied", "partial", "needs_review"},
    "needs_review": {"resolved_applied", "resolved_not_applied"},
}
TONES = {"done": DONE, "refused": FREE, "person": {"needs_review"}}  # what a page may say, and of which states
UNREADABLE = {
    *(
        "drop_before",
        "drop_after",
        "hang_before",
        "hang_after",
        "status",
        "html_login",
        "garbage",
        "empty",
        "truncated",
    ),
    *("redirect", "late_effect", "gzip_bomb", "huge"),
}
COUNTED = {"clear", "applied", "partial"}
MOST_SENDS = 3
CLOCKS = timedelta(milliseconds=50)  # the twin's and the database's are the same machine's


def findings(books: Books) -> list[str]:
    by_code: dict[str, list[Row]] = defaultdict(list)
    for row in books.rows.values():
        for code in row.codes:
            by_code[code].append(row)
    found = [
        *_doubled(books, by_code),
        *_sums(books, by_code),
        *_shown(books),
        *_exclusive(),
        *_slow_calls(books.windows),
    ]
    for row in books.rows.values():
        name = f"{row.operation.reference} (…{row.codes[0][-4:]}, {row.operation.state})"
        found += [f"{text}: {name}" for text in _wrong_with(row, books, by_code)]
    return found


def _wrong_with(row: Row, books: Books, by_code: dict[str, list[Row]]) -> Iterator[str]:
    for code in row.codes:
        yield from _truth(row, code, books, by_code[code])
    if row.operation.state == ENDED_IN_PART and not 0 < len(row.used) < len(row.codes):
        yield "I2 misreported: in part, with all or none of its codes"
    if all(len(by_code[code]) == 1 for code in row.codes):
        yield from _attempts_first(row, books.writes[row.codes[0]])
        yield from _in_time(row, books.writes[row.codes[0]], books.windows)
        for code in row.codes:
            yield from _seen_for_real(row, books.looks[code])
    yield from _chain(row)
    yield from _patience(row, books.windows)
    yield from _final(row)


def _ours(books: Books, code: str) -> list[Effect]:
    return [effect for effect in books.effects[code] if effect.actor == "api"]


# I1, I9 -----------------------------------------------------------------------------------------------------------------


def _doubled(books: Books, by_code: dict[str, list[Row]]) -> Iterator[str]:
    for code, effects in books.effects.items():
        ours = [effect for effect in effects if effect.actor == "api"]
        if len(ours) > 1:
            yield f"I1 doubled: {len(ours)} effects for …{code[-4:]}"
        if ours and code not in by_code:
            yield f"I4 lost: an effect that no operation explains, …{code[-4:]}"
    for code, rows in by_code.items():
        if sum(code in row.used for row in rows) > 1:
            yield f"I1 doubled: two operations claim …{code[-4:]}"


def _sums(books: Books, by_code: dict[str, list[Row]]) -> Iterator[str]:
    """What we report by day and currency is what the ledger says was done by us, or shown to us by somebody else's hand."""
    reported = sum(row.values[code] for row in books.rows.values() for code in row.used)
    late = {code for row in books.rows.values() if row.late_found for code in row.codes if code not in row.used}
    done = sum(
        rows[0].values[code]
        for code, rows in by_code.items()
        if books.effects[code]
        and code not in late
        and (_ours(books, code) or any(code in row.used for row in rows))  # else somebody at their portal was quicker
    )
    if reported != done and not any(row.operation.state in OPEN for row in books.rows.values()):
        yield f"I9 misreported: we say {reported}, the ledger says {done}"


# I2, I3, I4 -------------------------------------------------------------------------------------------------------------


def _truth(row: Row, code: str, books: Books, same_code: list[Row]) -> Iterator[str]:
    state, effects, ours = row.operation.state, books.effects[code], _ours(books, code)
    if code in row.used and not effects:
        yield "I2 misreported: done, without an effect"
    if state == "succeeded" and row.operation.evidence_level == "response" and not ours:
        yield "I2 misreported: done by their answer, and not by us"
    explained = any(code in other.used for other in same_code if other is not row)
    unused = code not in row.used and (state in NOTHING_HAPPENED or state == ENDED_IN_PART)
    if unused and ours and not explained and not row.late_found and row.attempts:
        yield "I3 misreported: nothing happened, we say, and it did"
    if unused and not explained and any(_overlooked(effect, row, books.windows) for effect in ours):
        yield "I3 misreported: judged not done when it had long been there to be seen"
    if unused and ours and not explained and not row.attempts and len(same_code) == 1:
        yield "I3 misreported: not sent, we say, and it was"
    charged = {books.trade.charged(effect) for effect in ours} if code in row.used and len(same_code) == 1 else set()
    if charged - {row.operation.redemption.services_total}:
        yield "I2 misreported: other amounts than the ledger's"


def _overlooked(effect: Effect, row: Row, windows: Windows) -> bool:
    """No late effect: the night finds it, and nobody is glad of that, for the looks that judged could have seen it."""
    long_ago = dt.datetime.fromisoformat(effect.at) + timedelta(seconds=windows.settle)
    return any(step.after in ("not_applied", ENDED_IN_PART) and long_ago < step.at for step in row.steps)


def _attempts_first(row: Row, writes: list[Seen]) -> Iterator[str]:
    """No byte without a committed attempt, never a fourth time, always the same bytes. A token that was turned away is
    followed by one more request of the same attempt."""
    turned_away = sum(seen.fault == "unauthorized" for seen in writes)
    if writes and (not row.attempts or row.attempts[0].at > dt.datetime.fromisoformat(writes[0].at) + CLOCKS):
        yield "I4 sent before the attempt was committed"
    if len(writes) > 2 * len(row.attempts) or len(row.attempts) > MOST_SENDS + _unsent(row):
        yield f"I4 {len(writes)} writes for {len(row.attempts)} attempts ({turned_away} turned away)"
    if len({seen.body_sha256 for seen in writes}) > 1:
        yield "I4 other bytes were sent the second time"


def _in_time(row: Row, writes: list[Seen], windows: Windows) -> Iterator[str]:
    """A write leaves within its send window; a second more for the way there, on a busy machine."""
    latest = timedelta(seconds=windows.send + windows.total + 1)
    for seen in writes:
        at = dt.datetime.fromisoformat(seen.at)
        before = [attempt.at for attempt in row.attempts if attempt.at <= at + CLOCKS]
        if before and at - max(before) > latest:
            yield "I4 sent long after its attempt"


def _seen_for_real(row: Row, looks: list[Seen]) -> Iterator[str]:
    """No look is counted that the provider did not answer."""
    answered = sum(seen.fault not in UNREADABLE for seen in looks)
    counted = sum(item.source in ("before", "read") and item.verdict in COUNTED for item in row.evidence)
    if counted > answered:
        yield f"I3 {counted} looks counted, {answered} answered"


def _unsent(row: Row) -> int:
    return sum(item.source == "response" and item.verdict == "not_sent" for item in row.evidence)


# I5, I10 ----------------------------------------------------------------------------------------------------------------


def _chain(row: Row) -> Iterator[str]:
    before, last = "", ""
    for n, step in enumerate(row.steps, start=1):
        if step.n != n or step.before != before or step.previous_hash != last or step.hash != _hash(step):
            yield "I10 the chain of its steps is broken"
            return
        if step.after not in STEPS.get(before, set()):
            yield f"I5 an illegal step, {before} to {step.after}"
        before, last = step.after, step.hash
    if (before, last, len(row.steps)) != (row.operation.state, row.operation.last_hash, row.operation.steps):
        yield "I10 the end of its chain was cut off"


def _hash(step: Transition) -> str:
    at = step.at.astimezone(dt.UTC).isoformat()
    content = [step.previous_hash, str(step.operation_id), step.n, step.before, step.after, step.by, step.reason, at]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def _patience(row: Row, windows: Windows) -> Iterator[str]:
    """Nothing was called "not done", or sent again, on fewer than two clear looks after the settle window."""
    settle, apart = timedelta(seconds=windows.settle), timedelta(seconds=windows.second_look)
    sent_at: dt.datetime | None = None
    for step in row.steps:
        if step.after == "sending":
            sent_at = step.at
        if (
            sent_at
            and step.before in ("unknown", "sending")
            and step.after in ("not_applied", "created", ENDED_IN_PART)
        ):
            if step.before == "sending":
                if not any(item.verdict == "not_sent" for item in row.evidence):
                    yield "I3 put back to be sent again without proof that nothing was sent"
                continue
            wanted = "partial" if step.after == ENDED_IN_PART else "clear"
            looks = [
                item.at
                for item in row.evidence
                if item.source == "read" and item.verdict == wanted and sent_at + settle <= item.at <= step.at
            ]
            if len(looks) < 2 or max(looks) - min(looks) < apart:
                yield "I3 impatient: a negative without two clear looks after the settle window"


# I6, I7, rows -----------------------------------------------------------------------------------------------------------


def _final(row: Row) -> Iterator[str]:
    state = row.operation.state
    if state == "needs_review":
        yield "I7 lazy: a person is asked what a look can tell"
    elif state in OPEN:
        yield "I6 not final"


def _exclusive() -> Iterator[str]:
    held: dict[tuple[Any, str], int] = defaultdict(int)
    columns = ("account", "resource", "operation__state", "operation__outcome", "open")
    for account, resource, state, outcome, is_open in Claim.objects.values_list(*columns):
        held[account, resource] += is_open
        free = resource not in outcome["applied"] if state == ENDED_IN_PART else state in FREE
        if is_open == free:
            yield f"I1 a claim is {'open' if is_open else 'closed'} and its operation {state}"
    for count in held.values():
        if count > 1:
            yield "I1 two open claims on one voucher"


def _slow_calls(windows: Windows) -> Iterator[str]:
    """One deadline for a call, from the first byte to the last. A machine that was paused may notice later."""
    limit = 1000 * (windows.total * 1.1 + 0.5)
    slow = Call.objects.filter(milliseconds__gt=limit, error__in=["timed_out", ""]).count()
    if slow > max(3, Call.objects.count() // 100):
        yield f"F08 no deadline: {slow} calls took longer than {limit:.0f} ms"


# What people saw --------------------------------------------------------------------------------------------------------


def _shown(books: Books) -> Iterator[str]:
    for sale in books.sales:
        if len(set(sale.pages.values())) > 1 and sale.kind != "two_tills":
            yield f"I8 one form, two redemptions: {sale.name}"
        for address, shown in sale.shown.items():
            if address not in books.redemptions:
                yield f"I4 lost: a redemption that was shown is gone, {sale.name}"
                continue
            yield from _story(sale, books.rows[books.redemptions[address]].operation.state, shown)


def _story(sale: Sale, state: str, shown: Iterable[tuple[str, str]]) -> Iterator[str]:
    last = ""
    for tone, waits_for in shown:
        if tone in TONES and waits_for in OPEN - {"needs_review"}:
            yield f"I5 misreported: the page said “{tone}” while it was {waits_for}, {sale.name}"
        if state not in TONES.get(tone, {state}):
            yield f"I5 misreported: the page said “{tone}” of what ended {state}, {sale.name}"
        if last in TONES and last not in (tone, "person"):
            yield f"I5 misreported: the page said “{last}”, then “{tone}”, {sale.name}"
        last = tone
