"""Where a partner is told, and the secret with which its programs know that it is us. Shown once; two are good while it changes
over."""

from __future__ import annotations

import base64
import datetime as dt
import secrets

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction

from partners.models import Partner, Receiver
from providers.http import BadBaseUrl, Resolve, check_outside, system_resolve
from providers.secrets import seal, unseal

OVERLAP = dt.timedelta(days=7)
PREFIX = "whsec_"  # as Standard Webhooks writes secrets


def make_receiver(partner: Partner, url: str, *, now: dt.datetime) -> tuple[Receiver, str]:
    """It, and its secret: nobody can show that again. Raises ValidationError."""
    check_url(url)
    row = Receiver(partner=partner, url=url, created_at=now)
    secret = _fresh(row)
    row.save(force_insert=True)
    return row, secret


def renew_secret(receiver: Receiver, *, now: dt.datetime) -> str:
    """Both are signed with for a week."""
    with transaction.atomic():
        row = Receiver.objects.select_for_update().get(pk=receiver.pk)
        row.sealed_before = seal(unseal(row.sealed_secret, row.context("secret")), row.context("before"))
        row.before_until = now + OVERLAP
        secret = _fresh(row)
        row.save(update_fields=["sealed_secret", "sealed_before", "before_until"])
    return secret


def secrets_of(receiver: Receiver, now: dt.datetime) -> list[bytes]:
    """Those to sign with, the newest first."""
    found = [unseal(receiver.sealed_secret, receiver.context("secret"))]
    if receiver.sealed_before and receiver.before_until and receiver.before_until > now:
        found.append(unseal(receiver.sealed_before, receiver.context("before")))
    return [base64.b64decode(one.removeprefix(PREFIX)) for one in found]


def check_url(url: str, resolve: Resolve = system_resolve) -> None:
    """Raises ValidationError; asked once more at every call."""
    try:
        check_outside(url, allow_loopback=settings.LOOPBACK_ALLOWED, resolve=resolve)
    except BadBaseUrl as error:
        raise ValidationError("Not an https address outside, without a port, a query or a login.", error.code) from None


def _fresh(row: Receiver) -> str:
    secret = PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()
    row.sealed_secret = seal(secret, row.context("secret"))
    return secret
