"""Acts of a domain joined with what hangs on them, and the rules that hold for bookings and cards alike."""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from config.chaos import checker
from config.chaos.guests import Pressed
from providers.models import Attempt, Claim, Discrepancy, Evidence, Operation, Transition
from providers.sandbox.books import Seen
from providers.sandbox.shelf import Effect
from providers.secrets import unseal

OPEN, NOTHING, DONE = checker.OPEN, checker.NOTHING_HAPPENED, checker.DONE


@dataclass
class Row:
    """One act with all that hangs on it."""

    act: Any
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


R = TypeVar("R", bound=Row)


def rows_of(acts: Iterable[Any], kind: type[R]) -> dict[str, R]:
    """By act."""
    rows = {str(act.pk): kind(act, act.operation, _request(act.operation)) for act in acts}
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
    return rows


def _request(operation: Operation) -> dict[str, Any]:
    return dict(json.loads(unseal(operation.sealed_request, operation.request_context())))


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


# The rules ------------------------------------------------------------------------------------------------------------


def owner_of(seen: Seen, rows: Iterable[R]) -> R | None:
    """Whose write is it: of those that could have sent it the one whose attempt came last before it."""
    tried = [(attempt.at, row) for row in rows for attempt in row.attempts]
    before = [(when, row) for when, row in tried if when <= at(seen.at) + checker.CLOCKS]
    return max(before, key=lambda pair: pair[0])[1] if before else None


def once(row: Row, accumulates: set[str]) -> Iterator[str]:
    happened = {effect.request for effect in row.effects}
    unsent = sum(item.source == "response" and item.verdict == "not_sent" for item in row.evidence)
    sends = len(row.attempts) - unsent
    if row.operation.kind in accumulates and len(happened) > 1:
        yield f"I1 doubled: it happened {len(happened)} times"
    if row.operation.kind in accumulates and sends > 1:
        yield "I1 what accumulates was sent a second time by a machine"
    if len(row.writes) > 2 * len(row.attempts) or sends > checker.MOST_SENDS:
        yield f"I4 {len(row.writes)} writes for {len(row.attempts)} attempts"
    if sum(effect.amounts.get("notified") == "yes" for effect in row.effects) > 1:
        yield "I1 doubled: the customer was told twice"


def exclusive() -> Iterator[str]:
    """A claim ends with its operation: tomorrow the same booking is moved, the same card used again."""
    held: dict[tuple[Any, str], int] = defaultdict(int)
    for account, resource, state, is_open in Claim.objects.values_list(
        "account", "resource", "operation__state", "open"
    ):
        held[account, resource] += is_open
        if is_open != (state in OPEN):
            yield f"I1 a claim is {'open' if is_open else 'closed'} and its operation {state}"
    for count in held.values():
        if count > 1:
            yield "I1 two open claims on one thing"


def shown(pressed: Iterable[Pressed], rows: Mapping[str, Row]) -> Iterator[str]:
    for form in pressed:
        if len(form.acts) > 1:
            yield f"I8 one form, two acts: {form.name}"
        for act, pages in form.shown.items():
            if act in rows:
                yield from _story(form, rows[act].operation.state, pages)
            else:
                yield f"I4 lost: an act that was shown is gone, {form.name}"


def _story(form: Pressed, state: str, pages: list[tuple[str, str]]) -> Iterator[str]:
    over = checker.DONE | checker.FREE | {"partial"}
    for tone, was in pages:
        if tone == "done" and was not in checker.DONE:
            yield f"I5 misreported: it said “{tone}” while it was {was}, {form.name}"
        if tone == "refused" and was not in checker.FREE:
            yield f"I5 misreported: it said “{tone}” while it was {was}, {form.name}"
        if was in over and was != state:
            yield f"I5 misreported: {was} was shown, and it ended {state}, {form.name}"


# What happened --------------------------------------------------------------------------------------------------------


def stories(findings: Iterable[str], rows: Mapping[str, Row]) -> list[str]:
    """Of each act that a finding names, and of those that wanted the same thing: step by step, as our tables and the twin
    have it."""
    named = [row for row in rows.values() if any(row.operation.reference in text for text in findings)]
    things = {thing for row in named for thing in row.request["resources"]}
    told = [row for row in rows.values() if things.intersection(row.request["resources"])]
    told.sort(key=lambda row: row.operation.created_at)
    return [line for row in told for line in _story_of(row)]


def _story_of(row: Row) -> list[str]:
    events = [(step.at, f"{step.after} {step.reason}".strip()) for step in row.steps]
    events += [(one.at, f"  {one.source}: {one.verdict} {one.code} {json.dumps(one.facts)}") for one in row.evidence]
    events += [(at(seen.at), f"  asked there: {seen.endpoint} {seen.fault}".rstrip()) for seen in row.writes]
    events += [(at(done.at), f"  DONE THERE: {done.endpoint} {json.dumps(done.amounts)}") for done in row.effects]
    return [row.name, *(f"  {when:%M:%S.%f} {what}" for when, what in sorted(events))]
