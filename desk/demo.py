"""Demo data, loaded once: two Saudi branches and one Moroccan, staff of each role, the sandbox's accounts. What a night would
have read of bookings and cards is read at each start: the sandbox's clinic lives in the week around today."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from decimal import Decimal

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from branches.models import Branch, Till, User
from branches.roles import Role
from branches.services import add_branch, add_staff
from providers import registry
from providers.accounts import connect_account
from providers.models import Account, Environment
from providers.registry import has_source
from providers.sandbox.box import all_twins
from providers.sandbox.journal import StateUnusable
from providers.sandbox.running import start
from providers.sandbox.server import PortTaken
from providers.sync import Busy, Superseded, collections_of, sync_collection
from vouchers.models import PointsRate
from vouchers.services import set_rate

PASSWORD = settings.DEMO_PASSWORD  # printed at start, worthless outside the demo

OLAYA, NAKHEEL, MAARIF = "olaya", "nakheel", "maarif"
BRANCHES = [
    (OLAYA, {"ar": "العليا، الرياض", "en": "Olaya, Riyadh", "fr": "Olaya, Riyad"}, "SA", "Asia/Riyadh", "SAR"),
    (NAKHEEL, {"ar": "النخيل، الرياض", "en": "Nakheel, Riyadh", "fr": "Nakheel, Riyad"}, "SA", "Asia/Riyadh", "SAR"),
    (
        MAARIF,
        {"ar": "المعاريف، الدار البيضاء", "en": "Maarif, Casablanca", "fr": "Maârif, Casablanca"},
        "MA",
        "Africa/Casablanca",
        "MAD",
    ),
]
STAFF = [
    ("reem", "ريم", "العتيبي", Role.RECEPTIONIST, [OLAYA]),
    ("majed", "ماجد", "الدوسري", Role.RECEPTIONIST, [NAKHEEL]),
    ("salma", "Salma", "Bennani", Role.RECEPTIONIST, [MAARIF]),
    ("huda", "هدى", "الشهري", Role.SUPERVISOR, [OLAYA, NAKHEEL]),
    ("karim", "Karim", "Tazi", Role.SUPERVISOR, [MAARIF]),
    ("nouf", "نوف", "الحربي", Role.MANAGER, [OLAYA, NAKHEEL]),
    ("youssef", "Youssef", "El Amrani", Role.MANAGER, [MAARIF]),
    ("aziz", "عبدالعزيز", "القحطاني", Role.ACCOUNTANT, [OLAYA, NAKHEEL, MAARIF]),
    ("lama", "لمى", "السبيعي", Role.OWNER, [OLAYA, NAKHEEL, MAARIF]),
    ("admin", "Tech", "Admin", Role.ADMIN, [OLAYA, NAKHEEL, MAARIF]),
]
LANGUAGES = {"salma": "fr", "karim": "fr", "youssef": "fr", "admin": "en"}
PROVIDERS = [
    (OLAYA, "alreaaiaa"),
    (NAKHEEL, "alreaaiaa"),
    (MAARIF, "afriquia_gaz"),
    (OLAYA, "rekaz"),
    (OLAYA, "altegio"),
]
AS_AT_NIGHT = ("transactions", "cards")  # the last days, and whose cards moved: all of it would take too long a time
RATE = Decimal(1)  # dirhams a point
LOGINS = [(name, PASSWORD, str(role), ", ".join(codes)) for name, _first, _last, role, codes in STAFF]


def load() -> bool:
    """Everything; where it is there already, what an older version did not have. Returns whether it was loaded now."""
    with transaction.atomic():
        new = not (User.objects.exists() or Branch.objects.exists())
        if not new:
            point_at_sandbox()
        if new or is_demo():
            _add_missing()
    return new


def is_demo() -> bool:
    """Ours from the first version on, and nothing of it is real: else nothing is added to it."""
    ours = (
        Branch.objects.filter(code__in=[OLAYA, NAKHEEL]).count() == 2 and User.objects.filter(username="reem").exists()
    )
    return ours and not Account.objects.exclude(environment=Environment.SANDBOX).exists()


def _add_missing() -> None:
    """What is there stays as people have made it."""
    have = {branch.code: branch for branch in Branch.objects.all()}
    branches = {
        code: have.get(code) or _branch(code, names, country, zone, currency)
        for code, names, country, zone, currency in BRANCHES
    }
    for username, first, last, role, codes in STAFF:
        if not User.objects.filter(username=username).exists():
            _hire(username, first, last, role, [branches[code] for code in codes])
    for code, provider in PROVIDERS:
        if not Account.objects.filter(provider=provider, places__branch=branches[code]).exists():
            connect_sandbox(branches[code], provider)
        in_points = registry.SPECS[provider].values_in == "points"
        if in_points and not PointsRate.objects.filter(branch=branches[code], provider=provider).exists():
            now = timezone.now()
            set_rate(branches[code], provider, RATE, branches[code].business_date(now), by=None, now=now)


def _hire(username: str, first: str, last: str, role: Role, branches: list[Branch]) -> None:
    user, _created = add_staff(username=username, role=role, branches=branches, password=None)
    user.set_password(PASSWORD)  # it is in the manual, so no rule for passwords would take it
    user.first_name, user.last_name, user.language = first, last, LANGUAGES.get(username, "")
    user.save()


def _branch(code: str, names: dict[str, str], country: str, zone: str, currency: str) -> Branch:
    branch, _created = add_branch(code=code, names=names, country=country, timezone=zone, currency=currency)
    branch.company_ar, branch.company_en = "عيادات رُبى", "Ruba Clinics"
    branch.shows_hijri = country == "SA"
    branch.day_ends_at = dt.time(5, 0) if code == OLAYA else dt.time(0, 0)
    branch.save()
    Till.objects.get_or_create(branch=branch, number=2)
    return branch


def point_at_sandbox() -> None:
    """The sandbox may listen on another port than at the last start."""
    accounts = Account.objects.filter(environment=Environment.SANDBOX, base_url__startswith="http://127.0.0.1:")
    for account in accounts.exclude(base_url__startswith=f"http://127.0.0.1:{settings.SANDBOX_PORT}/"):
        path = account.base_url.split("/", 3)[3]
        account.base_url = f"http://127.0.0.1:{settings.SANDBOX_PORT}/{path}"
        account.save(update_fields=["base_url"])


def connect_sandbox(branch: Branch, provider: str) -> None:
    """With the login that our simulator of the provider accepts."""
    twin = all_twins()[provider]
    connect_account(
        provider=provider,
        branch=branch,
        base_url=f"http://127.0.0.1:{settings.SANDBOX_PORT}{twin.prefix}",
        environment=Environment.SANDBOX,
        values=twin.login(),
    )


def read_mirrors() -> int:
    """Returns how many collections were read. The sandbox starts after us: until then it answers from a thread of ours, and
    where one listens already, that one does."""
    accounts = Account.objects.filter(environment=Environment.SANDBOX, is_active=True)
    wanted = [
        (account, name) for account in accounts for name in collections_of(account) if has_source(account.provider)
    ]
    running = None
    if wanted:
        with suppress(PortTaken, StateUnusable):
            state = settings.VAR / "sandbox.jsonl"
            running = start(port=settings.SANDBOX_PORT, scenario="demo", state=state, own_ports=False)
    try:
        return sum(_read(account, name) for account, name in wanted)
    finally:
        if running:
            running.stop()


def _read(account: Account, collection: str) -> bool:
    with suppress(Busy, Superseded):
        full = collection not in AS_AT_NIGHT
        return bool(sync_collection(account, collection, full=full, now=timezone.now()).read)
    return False
