"""Making, finding and ending keys. A key is `wasl_<prefix>_<256 bits>`; of the bits only a hash is kept."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import ipaddress
import re
import secrets
from collections.abc import Iterable, Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet

from branches.models import Branch
from partners.models import Key, Partner
from partners.scopes import ALL, SCOPES, spelled_out

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # nothing that is misread aloud
PREFIX_LENGTH = 8
MOST_LIVE = 2  # the old one and the new one, while a partner changes over
SHAPE = re.compile(r"wasl_([0-9a-z]{8})_([A-Za-z0-9_-]{43})")
USED_EVERY = dt.timedelta(minutes=1)  # how exactly "last used" is known


def issue_key(
    name: str,
    *,
    branches: Sequence[Branch],
    scopes: Iterable[str],
    now: dt.datetime,
    expires_at: dt.datetime | None = None,
    addresses: Sequence[str] = (),
) -> tuple[Key, str]:
    """The key's row, and the key: nobody can show it again. Raises ValidationError."""
    _check(scopes, branches, addresses, expires_at, now)
    with transaction.atomic():
        partner = _partner(name, now)
        if live_keys(partner, now).count() >= MOST_LIVE:
            raise ValidationError(f"{partner} has {MOST_LIVE} live keys. Revoke one of them first.")
        prefix = "".join(secrets.choice(ALPHABET) for _ in range(PREFIX_LENGTH))
        secret = secrets.token_urlsafe(32)
        key = Key(partner=partner, prefix=prefix, secret_hash=_hashed(secret), created_at=now, expires_at=expires_at)
        key.branches = sorted({branch.code for branch in branches})
        key.scopes, key.addresses = spelled_out(scopes), list(addresses)
        key.full_clean(exclude=["partner", "last_used_at"])
        key.save(force_insert=True)
    return key, f"wasl_{prefix}_{secret}"


def revoke_key(prefix: str, *, now: dt.datetime) -> Key:
    """It ends with the next request. Raises ValidationError where there is none. A second time changes nothing."""
    with transaction.atomic():
        key = Key.objects.select_for_update(of=("self",)).select_related("partner").filter(prefix=prefix).first()
        if key is None:
            raise ValidationError("There is no key that begins like this.")
        if key.revoked_at is None:
            key.revoked_at = now
            key.save(update_fields=["revoked_at"])
    return key


def live_keys(partner: Partner, now: dt.datetime) -> QuerySet[Key]:
    return partner.keys.filter(Q(expires_at__isnull=True) | Q(expires_at__gt=now), revoked_at__isnull=True)


def find_key(presented: str, address: str, *, now: dt.datetime) -> Key | None:
    """The live key of an active partner, presented from where it may be. Asked of the database each time: a key that was
    revoked a moment ago opens nothing."""
    match = SHAPE.fullmatch(presented)
    if match is None:
        return None
    key = next(iter(Key.objects.select_related("partner").filter(prefix=match[1]).order_by()), None)  # at most one
    expected = key.secret_hash if key else "0" * 64  # the same work for a prefix that nobody has
    fits = hmac.compare_digest(expected, _hashed(match[2]))
    if key is None or not fits or not _is_live(key, now) or not _may_come_from(key, address):
        return None
    return key


def note_use(key: Key, address: str, *, now: dt.datetime) -> None:
    """About once a minute: a row that every request writes would make them queue."""
    if key.last_used_at and now - key.last_used_at < USED_EVERY:
        return
    Key.objects.filter(pk=key.pk).update(last_used_at=now, last_used_from=address[:45])


def _partner(name: str, now: dt.datetime) -> Partner:
    """Locked: two that issue at once must not both find room for one more key."""
    Partner(name=name, created_at=now).clean_fields()
    Partner.objects.bulk_create([Partner(name=name, created_at=now)], ignore_conflicts=True)
    partner = Partner.objects.select_for_update().get(name=name)
    if not partner.is_active:
        raise ValidationError(f"{partner} is switched off.")
    return partner


def _check(
    scopes: Iterable[str],
    branches: Sequence[Branch],
    addresses: Sequence[str],
    expires_at: dt.datetime | None,
    now: dt.datetime,
) -> None:
    wanted = list(scopes)
    unknown = sorted(set(wanted) - set(SCOPES) - {ALL})
    if unknown or not wanted:
        raise ValidationError(f"Scopes are {', '.join([*SCOPES, ALL])}.")
    if not branches:
        raise ValidationError("A key needs a branch.")
    if expires_at and expires_at <= now:
        raise ValidationError("A key cannot expire in the past.")
    for address in addresses:
        try:
            ipaddress.ip_network(address, strict=False)
        except ValueError:
            raise ValidationError("Addresses are IP addresses or networks, such as 203.0.113.0/24.") from None


def _is_live(key: Key, now: dt.datetime) -> bool:
    ended = key.revoked_at is not None or (key.expires_at is not None and key.expires_at <= now)
    return key.partner.is_active and not ended


def _may_come_from(key: Key, address: str) -> bool:
    if not key.addresses:
        return True
    try:
        came_from = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(came_from in ipaddress.ip_network(one, strict=False) for one in key.addresses)


def _hashed(secret: str) -> str:
    """Of 256 random bits: nothing slower than this is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()
