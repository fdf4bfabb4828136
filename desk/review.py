"""What the review pages show: the evidence for each side, and whose word stands."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from branches.models import User
from branches.roles import Permission
from branches.selectors import branches_of
from desk import act_review
from desk.act_review import left_to, one_has_decided, sides
from desk.forms import DecisionForm
from providers.models import Decision, Discrepancy, Evidence, Operation
from providers.operations.review import REASONS, current_round
from providers.timeline import discrepancy_told, seen_of, timeline
from vouchers import cards, selectors
from vouchers.effects import resource_of
from vouchers.models import Redemption, RedemptionLine

PROBLEMS = {
    "not_allowed": _("Your role cannot decide this."),
    "not_open": _("This was decided in the meantime."),
    "own_operation": _("Nobody decides about their own redemption."),
    "decided_already": _("You have decided. A second person is needed."),
    "no_reason": _("Choose a reason."),
    "no_part": _("Choose the codes that were used."),
}
LIMIT = 50
MOST_CODES = 50  # of what was ticked, as long as it is kept in a session
DRAFT = "review draft"


def reviewable(user: User) -> QuerySet[Redemption]:
    return selectors.redemptions_for(user).filter(operation__branch__in=branches_of(user, Permission.REVIEW))


def waiting(user: User, failed: int | None = None) -> dict[str, Any]:
    rows = selectors.needs_person(user).prefetch_related("lines", "operation__decisions")
    rows = rows.order_by("operation__created_at")[:LIMIT]
    items = [cards.of_redemption(row) | {"waits_for_second": one_has_decided(row.operation)} for row in rows]
    context = {"items": items, "acts": act_review.waiting(user), "alerts": alerts(user), "failed": failed}
    return context | {"page": "review"}


def alerts(user: User) -> list[tuple[Discrepancy, str, list[tuple[str, str]]]]:
    return [(row, *discrepancy_told(row)) for row in open_discrepancies(user)[:LIMIT]]


def kept_note(request: HttpRequest) -> dict[str, Any]:
    about = request.session.get(DRAFT, {}).get("about", "")
    return {"kept_about": about, "kept_note": draft(request, about).get("note", "")} if about.isdigit() else {}


def open_discrepancies(user: User) -> QuerySet[Discrepancy]:
    rows = Discrepancy.objects.filter(branch__in=branches_of(user, Permission.REVIEW), closed_at__isnull=True)
    return rows.select_related(
        "operation__redemption", "operation__act", "operation__loyalty_act", "account", "branch"
    ).order_by("at")


def keep_draft(request: HttpRequest, about: object) -> None:
    """What was decided while the proof of who decides was too old: it comes back after the new one."""
    fields: dict[str, Any] = {
        name: request.POST.get(name, "")[:500] for name in ("applied", "reason", "note") if name in request.POST
    }
    for name in ("codes", "made"):
        if name in request.POST:
            fields[name] = [key[:80] for key in request.POST.getlist(name)[:MOST_CODES]]
    request.session[DRAFT] = {"about": str(about), "fields": fields}


def draft(request: HttpRequest, about: object) -> dict[str, Any]:
    """Once: what was left is then on the page."""
    if request.session.get(DRAFT, {}).get("about") != str(about):
        return {}
    fields: dict[str, Any] = request.session.pop(DRAFT)["fields"]
    return fields


def close(row: Discrepancy, person: User, note: str, *, now: dt.datetime) -> None:
    still_open = Discrepancy.objects.filter(pk=row.pk, closed_at__isnull=True)
    still_open.update(closed_at=now, closed_by=person, closing_note=note)


def case(row: Redemption, user: User, form: DecisionForm | None = None, problem: str = "") -> dict[str, Any]:
    operation = row.operation
    operation.refresh_from_db(
        fields=["state", "escalated_at", "finished_at"]
    )  # all of it would ask for each relation again
    said = list(operation.decisions.select_related("person"))
    entries = timeline(operation, said)
    ours, theirs = sides(entries)
    round_ = current_round(operation)
    lines = list(row.lines.all())
    return cards.of_redemption(row) | {
        "ours": ours,
        "theirs": theirs,
        "entries": entries,
        "codes": code_by_code(operation, lines) if len(lines) > 1 else [],
        "picked": form["codes"].value() or [] if form is not None and form.is_bound else [],
        "decisions": [_said(decision, lines) for decision in said],
        "first": _said(round_[0], lines) if round_ else None,
        "reasons": REASONS.items(),
        "form": form,
        "problem": PROBLEMS.get(problem, ""),
        "discrepancies": operation.discrepancies.filter(closed_at__isnull=True),
        "page": "review",
        **left_to(user, operation, round_),
    }


def _said(decision: Decision, lines: list[RedemptionLine]) -> dict[str, Any]:
    """Somebody's word, with the codes it names where it is about a part."""
    last4s = [line.code_last4 for line in lines if resource_of(line.code_hash) in decision.part]
    return {"decision": decision, "last4s": last4s}


def code_by_code(operation: Operation, lines: list[RedemptionLine]) -> list[dict[str, Any]]:
    """Each voucher of a sale with what the last look before the burn saw of it, and what the last one since."""
    looks = [row for row in operation.evidence.all() if len(row.facts.get("vouchers", ())) == len(lines)]
    before = next((row for row in reversed(looks) if row.source == Evidence.From.BEFORE), None)
    since = next((row for row in reversed(looks) if row.source in (Evidence.From.READ, Evidence.From.WATCH)), None)
    return [
        {
            "line": line,
            "before": seen_of(before.facts["vouchers"][n]) if before else "",
            "since": seen_of(since.facts["vouchers"][n]) if since else "",
        }
        for n, line in enumerate(lines)
    ]
