"""Looking codes up for a partner: the question is a row, a worker asks, and the answer is waited for a bounded moment."""

from __future__ import annotations

import datetime as dt
import logging
import uuid
from typing import Any

from django.conf import settings
from django.utils import timezone

from branches.api.refusals import FieldProblem, Refusal, wrong_field
from branches.api.waiting import wait_for
from branches.guests import Guest
from providers.operations import ring
from vouchers import outcomes, services
from vouchers.models import Lookup
from vouchers.services import CannotRedeem, Place

log = logging.getLogger(__name__)
MISSES, WHILE = 10, dt.timedelta(minutes=10)
AGAIN_IN = 5  # seconds
AWAY = {"issuer_down", "busy", "no_answer", "login_refused", "unreadable_answer", "issuer_refused"}
HELD = {"in_use_here": "voucher_claimed", "already_used_here": "already_redeemed"}
FIELDS = {
    "person_missing": "card",
    "phone_unreadable": "customer_phone",
    "other_phone": "customer_phone",
    "total_too_small": "services_total",
    "other_currency": "currency",
    "no_issuer": "provider",
}


def refuse_guessing(guest: Guest, now: dt.datetime) -> None:
    """Codes are bearer money: whoever tries them out is slowed down, and named in the log."""
    missed = Lookup.objects.filter(partner=guest.id, created_at__gt=now - WHILE)
    if missed.filter(refusal_code__in=["not_found", "malformed"])[:MISSES].count() < MISSES:
        return
    log.warning("too many unknown codes from the partner %s", guest.name)
    raise Refusal(429, "too_many_unknown_codes", retry_after=int(WHILE.total_seconds()))


def look_up(codes: list[str], provider: str, place: Place) -> list[Lookup]:
    """Each code as a row, in their order, answered as far as the bounded moment goes. Raises CannotRedeem."""
    rows: list[Lookup] = []
    for code in codes:
        now = timezone.now()
        if rows:
            rows.append(services.add_voucher(rows[0], code, place, now=now))
        else:
            rows.append(services.start_lookup(code, place, now=now, provider=provider))
        if rows[-1].state == Lookup.State.WAITING:
            ring("vouchers.look_up", rows[-1].pk)
        elif rows[-1].state != Lookup.State.FOUND:
            break  # nothing comes of the others
    wait_for(lambda: not _some_wait(rows), settings.API_WAIT_SECONDS)
    found: dict[uuid.UUID, Lookup] = Lookup.objects.select_related(
        "branch", "account", "voucher", "first", "holder"
    ).in_bulk([row.pk for row in rows])
    return [found[row.pk] for row in rows]


def _some_wait(rows: list[Lookup]) -> bool:
    waiting = [row.pk for row in rows if row.state == Lookup.State.WAITING]
    return Lookup.objects.filter(pk__in=waiting, state=Lookup.State.WAITING).exists()


def refusal_of(problem: CannotRedeem, guest: Guest, position: int = 0) -> Refusal:
    """`position` of the code that it is about."""
    code, words = problem.code, outcomes.refusal(problem.code)
    if code in HELD:
        return Refusal(409, HELD[code], words.headline, facts=_mine(problem, guest))
    if code in AWAY:
        return Refusal(503, "provider_unavailable" if code != "busy" else "busy", words.headline, retry_after=AGAIN_IN)
    return wrong_field(FIELDS.get(code, f"codes.{position}"), code, SAID.get(code) or words.headline)


SAID: dict[str, Any] = {"person_missing": outcomes.NOBODY_ON_IT, "total_too_small": outcomes.WORTH_MORE}


def _mine(problem: CannotRedeem, guest: Guest) -> dict[str, str]:
    """Whose it is, is told to nobody else."""
    holder = problem.holder
    return {"operation": str(holder.pk)} if holder and holder.partner == guest.id else {}


def still_waiting() -> Refusal:
    return Refusal(503, "provider_unavailable", outcomes.refusal("no_answer").headline, retry_after=AGAIN_IN)


def not_all_of_one(position: int) -> Refusal:
    words = outcomes.refusal("other_owner").headline
    return Refusal(422, "not_possible", fields=[FieldProblem(f"codes.{position}", "other_owner", words)])
