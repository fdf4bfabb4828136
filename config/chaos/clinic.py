"""Who works in a chaos run, and the sales they will make: vouchers at the twin, and drafts that wait to be confirmed."""

from __future__ import annotations

import datetime as dt
import random
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.base import VALID_KEY_CHARS
from django.db import transaction
from django.middleware.csrf import CSRF_SECRET_LENGTH
from django.utils import timezone
from django.utils.crypto import get_random_string

from branches.models import Branch, Session, Till, User
from branches.roles import Role
from branches.services import add_branch, add_staff
from branches.sessions import SEEN, STARTED, SessionStore
from config.chaos.site import Twin
from config.chaos.trades import Trade
from providers.accounts import connect_account
from providers.contracts import POINTS
from providers.models import Account, Environment
from providers.sandbox.box import all_twins
from vouchers import sync
from vouchers.models import Lookup, Voucher, code_hash
from vouchers.services import set_rate

PEOPLE = (64, 8)  # at the first branch, and at the second


@dataclass(frozen=True)
class Worker:
    """What the browser of somebody who has signed in holds."""

    session_key: str
    csrf_token: str

    @property
    def cookies(self) -> dict[str, str]:
        return {settings.SESSION_COOKIE_NAME: self.session_key, settings.CSRF_COOKIE_NAME: self.csrf_token}


@dataclass(frozen=True)
class Clinic:
    trade: Trade
    branch: Branch
    account: Account
    tills: tuple[Till, ...]
    staff: tuple[User, ...]
    workers: tuple[Worker, ...]


@dataclass
class Sale:
    """The vouchers of one customer, what shall be tried with them, and what people were shown."""

    codes: tuple[str, ...]
    kind: str  # "plain", "scanned", "pressed_twice", "two_tills", "late", "dead"
    total: Decimal
    drafts: list[uuid.UUID] = field(default_factory=list)
    pages: dict[uuid.UUID, str] = field(default_factory=dict)  # draft -> address of its redemption
    shown: dict[str, list[tuple[str, str]]] = field(default_factory=dict)  # address -> (tone, state), as it changed
    refused: int = 0
    gave_up: bool = False

    @property
    def name(self) -> str:
        return f"…{self.codes[0][-4:]}"


def furnish(trade: Trade) -> None:
    """What every run begins with, made once for the template of their databases: branches, tills, people."""
    for number, people in enumerate(PEOPLE, start=1):
        names = {"ar": f"فرع {number}", "en": f"Branch {number}", "fr": f"Branche {number}"}
        branch, _ = add_branch(code=f"chaos-{number}", names=names, **trade.place)
        Till.objects.get_or_create(branch=branch, number=2)
        for n in range(people):
            add_staff(username=f"chaos{number}-{n:02d}", role=Role.RECEPTIONIST, branches=[branch], password=None)
        if trade.record("", 0).currency == POINTS:
            now = timezone.now()
            set_rate(branch, trade.slug, Decimal(1), branch.business_date(now), by=None, now=now)


def opened(trade: Trade, twin: Twin, number: int) -> Clinic:
    """The branch connects its account, and its people are at their tills."""
    branch = Branch.objects.get(code=f"chaos-{number}")
    tills = tuple(branch.tills.order_by("number"))
    staff = tuple(User.objects.filter(memberships__branch=branch).order_by("username"))
    connected = connect_account(
        provider=trade.slug,
        branch=branch,
        base_url=twin.urls[trade.slug],
        environment=Environment.SANDBOX,
        values={name: value for name, value in all_twins()[trade.slug].login().items() if name not in trade.without},
    )
    return Clinic(trade, branch, connected.account, tills, staff, _signed_in(staff, tills))


def _signed_in(staff: tuple[User, ...], tills: tuple[Till, ...]) -> tuple[Worker, ...]:
    """Sessions as the login makes them. The login itself is slow on purpose, and tried elsewhere (tests/web, tests/browser)."""
    now, store = int(time.time()), SessionStore()
    rows, workers = [], []
    for n, person in enumerate(staff):
        facts: dict[str, Any] = {SESSION_KEY: str(person.pk), BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[-1]}
        facts |= {
            HASH_SESSION_KEY: person.get_session_auth_hash(),
            STARTED: now,
            SEEN: now,
            "till": str(tills[n % 2].pk),
        }
        row = store.create_model_instance(facts)
        row.session_key = get_random_string(32, VALID_KEY_CHARS)
        rows.append(row)
        workers.append(Worker(row.session_key, get_random_string(CSRF_SECRET_LENGTH)))
    Session.objects.bulk_create(rows)
    return tuple(workers)


def sales(clinic: Clinic, twin: Twin, count: int, dice: random.Random, kinds: dict[str, float]) -> list[Sale]:
    """Vouchers in the twin, and for each sale a draft at the last step (a scanned one starts at the first)."""
    trade, tag = clinic.trade, clinic.branch.code[-1]
    names, weights, made, number = list(kinds), list(kinds.values()), [], 0
    for n in range(count):
        size = dice.randint(1, trade.most)
        codes = tuple(trade.new_code(tag, number + k, dice) for k in range(size))
        made.append(Sale(codes, dice.choices(names, weights)[0], trade.worth * size + n % 97))
        number += size
    numbers = {code: k for k, code in enumerate(code for sale in made for code in sale.codes)}
    for part in parts(made, 200):
        twin.control.put_vouchers(
            trade.slug, *(trade.fields(code, numbers[code]) for one in part for code in one.codes)
        )
        with transaction.atomic():
            for sale in part:
                if sale.kind != "scanned":
                    _prepare(clinic, sale, numbers)
    return made


def parts(items: list[Sale], size: int) -> Iterator[list[Sale]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _prepare(clinic: Clinic, sale: Sale, numbers: dict[str, int]) -> None:
    now = timezone.now()
    vouchers = {
        code: sync.store_voucher(clinic.account, clinic.trade.record(code, numbers[code]), now) for code in sale.codes
    }
    for place in range(2 if sale.kind == "two_tills" else 1):
        first: Lookup | None = None
        for code, voucher in vouchers.items():
            lookup = _scanned(clinic, place, code, voucher, now)
            lookup.first = first
            if first is None:
                first, lookup.person, lookup.services_total = lookup, clinic.trade.card["id"], sale.total
            lookup.save(force_insert=True)
        assert first
        sale.drafts.append(first.pk)


def _scanned(clinic: Clinic, place: int, code: str, voucher: Voucher, now: dt.datetime) -> Lookup:
    lookup = Lookup(
        branch=clinic.branch,
        till=clinic.tills[place],
        actor=clinic.staff[place],
        account=clinic.account,
        created_at=now,
        answered_at=now,
        state=Lookup.State.FOUND,
        voucher=voucher,
        code_hash=code_hash(code),
        code_last4=code[-4:],
    )
    lookup.seal_code(code, code)
    lookup.seal_cards([clinic.trade.card])
    return lookup
