"""Nights over Altegio's twin: what they read, and what the twin shows to somebody who asks without our client."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

from django.utils import timezone

from branches.models import Branch
from providers.accounts import connect_account
from providers.contracts import Page
from providers.contracts.loyalty import LoyaltyProvider
from providers.models import Account, Environment, SyncRun
from providers.operations.journal import Journal
from providers.registry import loyalty_for
from providers.sandbox.box import all_twins
from providers.sandbox.running import RunningSandbox
from providers.sync import Pace, mirror_of, sync_collection
from tests.providers.rekaz.mirror import Watched, watched

SLUG = "altegio"
COLLECTIONS = ("card_types", "programs", "clients", "records", "transactions", "cards")
BRISK = Pace(pause=0.01, save_every=0.0, tries=2)
PATHS = {
    "card_types": "loyalty/card_types/salon/{place}",
    "programs": "company/{place}/loyalty/programs/search",
    "clients": "clients/{place}",
    "records": "records/{place}?with_deleted=1",
    "cards": "loyalty/client_cards/{client}",
    "transactions": "chain/{chain}/loyalty/transactions?created_after={day}&created_before={day}",
}


@dataclass
class Nights:
    account: Account
    now: dt.datetime = field(default_factory=timezone.now)

    @property
    def client(self) -> LoyaltyProvider:
        """To do something there that no twin does by itself."""
        return loyalty_for(self.account, Journal(self.account))

    def read(self, *names: str, **more: Any) -> dict[str, SyncRun]:
        """One night."""
        found = {}
        for name in names or COLLECTIONS:
            options = {"pace": BRISK} | more
            found[name] = sync_collection(self.account, name, now=self.now, **options)
            self.now += dt.timedelta(seconds=1)
        return found

    def watched(self, name: str, instead: dict[int, Callable[[Page], Page]]) -> tuple[SyncRun, Watched]:
        """One collection, of which some pages come otherwise than they were sent."""
        with watched(self.account) as source:
            source.instead = instead
            return sync_collection(self.account, name, now=self.now, source=source, pace=BRISK), source

    def pass_a_day(self) -> None:
        self.now += dt.timedelta(days=1)


def nights_at(twin: RunningSandbox, branch: Branch) -> Nights:
    twin.control.rules(SLUG, limits="off")
    login, sandbox = all_twins()[SLUG].login(), Environment.SANDBOX
    url = twin.base_url(SLUG)
    return Nights(
        connect_account(provider=SLUG, branch=branch, base_url=url, environment=sandbox, values=login).account
    )


def ours(account: Account, collection: str) -> dict[str, Any]:
    mirror = mirror_of("loyalty", collection)
    assert mirror
    rows = mirror.model._default_manager.filter(account=account, gone_at__isnull=True)
    return {row.external_id: row.payload for row in rows.iterator()}


class Theirs:
    """Somebody else, who reads all of it, page after page."""

    def __init__(self, url: str) -> None:
        self.url, self.login = urlsplit(url), dict(all_twins()[SLUG].login())
        self.connection = HTTPConnection(self.url.hostname or "", self.url.port, timeout=30)
        self.connection.request("POST", f"{self.url.path}/auth", json.dumps(self.login), self._headers())
        content = json.loads(self.connection.getresponse().read())
        self.user = content["data"]["user_token"]

    def _headers(self, user: str = "") -> dict[str, str]:
        more = f", User {user}" if user else ""
        return {"Authorization": f"Bearer {self.login['partner_token']}{more}", "Content-Type": "application/json"}

    def all(self, collection: str, day: dt.date | None = None, client: str = "") -> dict[str, Any]:
        names = {"place": self.login["location_id"], "chain": self.login["chain_id"], "day": day, "client": client}
        path, rows, page = PATHS[collection].format(**names), list[Any](), 0
        is_paged = collection in ("clients", "records", "transactions")
        while True:
            page += 1
            turn = f"{'&' if '?' in path else '?'}page={page}&count=200" if is_paged else ""
            self.connection.request("GET", f"{self.url.path}/{path}{turn}", headers=self._headers(self.user))
            content = json.loads(self.connection.getresponse().read())
            found = content["data"] if isinstance(content, dict) else content
            rows += found or []
            if not found or not is_paged:
                self.connection.close()
                more = {"day": day.isoformat()} if day else {}
                return {str(row["id"]): row | more for row in rows}


def differences(account: Account, url: str, today: dt.date) -> list[str]:
    """Where our rows are not theirs."""
    them, found = Theirs(url), []
    for collection in ("card_types", "programs", "clients", "records"):
        if ours(account, collection) != them.all(collection):
            found.append(collection)
    shown: dict[str, Any] = {}
    for client in ours(account, "clients"):
        shown |= them.all("cards", client=client)
    if ours(account, "cards") != shown:
        found.append("cards")
    moves = them.all("transactions", today) | them.all("transactions", today - dt.timedelta(days=1))
    if ours(account, "transactions") != moves:
        found.append("transactions")
    return found
