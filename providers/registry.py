"""The only way from an account to a client. Domains name no provider."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from django.db import connection

from providers import afriquia_gaz, alreaaiaa, altegio, rekaz
from providers.afriquia_gaz.client import AfriquiaGaz
from providers.alreaaiaa.client import Alreaaiaa
from providers.altegio.client import Altegio
from providers.altegio.webhook import read_webhooks as read_altegio
from providers.budget import Purse, Rank, hold, purse_of, turn_for
from providers.contracts import (
    BookingProvider,
    Call,
    LoyaltyProvider,
    MirrorSource,
    ProviderSpec,
    Told,
    VoucherProvider,
)
from providers.errors import Misconfigured
from providers.http import Http, Reader
from providers.logins import AccountKeys, AccountTokens
from providers.models import Account
from providers.rekaz.client import Rekaz
from providers.rekaz.webhook import read_webhook as read_rekaz
from providers.specs import SPECS, base_url_problem, loopback_for, provider_name, specs_of
from providers.windows import windows_for

__all__ = [
    "SPECS",
    "Rank",
    "TooLate",
    "base_url_problem",
    "bookings_for",
    "client_for",
    "has_hooks",
    "has_source",
    "loyalty_for",
    "provider_name",
    "read_webhook",
    "registered",
    "source_for",
    "specs_of",
    "vouchers_for",
]

LARGEST_PAGE = 8 * 1024 * 1024
PAGE_SECONDS = 60.0  # a slow page is better than none: nobody stands before the mirror
MIRROR_PATIENCE = 60.0  # the mirror's turn comes when people have had theirs

Place = Mapping[str, str]
Client = VoucherProvider | BookingProvider | LoyaltyProvider

# One line a provider, in the table of what its clients can do.
_VOUCHERS: dict[str, Callable[[Http, Account, Place], VoucherProvider]] = {
    alreaaiaa.SPEC.slug: lambda http, account, place: Alreaaiaa(
        http, AccountTokens(account), token_path=place["token_path"]
    ),
    afriquia_gaz.SPEC.slug: lambda http, account, place: AfriquiaGaz(
        http, AccountKeys(account), shop_uuid=place["shop_uuid"], terminal_id=place["terminal_id"]
    ),
}
_BOOKINGS: dict[str, Callable[[Http, Account, Place], Rekaz]] = {
    rekaz.SPEC.slug: lambda http, account, place: Rekaz(http, AccountKeys(account), origin=_origin(account), **place),
}

_LOYALTY: dict[str, Callable[[Http, Account, Place], Altegio]] = {
    altegio.SPEC.slug: lambda http, account, place: Altegio(
        http, AccountTokens(account), hold=lambda seconds: hold(_purse(account), seconds), **place
    ),
}

# Providers whose collections are mirrored: how the engine reads them whole.
_SOURCE: dict[str, Callable[[Http, Account, Place], MirrorSource]] = {**_BOOKINGS, **_LOYALTY}

# Providers that tell of something by themselves: what each event in a body of theirs is about, with its own bytes.
_HOOKS: dict[str, Callable[[bytes], Sequence[tuple[Told, bytes]]]] = {
    rekaz.SPEC.slug: lambda body: [(read_rekaz(body), body)],
    altegio.SPEC.slug: read_altegio,
}


@contextmanager
def registered(
    spec: ProviderSpec,
    *,
    bookings: Callable[[Http, Account, Place], BookingProvider] | None = None,
    source: Callable[[Http, Account, Place], MirrorSource] | None = None,
) -> Iterator[None]:
    """Within the block there is one provider more, or a known one can do more: how a test brings its own."""
    tables: list[tuple[dict[str, Any], Any]] = [(SPECS, spec), (_BOOKINGS, bookings), (_SOURCE, source)]
    given = [(table, entry, table.get(spec.slug)) for table, entry in tables if entry is not None]
    for table, entry, _before in given:
        table[spec.slug] = entry
    try:
        yield
    finally:
        for table, _entry, before in given:
            if before is None:
                del table[spec.slug]
            else:
                table[spec.slug] = before


def client_for(
    account: Account,
    journal: Callable[[Call], None],
    deadline: float | None = None,
    on_sent: Callable[[], None] = lambda: None,
    rank: Rank = Rank.PERSON,
) -> Client:
    """A client that speaks as this account, whatever its provider is for. `deadline` is a monotonic time after which no byte
    may leave; `on_sent` is told when the last byte of a request has left and no answer has come yet; `rank`: whose turn it
    is in the account's budget."""
    build: Callable[[Http, Account, Place], Client] | None = _VOUCHERS.get(account.provider)
    build = build or _BOOKINGS.get(account.provider) or _LOYALTY[account.provider]
    return build(_http_for(account, journal, deadline, on_sent, rank), account, _place_of(account))


