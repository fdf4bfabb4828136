"""A person ends what a machine cannot: with the evidence in view, a reason, and a second person above the branch's limit.

Of an operation over several resources a part may have been used: then people say which, and agree on the same ones. So they do
of one that makes something there: which of what stands there it made."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from branches.models import User
from branches.roles import Permission
from branches.selectors import may
from providers.models import Decision, Evidence, Operation, State
from providers.operations.effects import Naming, effect_of
from providers.operations.life import database_now, move, note

REASONS = {
    "issuer_confirmed": _("The issuer confirmed it"),
    "issuer_portal": _("Seen in the issuer's portal"),
    "evidence_agrees": _("The evidence agrees"),
    "customer_confirmed": _("The customer confirmed it"),
}


class ReviewRefused(Exception):
    """`code` says why: not_allowed, not_open, own_operation, decided_already, no_reason, no_part, or what the effect says of
    the names (`Naming`)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def hand_over(operation: Operation, person: User) -> Operation:
    """A supervisor takes an overdue unknown from the machine. Only after it was escalated."""
    with transaction.atomic(durable=True):
        row = _locked(operation)
        if not may(person, Permission.REVIEW, row.branch):
            raise ReviewRefused("not_allowed")
        if row.state != State.UNKNOWN or row.escalated_at is None:
            raise ReviewRefused("not_open")
        now = database_now()
        changes = {"claim_token": None, "lease_until": None, "next_at": None}
        move(row, State.NEEDS_REVIEW, now=now, by=str(person.pk), reason="handed_over", **changes)
    return row


def decide(
    operation: Operation,
    person: User,
    *,
    applied: bool,
    reason: str,
    note_text: str = "",
    part: Collection[str] | None = None,
    named: Collection[str] | None = None,
) -> Operation:
    """One person's decision. Final when enough people agree; when two disagree, the next round starts with nobody's word.
    `part`: of what was applied the resources that were used, where it was not all of them. `named`: of what stands there the
    ids of what it made, empty for none of them.

    Raises ReviewRefused. Nobody decides about an operation of their own.
    """
    with transaction.atomic(durable=True):
        row = _locked(operation)
        _refuse(row, person, reason)
        now = database_now()
        used = _part(row, part) if applied and part is not None else []
        ours = _named(row, named) if applied else None
        current = current_round(row)
        if any(decision.person_id == person.pk for decision in current):
            raise ReviewRefused("decided_already")
        number = current[0].round if current else _next_round(row)
        decision = Decision(
            operation=row, person=person, applied=applied, part=used, reason=reason, note=note_text[:500]
        )
        decision.named = ours
        decision.round, decision.at = number, now
        decision.save(force_insert=True)
        facts = {"person": str(person.pk), "reason": reason, "note": note_text[:500]}
        verdict = ("partial" if used else "applied") if applied else "not_applied"
        note(row, Evidence.From.PERSON, verdict, now=now, facts=facts)
        if len(current) + 1 >= people_needed(row) and all(other.word == decision.word for other in current):
            told: dict[str, Any] = ({"applied": used} if used else {}) | ({} if ours is None else {"named": ours})
            changes: dict[str, Any] = {"outcome": {**row.outcome, **told}} if told else {}
            state = State.RESOLVED_APPLIED if applied else State.RESOLVED_NOT_APPLIED
            move(
                row, state, now=now, by=str(person.pk), reason=reason, evidence_level="person", next_at=None, **changes
            )
    return row


def _part(operation: Operation, named: Collection[str]) -> list[str]:
    """Empty for all of them, which is no part."""
    whole, used = set(operation.claims.values_list("resource", flat=True)), set(named)
    if not used or not used <= whole:
        raise ReviewRefused("no_part")
    return sorted(used) if used < whole else []


def _named(operation: Operation, named: Collection[str] | None) -> list[str] | None:
    """None where nobody was asked: it makes nothing, or nothing stands there that it could have made."""
    effect = effect_of(operation)
    if not isinstance(effect, Naming):
        return None
    problem = effect.named_problem(operation, named)
    if problem:
        raise ReviewRefused(problem)
    return None if named is None else sorted(set(named))


def people_needed(operation: Operation) -> int:
    return 2 if operation.amount > operation.branch.two_person_limit else 1


def current_round(operation: Operation) -> list[Decision]:
    """The decisions that still stand: those of the last round, unless they contradict each other."""
    last = list(operation.decisions.select_related("person").order_by("-round", "at"))
    standing = [decision for decision in last if decision.round == last[0].round] if last else []
    return standing if len({decision.word for decision in standing}) == 1 else []


def _next_round(operation: Operation) -> int:
    last = operation.decisions.order_by("-round").first()
    return last.round + 1 if last else 1


def _locked(operation: Operation) -> Operation:
    return Operation.objects.select_for_update(of=("self",)).select_related("branch").get(pk=operation.pk)


def _refuse(operation: Operation, person: User, reason: str) -> None:
    if not may(person, Permission.REVIEW, operation.branch):
        raise ReviewRefused("not_allowed")
    if operation.state != State.NEEDS_REVIEW:
        raise ReviewRefused("not_open")
    if operation.actor_id == person.pk:
        raise ReviewRefused("own_operation")
    if reason not in REASONS:
        raise ReviewRefused("no_reason")
