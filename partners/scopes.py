"""What a key may do, as data: a scope is a word that a partner reads, and the permissions that it stands for."""

from __future__ import annotations

from collections.abc import Iterable

from branches.roles import Permission

SCOPES: dict[str, frozenset[str]] = {
    "vouchers:read": frozenset({Permission.LEDGER}),
    "vouchers:redeem": frozenset({Permission.LEDGER, Permission.REDEEM}),
    "loyalty:read": frozenset({Permission.CARDS}),
    "loyalty:write": frozenset({Permission.CARDS, Permission.CARD_USE, Permission.CARD_SUPERVISE}),
    "reservations:read": frozenset({Permission.BOOKINGS}),
    "reservations:write": frozenset({Permission.BOOKINGS, Permission.BOOK, Permission.BOOK_SUPERVISE}),
    "customers:read": frozenset({Permission.CUSTOMERS}),
    "sync:read": frozenset({Permission.SYNC}),
}
ALL = "all"


def permissions_of(scopes: Iterable[str]) -> frozenset[str]:
    return frozenset().union(*(SCOPES[scope] for scope in scopes if scope in SCOPES))


def spelled_out(scopes: Iterable[str]) -> list[str]:
    """In their order, `all` as what it stands for today."""
    wanted = set(scopes)
    return [scope for scope in SCOPES if scope in wanted or ALL in wanted]
