"""Two branches that look alike, each with its own account, people and work: what belongs to the one must not show at the
other. Everything is written by the services or by the engine's own `move`; no provider is asked."""

from __future__ import annotations

import datetime as dt
import itertools
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.db import transaction
from django.test import Client
from django.test.client import ClientHandler
from django.utils import timezone

from branches.models import Branch, Membership, Till, User
from branches.roles import Role
from branches.services import add_branch, add_staff
from providers.accounts import connect_account
from providers.acting import Place as Counter
from providers.contracts import POINTS, VoucherRecord, VoucherStatus
from providers.models import Account, BranchAccount, Discrepancy, Environment, Operation, State
from providers.operations.life import move
from providers.sandbox.box import all_twins
from reservations.models import Act
from reservations.selectors.places import link_for
from reservations.services.opening import Wish, open_act
from tests.signed_in import sign_in
from vouchers import services, sync
from vouchers.models import Case, Lookup, Redemption
from vouchers.services.lookup import _people as people_on

NAMES = {"ar": "فرع", "en": "Branch", "fr": "Agence"}
PASSWORD = "a-good-long-password"
VALUE, TOTAL = Decimal(200), Decimal(600)
FAMILY = (
    {"id": "316", "name": "سارة", "phone": "+9665•••••123", "last4": "4569", "hash": "a" * 64, "valid_until": ""},
    {"id": "317", "name": "Fatima", "phone": "", "last4": "", "hash": "", "valid_until": "2027-01-01"},
)
ROADS = {
    State.CREATED: [],
    State.SENDING: [State.PREPARING, State.SENDING],
    State.SUCCEEDED: [State.PREPARING, State.SENDING, State.SUCCEEDED],
    State.REFUSED: [State.PREPARING, State.REFUSED],
    State.NOT_SENT: [State.NOT_SENT],
    State.UNKNOWN: [State.PREPARING, State.SENDING, State.UNKNOWN],
    State.NEEDS_REVIEW: [State.PREPARING, State.SENDING, State.UNKNOWN, State.NEEDS_REVIEW],
}


