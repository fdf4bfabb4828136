"""The card of a redemption, from the first moment to its end, as plain facts for its template."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from branches.money import money
from branches.roles import Permission
from branches.selectors import permissions_at
from providers.badges import ICONS, SLOW
from providers.models import Operation, State
from providers.timeline import labelled, timeline
from vouchers import selectors
from vouchers.cards.around import RESULT, groups, groups_of, of_redemption, steps
from vouchers.effects import lines_used, resource_of, used_in
from vouchers.models import Redemption
from vouchers.outcomes import SHORT, Words, short_for, words_for
from vouchers.several import words_for_several


def result(row: Redemption, user: Any, *, now: dt.datetime) -> dict[str, Any]:
    operation = row.operation
    age = now - operation.created_at
    words = words_of(row, slow=age > SLOW)
    lines = row.lines.all()
    rights = permissions_at(user, operation.branch)
    return of_redemption(row) | {
        "steps": steps(RESULT),
        "words": words,
        "tone": words.tone,
        "icon": ICONS[words.tone],
        "short": short_for(operation, words),
        "amount": headline_amount(row, words),
        "say": sentences(row, words),
        "lines": lines_of(row),
        "taken": taken_off(row),
        "seconds": int(((operation.finished_at or now) - operation.created_at).total_seconds()),
        "polls": operation.is_open and operation.state != State.NEEDS_REVIEW,
        "standing": standing(operation, now),
        "slow": age > SLOW,
        "voucher": lines[0].voucher,
        "groups": (operation.reference,) if len(lines) > 1 else groups_of(row),
        "applied": is_applied(operation),
        "retry": retryable(row),
        "mine": operation.actor_id == user.pk,
        "entries": timeline(operation) if Permission.EVIDENCE in rights else [],
        "references": labelled(operation.outcome.get("references", {})),
        **corrections(row, rights),
    }


def corrections(row: Redemption, rights: frozenset[str]) -> dict[str, Any]:
    """What is disputed or was taken back afterwards, and what this person may do about it."""
    if row.operation.state not in selectors.APPLIED:
        return {}
    case: Any = selectors.case_of(row)
    corrected = case.taken_back if case else None
    free = (case is None or case.is_closed) and -(corrected or 0) < taken_off(row)
    return {
        "disputed": None if case is None or case.is_closed else case.amount,
        "corrected": corrected,
        "case": case if Permission.CASES in rights else None,
        "may_open_case": free and Permission.CASES_OPEN in rights,
    }


def words_of(row: Redemption, *, slow: bool) -> Words:
    words = words_for_several if len(row.lines.all()) > 1 else words_for
    return words(row.operation, slow=slow)


def standing(operation: Operation, now: dt.datetime) -> str:
    """What a page shows of it, in a word: as long as it stays, there is nothing new to show."""
    return f"{operation.state}-{words_for(operation, slow=now - operation.created_at > SLOW).tone}"


def lines_of(row: Redemption) -> list[dict[str, Any]]:
    """Which of several vouchers was used: shown where there is more than one, or where they are points."""
    operation, lines = row.operation, list(row.lines.all())
    if len(lines) == 1 and lines[0].points is None:
        return []
    used = used_in(operation)
    open_tone = words_for(operation, slow=False).tone if operation.is_open else ""
    tones = [open_tone or ("done" if resource_of(line.code_hash) in used else "refused") for line in lines]
    return [
        {
            "line": line,
            "groups": groups(operation.account.provider, line.code, line.code_last4),
            "tone": tone,
            "icon": ICONS[tone],
            "label": SHORT[tone],
        }
        for line, tone in zip(lines, tones, strict=True)
    ]


def taken_off(row: Redemption) -> Decimal:
    """What the vouchers took off the bill: of a redemption in part, those that were used."""
    if not row.operation.in_part:
        return row.operation.amount
    return sum((line.value for line in lines_used(row)), Decimal(0))


def to_pay(row: Redemption) -> Decimal:
    return row.services_total - taken_off(row)


def is_applied(operation: Operation) -> bool:
    return operation.state in (State.SUCCEEDED, State.RESOLVED_APPLIED, State.PARTIAL)


def retryable(row: Redemption) -> bool:
    """A new attempt is safe: nothing was sent, or two looks and the waiting time say that nothing happened. Of a sale that was
    refused because of one of its vouchers the others can be redeemed."""
    if row.operation.state == State.REFUSED and row.operation.sends == 0 and len(row.lines.all()) > 1:
        return row.lookup_id is not None
    ended = row.operation.state in (State.NOT_SENT, State.NOT_APPLIED, State.RESOLVED_NOT_APPLIED)
    return row.lookup_id is not None and (ended or row.operation.in_part)  # of a part: what was not used


def headline_amount(row: Redemption, words: Words) -> tuple[str, SafeString] | None:
    """The largest thing on the card: what to take now, what is at stake, or nothing."""
    total, value, several = row.services_total, row.operation.amount, len(row.lines.all()) > 1
    return {
        "to_pay": (_("Take from the customer now"), money(to_pay(row), row.currency, "xl")),
        "value": (
            _("Value of the vouchers") if several else _("Value of the voucher"),
            money(value, row.currency, "xl"),
        ),
        "total": (_("The customer pays in full"), money(total, row.currency, "xl")),
        "zero": (_("Taken off with the voucher"), money(Decimal(0), row.currency, "xl")),
    }.get(words.money)


def sentences(row: Redemption, words: Words) -> dict[str, SafeString]:
    """The texts with their figures in. The figures are our own markup; the texts are ours; nothing else is in them."""
    figures = {
        "to_pay": money(to_pay(row), row.currency),
        "value": money(taken_off(row), row.currency),
        "n": len(row.lines.all()),
        "used": len(used_in(row.operation)) if row.operation.in_part else 0,
    }
    nothing_left = words.money == "to_pay" and to_pay(row) == 0
    now = _("Nothing to take. Give the receipt.") if nothing_left else words.now
    texts = {"now": now, "customer": words.customer, "what": words.what, "headline": words.headline}
    return {name: mark_safe(str(text % figures)) for name, text in texts.items()}  # noqa: S308  # all of it is ours, as said above
