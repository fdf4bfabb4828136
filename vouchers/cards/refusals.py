"""The cards that say no: what cannot be read, found or used, and what waits too long."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.shortcuts import resolve_url
from django.utils.translation import gettext as _

from branches.money import money
from branches.roles import Permission
from branches.selectors import may
from providers.badges import icon_of_refusal
from providers.models import Operation
from vouchers import selectors
from vouchers.cards.around import CONFIRM, SCAN, VERIFY, of_lookup, steps
from vouchers.models import Lookup, Redemption
from vouchers.outcomes import refusal
from vouchers.services import CannotRedeem


def unreadable(typed: str) -> dict[str, Any]:
    return {
        "steps": steps(SCAN),
        "words": refusal("malformed"),
        "tone": "refused",
        "typed": str(typed)[:60],
        "code": "malformed",
    }


def busy(typed: str) -> dict[str, Any]:
    """Nothing was recorded: what she typed goes along, for the next try."""
    facts = {"steps": steps(SCAN), "words": refusal("busy"), "tone": "plain", "icon": "warn", "state_text": _("Busy")}
    return facts | {
        "typed": typed[:200],
        "code": "busy",
        "retry": resolve_url("vouchers:start"),
        "retry_q": typed[:200],
    }


def refused_lookup(row: Lookup, user: Any) -> dict[str, Any]:
    failed = row.state == Lookup.State.FAILED
    return _refused(row, row.refusal_code, row.holder, user) | {"retry": _again(row) if failed else ""}


def refused(row: Lookup, problem: CannotRedeem, user: Any) -> dict[str, Any]:
    """Too much waits: the same press once more. No answer: the voucher is read once more."""
    retry = {"issuer_down": _again(row), "busy": resolve_url("vouchers:confirm", row.pk)}.get(problem.code, "")
    found = _refused(row, problem.code, problem.holder, user) | {"retry": retry}
    return found | ({"state_text": _("Busy"), "steps": steps(CONFIRM)} if problem.code == "busy" else {})


def _again(row: Lookup) -> str:
    return resolve_url("vouchers:again", row.pk)


def _refused(row: Lookup, code: str, holder: Operation | None, user: Any) -> dict[str, Any]:
    words = refusal(code)
    currency = row.voucher.currency if row.voucher else row.branch.currency
    holder = holder or _ours(row, code)
    return of_lookup(row) | {
        "steps": steps(VERIFY if code != "malformed" else SCAN),
        "words": words,
        "tone": words.tone,
        "icon": icon_of_refusal(words.tone),
        "state_text": {"checking": _("In use"), "plain": _("No answer")}.get(words.tone, _("Cannot be used")),
        "code": code,
        "zero": money(Decimal(0), currency, "xl") if words.money == "zero" else "",
        "holder": holder,
        "holder_redemption": _open_to(holder, user),
    }


def _ours(row: Lookup, code: str) -> Operation | None:
    """The issuer says used: was it us?"""
    if code != "already_used" or row.account is None:
        return None
    return selectors.holder_of(row.account, row.code)


def _open_to(holder: Operation | None, user: Any) -> Redemption | None:
    if holder is None or not may(user, Permission.LEDGER, holder.branch):
        return None
    return Redemption.objects.filter(operation=holder).first()
