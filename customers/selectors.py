"""Finding a customer, always within the accounts that the person's branches use.

A phone lists everybody who has it: a family is five rows, and nobody is chosen for the person at the desk.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from branches.models import Branch
from branches.roles import Permission
from branches.selectors import branches_of
from customers.models import ProviderCustomer, Search
from providers.models import Account
from providers.normalise import clean_text, fold_name, latin_digits, to_e164
from providers.specs import SPECS, specs_of

PAGE = 20
LONGEST = 80
SHORTEST_NAME = 3  # letters; fewer have no trigram, and would be found in everybody
BOOKINGS, LOYALTY = "reservations", "loyalty"
WITH_CUSTOMERS = (BOOKINGS, LOYALTY)  # kinds of providers whose customers are mirrored
# What a list shows. The payload is for nobody but the admin.
SHOWN = (
    *("account", "external_id", "number", "name", "phone", "is_company", "company", "is_blocked", "place_ids"),
    *("seen_at", "gone_at"),
)
_CURSOR = re.compile(r"[0-9]{1,18}")


class BadCursor(Exception):
    """Not a place in a list that we have named."""


@dataclass(frozen=True, slots=True)
class Found:
    """A page of customers. `next` is '' on the last one. `too_short`: there was too little to look for."""

    rows: list[ProviderCustomer]
    next: str = ""
    too_short: bool = False


def booking_accounts(branches: Branch | Iterable[Branch] | QuerySet[Branch]) -> QuerySet[Account]:
    """The accounts through which these branches book."""
    return _accounts_of(branches, (BOOKINGS,))


def _accounts_of(
    branches: Branch | Iterable[Branch] | QuerySet[Branch], kinds: Collection[str] = WITH_CUSTOMERS
) -> QuerySet[Account]:
    at = [branches] if isinstance(branches, Branch) else branches
    providers = [slug for slug, spec in SPECS.items() if spec.kind in kinds]
    return Account.objects.filter(places__branch__in=at, provider__in=providers, is_active=True).distinct()


def _customers_in(accounts: Iterable[Account]) -> QuerySet[ProviderCustomer]:
    mine = [account.pk for account in accounts]
    return ProviderCustomer.objects.filter(account__in=mine, gone_at__isnull=True).only(*SHOWN)


def search_customers(user: Any, branch: Branch, typed: str, after: str = "") -> Found:
    """By phone, by their number, or by name: what was typed says which. Newest first. Raises BadCursor.

    `branch` says how a phone without a country is read.
    """
    accounts = {one.pk: one for one in _accounts_of(branches_of(user, Permission.CUSTOMERS))}
    rows, which = _customers_in(accounts.values()), _wanted(clean_text(typed[:LONGEST]), branch)
    if which is None:
        return Found([], too_short=True)
    rows = rows.filter(which).order_by("-pk")
    if after:
        if not _CURSOR.fullmatch(after):
            raise BadCursor
        rows = rows.filter(pk__lt=int(after))
    found = list(rows[: PAGE + 1])
    for row in found:
        row.account = accounts[row.account_id]
    more = len(found) > PAGE
    return Found(found[:PAGE], str(found[PAGE - 1].pk) if more else "")


def _wanted(text: str, branch: Branch) -> Q | None:
    digits = re.sub(r"[\s()+.\-]", "", latin_digits(text))
    if digits.isascii() and digits.isdigit():
        phone = to_e164(text, country=branch.country)
        number = Q(number=digits) if not text.startswith("+") else Q()
        return Q(phone=phone) | number if phone else number or Q(phone=f"+{digits}")
    words = fold_name(text).split()
    if not any(len(word) >= SHORTEST_NAME for word in words):
        return None
    wanted = Q()
    for word in words:
        wanted &= Q(folded_name__contains=word)
    return wanted


def phone_in(text: str, branch: Branch) -> str:
    """E.164, where what was typed is a phone; else ''."""
    return to_e164(clean_text(text[:LONGEST]), country=branch.country)


def searches_for(user: Any) -> QuerySet[Search]:
    return Search.objects.filter(branch__in=branches_of(user, Permission.CUSTOMERS))


def with_phone(user: Any, phone: str) -> list[ProviderCustomer]:
    """Everybody for whom can be booked and who has this number (E.164), by name. None of them is more likely than another."""
    accounts = booking_accounts(branches_of(user, Permission.CUSTOMERS))
    return list(_customers_in(accounts).filter(phone=phone).order_by("folded_name", "pk")[:PAGE])


def customer_for(user: Any, row_id: int) -> ProviderCustomer | None:
    """Somebody for whom can be booked. One query: of one row the accounts need not be known beforehand."""
    accounts = booking_accounts(branches_of(user, Permission.CUSTOMERS))
    rows = ProviderCustomer.objects.filter(account__in=accounts, gone_at__isnull=True).only(*SHOWN)
    return rows.select_related("account").filter(pk=row_id).first()


def keeps_cards(user: Any, row_id: int) -> bool:
    """Whether this is somebody of a loyalty account that this person's branches use: their page shows cards, no bookings."""
    at = branches_of(user, Permission.CARDS)
    accounts = Account.objects.filter(places__branch__in=at, provider__in=list(specs_of("loyalty")), is_active=True)
    return ProviderCustomer.objects.filter(pk=row_id, account__in=accounts.values("pk"), gone_at__isnull=True).exists()


def customer_in(account_id: uuid.UUID, external_id: str) -> ProviderCustomer | None:
    """By their id, for what knows its account already."""
    return ProviderCustomer.objects.filter(account=account_id, external_id=external_id).first()