@dataclass
class Corner:
    """One branch, and one piece of work in every state that a page shows."""

    branch: Branch
    account: Account
    clerk: User
    holder: str = "احمد احمد"
    family: Sequence[Mapping[str, str]] = FAMILY
    numbers: itertools.count = field(default_factory=lambda: itertools.count(1000))

    @property
    def till(self) -> Till:
        return self.branch.tills.get(number=1)

    @property
    def place(self) -> services.Place:
        return services.Place(self.clerk, self.branch, self.till)

    def new_code(self) -> str:
        return f"VCL6C{self.branch.tills.first().pk % 100000}NO{next(self.numbers)}"

    def waiting(self, actor: User | None = None) -> Lookup:
        place = services.Place(actor or self.clerk, self.branch, self.till)
        return services.start_lookup(self.new_code(), place, now=timezone.now())

    def found(self, actor: User | None = None) -> Lookup:
        """As the look-up's own answer leaves it."""
        row = self.waiting(actor)
        with transaction.atomic():
            row.voucher = sync.store_voucher(self.account, usable(row.code, self.holder), timezone.now())
        row.state, row.answered_at, row.next_at = Lookup.State.FOUND, timezone.now(), None
        row.seal_cards([dict(card) for card in self.family])
        row.save()
        return row

    def draft(self, actor: User | None = None) -> Lookup:
        """Everything but the last press."""
        row = self.found(actor)
        services.choose_person(row, "316")
        services.set_total(row, TOTAL, now=timezone.now())
        return row

    def refused(self) -> Lookup:
        return services.start_lookup("not a code", self.place, now=timezone.now())

    def redemption(self, state: str = State.CREATED, actor: User | None = None) -> Redemption:
        place = services.Place(actor or self.clerk, self.branch, self.till)
        row = services.redeem_voucher(self.draft(actor), place, now=timezone.now())
        walk(row.operation, state)
        return row

    def overdue(self) -> Redemption:
        row = self.redemption(State.UNKNOWN)
        Operation.objects.filter(pk=row.operation_id).update(escalated_at=timezone.now())
        return row

    @property
    def chief(self) -> User:
        """A supervisor, who opens the cases of this branch."""
        return hire(f"chief-{self.branch.code}", Role.SUPERVISOR, self.branch)

    def case(self, *, sent: bool = False, opener: User | None = None, days: int = 0) -> Case:
        """About a redemption of its own, opened as many days ago."""
        person, now = opener or self.chief, timezone.now() - dt.timedelta(days)
        row = self.redemption(State.SUCCEEDED)
        case = services.open_case(row, person, services.Complaint("wrong_voucher", "give_back"), now=now)
        return services.mark_sent(case, person, now=now) if sent else case

    def act(self, state: str = State.NEEDS_REVIEW, actor: User | None = None) -> Act:
        """A booking that this clerk has asked for, in one of its states."""
        account = self.bookings()
        place = services.Place(actor or self.clerk, self.branch, self.till)
        customer_id, starts = str(uuid.uuid4()), timezone.now() + dt.timedelta(days=1)
        item = {"names": ["كشف أسنان", "", "Check-up"], "starts": starts.isoformat(), "quantity": 1}
        wish = Wish(
            "booking.book",
            Act.Subject.RESERVATION,
            "",
            customer_id,
            {"customer_id": customer_id, "items": []},
            [f"slot:{customer_id}"],
            {"items": [item], "customer": self.holder},
        )
        row = open_act(wish, Counter(place.actor, self.branch, self.till), link_for(account), now=timezone.now())
        walk(row.operation, state)
        return row

    def overdue_act(self) -> Act:
        row = self.act(State.UNKNOWN)
        Operation.objects.filter(pk=row.operation_id).update(escalated_at=timezone.now())
        return row

    def bookings(self) -> BranchAccount:
        """The branch's account for bookings, connected when it is first asked for."""
        found = BranchAccount.objects.filter(branch=self.branch, account__provider="rekaz")
        if not found.exists():
            connect_account(
                provider="rekaz",
                branch=self.branch,
                base_url="http://127.0.0.1:9/rekaz/api/public",
                environment=Environment.SANDBOX,
                values=all_twins()["rekaz"].login(),
            )
        return found.select_related("account", "branch").get()

    def discrepancy(self) -> Discrepancy:
        kind = Discrepancy.Kind.UNSEEN_STATUS
        return Discrepancy.objects.create(account=self.account, branch=self.branch, kind=kind, at=timezone.now())


def usable(code: str, holder: str) -> VoucherRecord:
    tomorrow = timezone.now().date() + dt.timedelta(1)
    return VoucherRecord(
        code=code,
        status=VoucherStatus.USABLE,
        raw_status="verified",
        value=VALUE,
        currency="SAR",
        expires_on=tomorrow,
        external_id=str(uuid.uuid4().int % 10**9),
        reason="",
        holder_name=holder,
        holder_phone="+966512345678",
        holder_id_number="1012345678",
        cards=(),
        payload={},
    )


def far_from_midnight(branch: Branch) -> None:
    """A trading day that ends in twelve hours does not end in the middle of a test."""
    noon = timezone.now().astimezone(branch.zone) + dt.timedelta(hours=12)
    branch.day_ends_at = dt.time(noon.hour, noon.minute)
    branch.save()


def walk(operation: Operation, state: str) -> None:
    for step in ROADS[State(state)]:
        move(operation, step, now=timezone.now(), by="test")
    if state == State.UNKNOWN:
        Operation.objects.filter(pk=operation.pk).update(sent_at=timezone.now())


def open_corner(code: str) -> Corner:
    branch, _created = add_branch(code=code, names=NAMES, country="SA", timezone="Asia/Riyadh", currency="SAR")
    connected = connect_account(
        provider="alreaaiaa",
        branch=branch,
        base_url="http://127.0.0.1:9/alreaaiaa/api/v1",  # nobody listens there, and nobody is meant to ask
        environment=Environment.SANDBOX,
        values={"email": "desk@example.com", "password": "not-shown"},
    )
    clerk, _created = add_staff(username=f"clerk-{code}", role=Role.RECEPTIONIST, branches=[branch], password=None)
    return Corner(branch, connected.account, clerk)


