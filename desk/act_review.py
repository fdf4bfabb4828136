"""Changes to bookings and cards that a person must decide: what was asked for, what stands there now, the evidence."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from branches.models import User
from desk import bookings, cards
from desk.changes import Changes
from desk.forms import NAMING_PROBLEMS, ActDecisionForm
from providers.models import Decision, Operation, State
from providers.operations.review import current_round, people_needed
from providers.timeline import Entry, discrepancy_told, timeline

LIMIT = 50
CHANGES: dict[str, Changes] = {"bookings": bookings.CHANGES, "cards": cards.CHANGES}
PROBLEMS = {
    "not_allowed": _("Your role cannot decide this."),
    "not_open": _("This was decided in the meantime."),
    "own_operation": _("Nobody decides about what they asked for themselves."),
    "decided_already": _("You have decided. A second person is needed."),
    "no_reason": _("Choose a reason."),
    **NAMING_PROBLEMS,
}


def waiting(user: User) -> list[dict[str, Any]]:
    """Of every domain, oldest first."""
    found = [item for changes in CHANGES.values() for item in _waiting(changes, user)]
    return sorted(found, key=lambda item: item["operation"].created_at)


def _waiting(changes: Changes, user: User) -> list[dict[str, Any]]:
    rows = changes.needing_person(user).select_related("operation__actor")
    rows = rows.prefetch_related("operation__decisions").order_by("operation__created_at")[:LIMIT]
    return [
        changes.about(row)
        | {"waits_for_second": one_has_decided(row.operation), "review": changes.address("review", row)}
        for row in rows
    ]


def one_has_decided(operation: Operation) -> bool:
    """`current_round` for a list: of rows that are there already."""
    found = list(operation.decisions.all())
    last = max((decision.round for decision in found), default=0)
    return len({decision.word for decision in found if decision.round == last}) == 1


def form_for(changes: Changes, row: Any, data: Any = None) -> ActDecisionForm:
    """With what may be chosen from as it stands there now."""
    return ActDecisionForm(data, there=changes.there(row), most=changes.most(row))


def case(changes: Changes, row: Any, user: User, form: ActDecisionForm, problem: str = "") -> dict[str, Any]:
    operation = row.operation
    said = list(operation.decisions.select_related("person"))
    entries, round_, kind = timeline(operation, said), current_round(operation), changes.kind_of(row)
    ours, theirs = sides(entries)
    names = changes.named(row, {key for decision in said for key in decision.named or ()})
    found = operation.discrepancies.filter(closed_at__isnull=True).select_related("account")
    return {
        "changes": changes,
        "decide_url": changes.address("decide", row),
        "take_url": changes.address("take", row),
        "item": changes.about(row),
        "act": row,
        "operation": operation,
        "branch": operation.branch,
        "kind": kind,
        "look_for": changes.look_for(row),
        "there": form.there,
        "offered": form.offered,
        "picked": (form["made"].value() or []) if form.is_bound else [],
        "one_only": form.most == 1,
        "ours": ours,
        "theirs": theirs,
        "entries": entries,
        "decisions": [_said(decision, kind, names) for decision in said],
        "first": _said(round_[0], kind, names) if round_ else None,
        "reasons": changes.reasons.items(),
        "form": form,
        "problem": PROBLEMS.get(problem, ""),
        "discrepancies": [(one, discrepancy_told(one)[0]) for one in found],
        "page": "review",
        **left_to(user, operation, round_),
    }


def _said(decision: Decision, kind: Any, names: dict[str, str]) -> dict[str, Any]:
    """Somebody's word, with what of theirs it names."""
    return {
        "decision": decision,
        "word": kind.done if decision.applied else kind.not_done,
        "named": [names.get(key, "—") for key in decision.named or ()],
        "none_of_them": decision.named == [],
    }


def left_to(user: User, operation: Operation, round_: list[Decision]) -> dict[str, Any]:
    """What a person may still do about it, and how many must."""
    return {
        "needed": people_needed(operation),
        "open": operation.state == State.NEEDS_REVIEW,
        "can_take": operation.state == State.UNKNOWN and operation.escalated_at is not None,
        "own": operation.actor_id == user.pk,
        "decided": any(decision.person_id == user.pk for decision in round_),
    }


def sides(entries: list[Entry]) -> tuple[list[Entry], list[Entry]]:
    """The same facts, sorted by what they speak for. What decides nothing stands on the side of doubt; the calls behind the
    facts stand below, whole."""
    facts = [entry for entry in entries if not entry.is_call]
    return [entry for entry in facts if entry.for_us], [entry for entry in facts if not entry.for_us]
