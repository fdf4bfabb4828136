from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from branches.models import Branch
from providers.models import Account, BranchAccount, SyncRun
from providers.sync import sync_collection
from tests.providers.sync.shop import BRISK, Shop, Source, thing

Sync = Callable[..., SyncRun]


@pytest.fixture
def account(olaya: Branch) -> Account:
    made = Account.objects.create(
        provider="alreaaiaa", label="Things", environment="sandbox", base_url="http://127.0.0.1:1/api"
    )
    BranchAccount.objects.create(branch=olaya, account=made)
    return made


@pytest.fixture
def shop() -> Shop:
    return Shop([thing(n) for n in range(35, 0, -1)])


@pytest.fixture
def sync(account: Account, shop: Shop) -> Sync:
    """A run over the shop, each a day after the one before it."""
    days = iter(range(1000))
    start = timezone.now() - dt.timedelta(days=400)

    def run(source: Source | None = None, **more: Any) -> SyncRun:
        now = more.pop("now", None) or start + dt.timedelta(days=next(days))
        options = {"pace": BRISK} | more
        return sync_collection(account, "things", now=now, source=source or Source(shop.page), **options)

    return run
