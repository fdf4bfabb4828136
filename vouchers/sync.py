"""The one writer of the voucher mirror: after a look-up, after an operation, and one day the nightly run."""

from __future__ import annotations

import datetime as dt
import hashlib
import json

from providers.contracts import VoucherRecord, VoucherStatus
from providers.models import Account
from providers.normalise import mask_phone
from providers.secrets import keyed_hash
from vouchers.models import Voucher, code_hash


def store_voucher(account: Account, record: VoucherRecord, now: dt.datetime) -> Voucher:
    """Insert or update one row. An older answer never overwrites a newer one (`seen_at` decides)."""
    hashed = code_hash(record.code)
    voucher, created = Voucher.objects.select_for_update().get_or_create(
        account=account,
        external_id=_external_id(record, hashed),
        defaults=_columns(record, hashed, now),
    )
    if not created and voucher.seen_at <= now:
        columns = _columns(record, hashed, now)
        Voucher.objects.filter(pk=voucher.pk).update(**columns)
        for name, value in columns.items():
            setattr(voucher, name, value)
    return voucher


def _external_id(record: VoucherRecord, hashed: str) -> str:
    """Theirs as it is, where the column can hold it: an id that cannot be kept must not keep a redemption from settling."""
    if not record.external_id:
        return f"code:{hashed[:32]}"
    if len(record.external_id) > 80 or not record.external_id.isprintable():
        return f"long:{hashlib.sha256(record.external_id.encode()).hexdigest()}"
    return record.external_id


def store_used(account: Account, hashes: list[str], now: dt.datetime) -> None:
    """The provider's own answer said these codes are used now."""
    Voucher.objects.filter(account=account, code_hash__in=hashes).update(
        status=VoucherStatus.USED, raw_status=VoucherStatus.USED, seen_at=now
    )


def _columns(record: VoucherRecord, hashed: str, now: dt.datetime) -> dict[str, object]:
    payload = dict(record.payload)
    return {
        "code_hash": hashed,
        "code_last4": record.code[-4:],
        "status": record.status,
        "raw_status": record.raw_status[:40],
        "value": record.value,
        "currency": record.currency,
        "expires_on": record.expires_on,
        "holder_name": record.holder_name[:200],
        "holder_phone_masked": mask_phone(record.holder_phone)[:40],
        "holder_phone_hash": keyed_hash("phone", record.holder_phone) if record.holder_phone else "",
        "payload": payload,
        "payload_hash": hashlib.sha256(json.dumps(payload, sort_keys=True, default=str).encode()).hexdigest(),
        "seen_at": now,
        "gone_at": None,
    }
