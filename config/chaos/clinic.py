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
from providers.accounts import connect_account
from providers.contracts import VoucherRecord, VoucherStatus
from providers.models import Account, Environment
from vouchers import sync
from vouchers.models import Lookup, code_hash

PROVIDER = "alreaaiaa"
LOGIN = {"email": "centeradmintesting@admin.com", "password": "*@123#"}
PEOPLE = (64, 8)  # at the first branch, and at the second
VALUE = 100
PERSON = {"id": "1", "name": "سارة القحطاني", "phone": "", "last4": "4321", "hash": "", "valid_until": ""}


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
    branch: Branch
    account: Account
    tills: tuple[Till, ...]
    staff: tuple[User, ...]
    workers: tuple[Worker, ...]


@dataclass
class Sale:
    """One voucher, what shall be tried with it, and what people were shown."""

    code: str
    kind: str  # "plain", "scanned", "pressed_twice", "two_tills", "late", "dead"
    total: Decimal
    drafts: list[uuid.UUID] = field(default_factory=list)
    pages: dict[uuid.UUID, str] = field(default_factory=dict)  # draft -> address of its redemption
    shown: dict[str, list[tuple[str, str]]] = field(default_factory=dict)  # address -> (tone, state), as it changed
    refused: int = 0
    gave_up: bool = False


def furnish() -> None:
    """What every run begins with, made once for the template of their databases: branches, tills, people."""
    for number, people in enumerate(PEOPLE, start=1):
        names = {"ar": f"فرع {number}", "en": f"Branch {number}", "fr": f"Branche {number}"}
        place: dict[str, Any] = {"country": "SA", "timezone": "Asia/Riyadh", "currency": "SAR"}
        branch, _ = add_branch(code=f"chaos-{number}", names=names, **place)
        Till.objects.get_or_create(branch=branch, number=2)
        for n in range(people):
            add_staff(username=f"chaos{number}-{n:02d}", role=Role.RECEPTIONIST, branches=[branch], password=None)


def opened(twin: Twin, number: int) -> Clinic:
    """The branch connects its account, and its people are at their tills."""
    branch = Branch.objects.get(code=f"chaos-{number}")
    tills = tuple(branch.tills.order_by("number"))
    staff = tuple(User.objects.filter(memberships__branch=branch).order_by("username"))
    connected = connect_account(
        provider=PROVIDER,
        branch=branch,
        base_url=twin.urls[PROVIDER],
        environment=Environment.SANDBOX,
        values=LOGIN,
    )
    return Clinic(branch, connected.account, tills, staff, _signed_in(staff, tills))


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
    """Vouchers in the twin, and for each a draft at the last step (a scanned one starts at the first)."""
    names, weights = list(kinds), list(kinds.values())
    tag = clinic.branch.code[-1]
    made = [
        Sale(
            f"VCL{tag}C{100000 + n}NO{dice.randrange(1000, 9999)}",
            dice.choices(names, weights)[0],
            Decimal(100 + n % 97),
        )
        for n in range(count)
    ]
    for part in parts(made, 500):
        records = [
            {"voucher_code": sale.code, "status": "verified", "price_value": VALUE, "id": place}
            for place, sale in enumerate(part, start=made.index(part[0]) + 10_000)
        ]
        twin.control.put_vouchers(PROVIDER, *records)
        with transaction.atomic():
            for record, sale in zip(records, part, strict=True):
                if sale.kind != "scanned":
                    _prepare(clinic, sale, str(record["id"]))
    return made


def parts(items: list[Sale], size: int) -> Iterator[list[Sale]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _prepare(clinic: Clinic, sale: Sale, external_id: str) -> None:
    now = timezone.now()
    record = VoucherRecord(
        code=sale.code,
        external_id=external_id,
        status=VoucherStatus.USABLE,
        raw_status="verified",
        value=Decimal(VALUE),
        currency=clinic.branch.currency,
        expires_on=now.date() + dt.timedelta(days=20),
        reason="",
        holder_name=PERSON["name"],
        holder_phone="",
        holder_id_number="",
        cards=(),
        payload={},
    )
    voucher = sync.store_voucher(clinic.account, record, now)
    for place in range(2 if sale.kind == "two_tills" else 1):
        lookup = Lookup(
            branch=clinic.branch,
            till=clinic.tills[place],
            actor=clinic.staff[place],
            account=clinic.account,
            created_at=now,
            answered_at=now,
            state=Lookup.State.FOUND,
            voucher=voucher,
            person=PERSON["id"],
            services_total=sale.total,
            code_hash=code_hash(sale.code),
            code_last4=sale.code[-4:],
        )
        lookup.seal_code(sale.code, sale.code)
        lookup.seal_cards([PERSON])
        lookup.save(force_insert=True)
        sale.drafts.append(lookup.pk)
