"""Changes to bookings that a person must decide: what was asked for, what stands there now, and the evidence of each side."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from branches.models import User
from desk.bookings import about
from desk.forms import NAMING_PROBLEMS, ActDecisionForm
from providers.models import Decision, Operation, State
from providers.operations.review import current_round, people_needed
from providers.timeline import Entry, discrepancy_told, timeline
from reservations import selectors
from reservations.evidence import LOOK_FOR, REASONS
from reservations.models import Act
from reservations.outcomes import kind_of

LIMIT = 50
PROBLEMS = {
    "not_allowed": _("Your role cannot decide this."),
    "not_open": _("This was decided in the meantime."),
    "own_operation": _("Nobody decides about what they asked for themselves."),
    "decided_already": _("You have decided. A second person is needed."),
    "no_reason": _("Choose a reason."),
    **NAMING_PROBLEMS,
}


def waiting(user: User) -> list[dict[str, Any]]:
    rows = selectors.acts_needing_person(user).select_related("operation__actor")
    rows = rows.prefetch_related("operation__decisions").order_by("operation__created_at")[:LIMIT]
    return [about(row) | {"waits_for_second": one_has_decided(row.operation)} for row in rows]


def one_has_decided(operation: Operation) -> bool:
    """`current_round` for a list: of rows that are there already."""
    found = list(operation.decisions.all())
    last = max((decision.round for decision in found), default=0)
    return len({decision.word for decision in found if decision.round == last}) == 1


def form_for(row: Act, data: Any = None) -> ActDecisionForm:
    """With what may be chosen from as it stands there now."""
    return ActDecisionForm(data, there=selectors.candidates_of(row), most=selectors.most_named(row))


def case(row: Act, user: User, form: ActDecisionForm, problem: str = "") -> dict[str, Any]:
    operation = row.operation
    said = list(operation.decisions.select_related("person"))
    entries, round_, kind = timeline(operation, said), current_round(operation), kind_of(operation)
    ours, theirs = sides(entries)
    names = selectors.named_there(row, {key for decision in said for key in decision.named or ()})
    found = operation.discrepancies.filter(closed_at__isnull=True).select_related("account")
    return {
        "item": about(row),
        "act": row,
        "operation": operation,
        "branch": operation.branch,
        "kind": kind,
        "look_for": LOOK_FOR[operation.kind],
        "there": form.there,
        "offered": form.offered,
        "picked": (form["made"].value() or []) if form.is_bound else [],
        "one_only": form.most == 1,
        "ours": ours,
        "theirs": theirs,
        "entries": entries,
        "decisions": [_said(decision, row, names) for decision in said],
        "first": _said(round_[0], row, names) if round_ else None,
        "reasons": REASONS.items(),
        "form": form,
        "problem": PROBLEMS.get(problem, ""),
        "discrepancies": [(one, discrepancy_told(one)[0]) for one in found],
        "page": "review",
        **left_to(user, operation, round_),
    }


def _said(decision: Decision, row: Act, names: dict[str, str]) -> dict[str, Any]:
    """Somebody's word, with what of theirs it names."""
    kind = kind_of(row.operation)
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
