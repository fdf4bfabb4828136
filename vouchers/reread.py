"""For the nightly re-read: every voucher whose code we still hold, and which no operation of ours has used."""

from __future__ import annotations

import datetime as dt
import uuid
from functools import partial
from typing import Any

from django.db.models import Q

from providers.contracts import VoucherProvider, VoucherRecord, VoucherStatus
from providers.models import Account, Restoration
from providers.operations import Look, Verdict
from providers.operations.reread import Known
from vouchers import sync
from vouchers.effects import fact_of, resource
from vouchers.models import Lookup

FIRST = uuid.UUID(int=0)


class LookedUp:
    name = "look-ups"

    def page(self, after: str, size: int, since: Restoration | None, now: dt.datetime) -> list[Known]:
        rows = Lookup.objects.filter(_wanted(since), account__isnull=False, pk__gt=uuid.UUID(after) if after else FIRST)
        rows = rows.exclude(sealed_code=b"").select_related("account", "branch").order_by("pk")
        return [_known(row) for row in rows[:size]]


def _wanted(since: Restoration | None) -> Q:
    """On most nights what was usable and left on the desk. After a restoration everything that was not known to be used."""
    if since is None:
        return Q(state=Lookup.State.FOUND, redemption__isnull=True, first__redemption__isnull=True)
    was_used = Q(state=Lookup.State.REFUSED, refusal_code="already_used", answered_at__lte=since.taken_at)
    return Q(created_at__lte=since.restored_at) & ~was_used


def _known(row: Lookup) -> Known:
    assert row.account is not None
    code = row.code
    look, store = partial(_look, code), partial(_store, row.account)
    return Known(str(row.pk), row.account, row.branch, resource(code), look, store)


def _look(code: str, client: VoucherProvider) -> Look:
    record = client.find_voucher(code)
    used = record is not None and record.status == VoucherStatus.USED
    facts = {"last4": code[-4:], "vouchers": [fact_of(code, record)]}
    return Look(Verdict.APPLIED if used else Verdict.CLEAR, facts=facts, records=(record,) if record else ())


def _store(account: Account, records: tuple[Any, ...], now: dt.datetime) -> None:
    found: tuple[VoucherRecord, ...] = records
    for record in found:
        sync.store_voucher(account, record, now)
