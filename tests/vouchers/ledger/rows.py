"""A ledger to read: redemptions in every state, one of several codes of which only a part was used, and hostile names."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from django.utils import timezone

from branches.models import Till, User
from providers.models import Operation, State
from providers.operations.life import move
from tests.web.world import Corner, walk
from vouchers import services
from vouchers.effects import resource
from vouchers.models import Redemption, RedemptionLine, code_hash

PART = Decimal(150)
FORMULA = '=HYPERLINK("http://evil.example","x")'


def redeemed(
    corner: Corner, state: str = State.SUCCEEDED, *, actor: User | None = None, till: Till | None = None
) -> Redemption:
    place = services.Place(actor or corner.clerk, corner.branch, till or corner.till)
    row = services.redeem_voucher(corner.draft(place.actor), place, now=timezone.now())
    walk(row.operation, state)
    return row


def in_part(corner: Corner, till: Till | None = None) -> Redemption:
    """Two vouchers in one sale, of 200 and 150; a look has seen that only the second is used."""
    row = redeemed(corner, State.UNKNOWN, till=till)
    first = row.lines.get()
    line = RedemptionLine(redemption=row, position=2, voucher=first.voucher, value=PART)
    line.code_hash, line.code_last4 = code_hash("SECOND"), "COND"
    line.save(force_insert=True)
    Redemption.objects.filter(pk=row.pk).update(client_pays=row.services_total - 350)
    Operation.objects.filter(pk=row.operation_id).update(amount=350)
    row.operation.refresh_from_db()
    applied = {"applied": [resource("SECOND")]}
    move(row.operation, State.PARTIAL, now=timezone.now(), by="test", outcome=applied, next_at=None)
    return row


def renamed(row: Redemption, name: str) -> Redemption:
    Redemption.objects.filter(pk=row.pk).update(person_name=name[:200])
    return row


def on_day(row: Redemption, day: dt.date) -> Redemption:
    Redemption.objects.filter(pk=row.pk).update(business_date=day)
    return row


def references(rows: Sequence[Redemption]) -> set[str]:
    return {row.operation.reference for row in rows}
