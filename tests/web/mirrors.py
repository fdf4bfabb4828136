"""What the page about the mirrors shows of a branch: an account whose collections are read, runs of every kind, and what they
found. No provider is asked."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils import timezone

from branches.models import Branch
from providers import hooks
from providers.accounts import connect_account
from providers.models import Account, Drift, Environment, SyncRun
from providers.sandbox.box import all_twins
from providers.sync.bad import Bad, keep_bad


@dataclass
class Mirrored:
    account: Account
    doubtful: SyncRun
    drift: Drift
    key: str
    rotated: str


def mirrored_at(branch: Branch) -> Mirrored:
    values = dict(all_twins()["rekaz"].login())
    account = connect_account(
        provider="rekaz",
        branch=branch,
        base_url="http://127.0.0.1:9/rekaz/api/public",
        environment=Environment.SANDBOX,
        values=values,
    ).account
    return mirrored(account)


def mirrored(account: Account) -> Mirrored:
    """Runs of every kind, unreadable rows, a change of shape, and an address for its events that was changed once."""
    now = timezone.now()
    run_of(account, "customers", "green", reported=18_204, read=18_204, changed=112, complete=True)
    run_of(account, "reservations", "green", complete=True, reasons=["filter_ignored"], reported=900, read=900)
    run_of(account, "products", "red", reasons=["login_refused"])
    doubtful = run_of(account, "subscriptions", "amber", reasons=["far_fewer", "quarantined"], reported=12, read=12)
    keep_bad(account, "subscriptions", [Bad("sub-1", b"h" * 16, b'{"id":"sub-1"}', "It has no start.", now)])
    drift = Drift.objects.create(
        account=account, collection="customers", field="loyaltyTier", what="new", detail="text", first_at=now
    )
    rotated = hooks.new_address(account, now)
    return Mirrored(account, doubtful, drift, hooks.new_address(account, now), rotated)


def run_of(account: Account, collection: str, status: str, **more: object) -> SyncRun:
    now = timezone.now() - dt.timedelta(hours=5)
    ended = None if status == "running" else now + dt.timedelta(seconds=41)
    facts = {"full": True, "began_at": now, "ended_at": ended, "seconds": 41.2, "distinct": more.get("read", 0)} | more
    return SyncRun.objects.create(account=account, collection=collection, status=status, **facts)
