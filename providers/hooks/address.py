"""The part of an address that nobody can guess, and how it is kept."""

from __future__ import annotations

import datetime as dt
import secrets

from providers.models import Account, HookAddress
from providers.secrets import keyed_hash, seal, unseal

BYTES = 32  # 256 bits
LONGEST = 64


def address_of(account: Account) -> str:
    """The last part of its address, '' where none was made. Raises Unsealable when its key is gone."""
    row = HookAddress.objects.filter(account=account).first()
    return unseal(row.sealed_key, row.context()) if row else ""


def new_address(account: Account, now: dt.datetime) -> str:
    """From now on the one before it leads nowhere: it may have been seen."""
    key = secrets.token_urlsafe(BYTES)
    row = HookAddress(account=account)
    changes = {"key_hash": _hash(key), "sealed_key": seal(key, row.context()), "made_at": now}
    HookAddress.objects.update_or_create(account=account, defaults=changes)
    return key


def account_at(provider: str, key: str) -> HookAddress | None:
    """Whose address this is. One that was rotated away, one of a closed account and one that never was are the same."""
    rows = HookAddress.objects.filter(account__is_active=True, account__provider=provider)
    return rows.select_related("account").filter(key_hash=_hash(key[:LONGEST])).first()


def _hash(key: str) -> str:
    return keyed_hash("hook address", key)