def vouchers_for(account: Account, journal: Callable[[Call], None]) -> VoucherProvider:
    """A client that redeems as this account. Raises LookupError for one without vouchers."""
    build = _VOUCHERS[account.provider]
    return build(_http_for(account, journal), account, _place_of(account))


def bookings_for(account: Account, journal: Callable[[Call], None]) -> BookingProvider:
    """A client that books as this account. Raises LookupError for one without bookings."""
    build = _BOOKINGS[account.provider]
    return build(_http_for(account, journal), account, _place_of(account))


def loyalty_for(account: Account, journal: Callable[[Call], None]) -> LoyaltyProvider:
    """A client of cards and points as this account. Raises LookupError for one without them."""
    build = _LOYALTY[account.provider]
    return build(_http_for(account, journal), account, _place_of(account))


def has_hooks(provider: str) -> bool:
    return provider in _HOOKS


def read_webhook(provider: str, body: bytes) -> Sequence[tuple[Told, bytes]]:
    """One event or several, each with its bytes. Raises ValueError for all that is none."""
    return _HOOKS[provider](body)


def has_source(provider: str) -> bool:
    return provider in _SOURCE


def source_for(account: Account, journal: Callable[[Call], None]) -> tuple[MirrorSource, Callable[[], None]]:
    """What the mirror engine reads this account's collections with, over one connection, and how to close it. Raises
    Misconfigured. The engine's own deadlines end a run, so a page may take its time."""
    spec = SPECS[account.provider]
    _refuse_base_url(account)
    if not has_source(account.provider):
        raise Misconfigured("nothing_to_mirror", "This provider has no collections that are mirrored.")
    http = Reader(
        account.base_url,
        allow_loopback=loopback_for(account.environment),
        journal=journal,
        guard=lambda: _may_send(None),
        turn=turn_for(_purse(account), spec, Rank.MIRROR, MIRROR_PATIENCE),
        visible=frozenset(spec.journal_visible),
        masked=frozenset(spec.journal_masked),
        total_seconds=PAGE_SECONDS,
        connect_seconds=windows_for(account).connect,
        max_bytes=LARGEST_PAGE,
    )
    return _SOURCE[account.provider](http, account, _place_of(account)), http.close


def _refuse_base_url(account: Account) -> None:
    problem = base_url_problem(account.provider, account.base_url, account.environment, resolve=None)
    if problem:
        raise Misconfigured("base_url_refused", problem)


def _http_for(
    account: Account,
    journal: Callable[[Call], None],
    deadline: float | None = None,
    on_sent: Callable[[], None] = lambda: None,
    rank: Rank = Rank.PERSON,
) -> Http:
    spec = SPECS[account.provider]
    _refuse_base_url(account)
    windows = windows_for(account)
    return Http(
        account.base_url,
        allow_loopback=loopback_for(account.environment),
        journal=journal,
        guard=lambda: _may_send(deadline),
        on_sent=on_sent,
        turn=turn_for(_purse(account), spec, rank),
        visible=frozenset(spec.journal_visible),
        masked=frozenset(spec.journal_masked),
        total_seconds=windows.total,
        connect_seconds=windows.connect,
        max_bytes=spec.answer_bytes,
    )


def _purse(account: Account) -> Purse:
    return purse_of(account.pk, account.base_url, SPECS[account.provider])


def _place_of(account: Account) -> Place:
    fields = SPECS[account.provider].setting_fields
    return {name: account.settings.get(name) or default for name, default in fields.items()}


def _origin(account: Account) -> str:
    parts = urlsplit(account.base_url)
    return f"{parts.scheme}://{parts.netloc}"


def _may_send(deadline: float | None) -> None:
    """Asked by the HTTP layer with the request ready and nothing sent. Raising here proves that no byte left."""
    if connection.in_atomic_block:
        raise AssertionError("A provider call inside a database transaction: the intent would not be durable.")
    if deadline is not None and time.monotonic() > deadline:
        raise TooLate


class TooLate(Exception):
    """The intent is older than its send window: this machine was paused. Nothing was sent."""