AMINA, KARIM = "+212661234501", "+212672345602"


class ShopCorner(Corner):
    def new_code(self) -> str:
        return f"Ab{next(self.numbers):06d}"

    def found(self, actor: User | None = None, first: Lookup | None = None, owner: str = AMINA) -> Lookup:
        now, place = timezone.now(), services.Place(actor or self.clerk, self.branch, self.till)
        code = self.new_code()
        row = services.add_voucher(first, code, place, now=now) if first else self.waiting(actor)
        record = in_points(row.code, owner)
        row.voucher = sync.store_voucher(self.account, record, now)
        row.state, row.answered_at, row.next_at = Lookup.State.FOUND, now, None
        row.seal_cards(people_on(record, "phone"))
        row.save()
        return row

    def sale(self, number: int = 3) -> Lookup:
        """Scanned, and no more."""
        first = self.found()
        for _ in range(number - 1):
            self.found(first=first)
        return first

    def draft(self, actor: User | None = None, number: int = 3) -> Lookup:
        first = self.sale(number)
        services.confirm_owner(first, AMINA)
        services.set_total(first, TOTAL, now=timezone.now())
        return first


def in_points(code: str, owner: str) -> VoucherRecord:
    points, status = Decimal("10.55"), VoucherStatus.USABLE
    return VoucherRecord(code, "", status, "available", points, POINTS, None, "", "", owner, "", (), {})


def open_shop(code: str) -> ShopCorner:
    names = {"ar": "متجر", "en": "Shop", "fr": "Boutique"}
    branch, _created = add_branch(code=code, names=names, country="MA", timezone="Africa/Casablanca", currency="MAD")
    connected = connect_account(
        provider="afriquia_gaz",
        branch=branch,
        base_url="http://127.0.0.1:9/afriquia_gaz/api/v1",
        environment=Environment.SANDBOX,
        values=all_twins()["afriquia_gaz"].login(),
    )
    now = timezone.now()
    services.set_rate(branch, "afriquia_gaz", Decimal("0.9"), branch.business_date(now), by=None, now=now)
    clerk, _created = add_staff(username=f"clerk-{code}", role=Role.RECEPTIONIST, branches=[branch], password=None)
    return ShopCorner(branch, connected.account, clerk)


HANDLERS = {True: ClientHandler(enforce_csrf_checks=True), False: ClientHandler(enforce_csrf_checks=False)}


def browser(*, csrf: bool = False, **environment: str) -> Client:
    """A browser that shows error pages instead of raising. The middleware is loaded once: its list of files is long."""
    client = Client(raise_request_exception=False, **environment)
    client.handler = HANDLERS[csrf]
    return client


@dataclass
class World:
    """`shop` is a third branch, of another country: several vouchers in one sale, in points. Its clerk is the `seller`."""

    ours: Corner
    theirs: Corner
    shop: ShopCorner
    people: dict[str, User]

    def client(self, who: str, *, csrf: bool = False) -> Client:
        """A browser in which this person has signed in; `disabled` was switched off afterwards."""
        client = browser(csrf=csrf)
        if who == "anonymous":
            return client
        sign_in(client, self.people[who])
        if who == "disabled":
            User.objects.filter(pk=self.people[who].pk).update(is_active=False)
        return client


def build() -> World:
    ours, theirs, shop = open_corner("ours"), open_corner("theirs"), open_shop("shop")
    people = {role.value: hire(role.value, role, ours.branch, password=PASSWORD) for role in Role}
    people["disabled"] = hire("disabled", Role.RECEPTIONIST, ours.branch)
    people["seller"] = shop.clerk
    return World(ours, theirs, shop, people)


def hire(name: str, role: str, *branches: Branch, password: str | None = None) -> User:
    return add_staff(username=name, role=role, branches=branches, password=password)[0]


def dismiss(user: User) -> None:
    Membership.objects.filter(user=user).delete()
