"""What is dropped, and when."""

from __future__ import annotations

import datetime as dt
from datetime import timedelta

from django.db.models import Q

from providers.operations.reread import waiting_restoration
from vouchers.models import Lookup, RedemptionLine

KEEP_LOOKUP = timedelta(hours=24)
KEEP_CODE = timedelta(days=30)


def purge_vouchers(*, now: dt.datetime) -> dict[str, int]:
    """Drop what is not needed any more: look-ups without a redemption after a day, sealed codes 30 days after the end."""
    stale = Lookup.objects.filter(created_at__lt=now - KEEP_LOOKUP)
    cards = stale.exclude(sealed_cards=b"").update(sealed_cards=b"")
    # After a restoration the codes in them are how the re-read finds what was done since: it comes first.
    unsold = stale.filter(redemption__isnull=True, first__redemption__isnull=True)
    gone = 0 if waiting_restoration(now) else unsold.delete()[0]
    finished = now - KEEP_CODE
    lines = RedemptionLine.objects.filter(redemption__operation__finished_at__lt=finished).exclude(sealed_code=b"")
    codes = lines.update(sealed_code=b"")
    sold = Q(redemption__operation__finished_at__lt=finished) | Q(
        first__redemption__operation__finished_at__lt=finished
    )
    Lookup.objects.filter(sold).update(sealed_code=b"", sealed_typed=b"")
    return {"lookups": gone, "cards": cards, "codes": codes}
