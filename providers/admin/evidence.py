"""The whole evidence of an operation on one page, and how raw facts are shown."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from typing import Any

from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime

from branches.models import Branch, User
from branches.roles import Permission, roles_with
from providers.models import Operation, State, Transition
from providers.operations.life import transition_hash
from providers.timeline import timeline


def branches_seen_by(user: Any) -> QuerySet[Branch]:
    """Where this person may see evidence; closed branches too, because their evidence stays."""
    roles = roles_with(Permission.EVIDENCE)
    return Branch.objects.filter(memberships__user=user, memberships__role__in=roles)


def evidence_of(operation: Operation) -> SafeString:
    """Everything that is known, oldest first, and the steps of its life with their hash chain checked."""
    steps = list(operation.transitions.order_by("n"))
    context = {
        "entries": timeline(operation),
        "steps": [step_told(step) for step in steps],
        "broken": broken_step(operation, steps),
        "branch": operation.branch,
        "claims": operation.claims.order_by("resource"),
    }
    return render_to_string("admin/evidence.html", context)


def step_told(step: Transition) -> dict[str, Any]:
    return {
        "at": step.at,
        "before": _state(step.before),
        "after": _state(step.after),
        "by": _person(step.by) or step.by,
        "reason": step.reason,
    }


def _state(value: str) -> str:
    return str(dict(State.choices).get(value, value))


def _person(key: str) -> User | None:
    """A step is made by a worker, named in a word, or by a person, named by id."""
    try:
        return User.objects.filter(pk=uuid.UUID(key)).first()
    except ValueError:
        return None


def broken_step(operation: Operation, steps: list[Transition]) -> int | None:
    """The number of the first step that was changed, removed or added behind our back."""
    previous = ""
    for n, step in enumerate(steps, start=1):
        if step.n != n or step.previous_hash != previous or step.hash != transition_hash(step):
            return n
        previous = step.hash
    whole = (operation.steps, operation.last_hash) == (len(steps), previous)
    return None if whole else len(steps) + 1


def link_to_operation(operation: Operation | None) -> SafeString:
    if operation is None:
        return SafeString("—")
    address = reverse("admin:providers_operation_change", args=[operation.pk])
    return format_html('<a href="{}"><bdi dir="ltr">{}</bdi></a>', address, operation.reference)


def moment_words(moment: dt.datetime | None) -> str:
    return date_format(localtime(moment), "DATETIME_FORMAT") if moment else "—"


def verbatim(text: str) -> SafeString:
    return format_html('<pre class="verbatim" dir="ltr">{}</pre>', text) if text else SafeString("—")


def in_lines(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) if value else ""
