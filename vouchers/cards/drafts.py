"""The cards before the last press: waiting, verified, the vouchers of a sale, amounts, confirm."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.utils import timezone

from providers.badges import SLOW
from providers.contracts import POINTS
from vouchers import selectors, services
from vouchers.cards.around import AMOUNTS, CONFIRM, SCAN, VERIFY, chosen, groups, known_by_phone, of_lookup, steps
from vouchers.models import Lookup
from vouchers.outcomes import SERVE_FULL, refusal
from vouchers.services import CannotRedeem
from vouchers.services.lookup import IN_SALE
from vouchers.services.sale import has_same_owner

OWNER_PROBLEMS = {"other_phone", "phone_unreadable", "person_missing", "still_looking"}


def waiting(row: Lookup) -> dict[str, Any]:
    age = timezone.now() - row.created_at
    return of_lookup(row) | {
        "steps": steps(SCAN),
        "polls": True,
        "slow": age > SLOW,
        "seconds": int(age.total_seconds()),
    }


def verified(row: Lookup, error: str = "") -> dict[str, Any]:
    return of_lookup(row) | {"steps": steps(VERIFY), "cards": row.cards, "error": refusal(error) if error else None}


def sale(row: Lookup, *, now: dt.datetime, at: str = "", typed_phone: str = "", error: str = "") -> dict[str, Any]:
    """The vouchers of a sale as they are scanned, and whose they are. `at`: where the person goes on, "owner" or the box."""
    owner = selectors.owner_of(row)
    others = selectors.others_of(row)
    entries = [_entry(one, row, owner, now, several=bool(others)) for one in (row, *others)]
    waits = any(entry["waits"] for entry in entries)
    where = "owner" if error in OWNER_PROBLEMS else "next"
    facts: dict[str, Any] = {
        "entries": entries,
        "waits": waits,
        "at": at or where,
        "typed_phone": typed_phone,
        "confirmed": chosen(row),
    }
    facts |= {"problem": {where: refusal(error)} if error else {}, "standing": _list_standing(entries)}
    if not waits and owner:
        facts |= _sums(row, now)
    return of_lookup(row) | {"steps": steps(SCAN if waits and owner is None else VERIFY)} | facts


def _sums(row: Lookup, now: dt.datetime) -> dict[str, Any]:
    try:
        found = services.sale_of(row, now)
    except CannotRedeem as problem:
        return {"unpriced": refusal(problem.code)}
    points = sum((part.points for part in found.parts if part.points is not None), Decimal(0))
    return {"sale": found, "worth": found.worth, "currency": found.currency, "points": points, "unit": POINTS}


def _list_standing(entries: list[dict[str, Any]]) -> str:
    """Says to a poll whether the list would look as it does."""
    return " ".join(f"{entry['lookup'].pk.hex[:8]}-{entry['lookup'].state}-{entry['slow']:d}" for entry in entries)


def _entry(one: Lookup, first: Lookup, owner: Lookup | None, now: dt.datetime, *, several: bool) -> dict[str, Any]:
    """One voucher of the list: its code, what it is worth in the issuer's unit, and why it does not count, if so."""
    provider, age = first.account.provider if first.account else "", now - one.created_at
    code = "" if one.state in IN_SALE else one.refusal_code
    if one.state == Lookup.State.FOUND and owner and not has_same_owner(owner, one):
        code = "other_owner"
    problem = refusal(code) if code else None
    return {
        "lookup": one,
        "groups": groups(provider, one.code, one.code_last4),
        "typed": one.typed,
        "voucher": one.voucher if one.state == Lookup.State.FOUND else None,
        "waits": one.state == Lookup.State.WAITING,
        "seconds": int(age.total_seconds()),
        "slow": one.state == Lookup.State.WAITING and age > SLOW,
        "problem": problem,
        "advice": problem.now if problem and problem.now is not SERVE_FULL else "",
        "removable": one.pk != first.pk or several,
    }


def amounts(
    row: Lookup,
    found: services.Sale,
    typed: str | None = None,
    problem: str = "",
    refusal: CannotRedeem | None = None,
) -> dict[str, Any]:
    shown = typed if typed is not None else (str(row.services_total) if row.services_total is not None else "")
    figures = refusal.figures if refusal else {}
    left = None
    if not problem and refusal is None and row.services_total is not None:
        left = max(row.services_total - found.worth, Decimal(0))
    facts = {"typed_total": shown, "problem": problem, "figures": figures, "left": left, "person": chosen(row)}
    return of_lookup(row) | {"steps": steps(AMOUNTS)} | of_sale(found) | facts


def of_sale(found: services.Sale) -> dict[str, Any]:
    assert found.first.account is not None
    provider = found.first.account.provider
    listed = [
        {"groups": groups(provider, part.lookup.code, part.lookup.code_last4), "part": part} for part in found.parts
    ]
    facts = {"sale": found, "worth": found.worth, "currency": found.currency, "unit": POINTS, "listed": []}
    if len(listed) > 1 or found.rate is not None:  # then the list has the codes, and what each takes off
        facts |= {"listed": listed, "groups": (), "typed": "", "many": len(listed) > 1}
    return facts | {"by_phone": known_by_phone(found.first), "voucher": found.parts[0].voucher}


def confirm(row: Lookup, now: dt.datetime) -> dict[str, Any]:
    draft = services.ready_to_redeem(row, now)
    facts = {"left": draft.left, "person": draft.card, "shown": shown(row, draft.sale)}
    return of_lookup(row) | {"steps": steps(CONFIRM)} | of_sale(draft.sale) | facts


def shown(row: Lookup, found: services.Sale) -> str:
    """What the confirm card repeats and another tab may change: it comes back with the press."""
    last4s = " ".join(part.lookup.code_last4 for part in found.parts)
    return f"{row.person} {row.services_total} {found.worth} {last4s}".strip()
