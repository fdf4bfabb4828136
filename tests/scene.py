"""The desk, the provider's twin and the workers as tests move them: by the services, never by writing states."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any, TypeVar

import pytest
from django.db import connections
from django.db.models.functions import Now
from django.utils import timezone

from providers import operations
from providers.models import Operation, State
from providers.sandbox.books import Seen
from providers.sandbox.running import RunningSandbox
from providers.sandbox.shelf import Effect
from providers.windows import Windows
from vouchers import services
from vouchers.models import Lookup, Redemption
from vouchers.services import CannotRedeem, Place

T = TypeVar("T")

CODE = "VCL6C5944NO4058"  # of the documentation: verified, 200 SAR, three cards
OTHER_CODE = "VCL6C5881NO4658"  # 150 SAR
SLUG = "alreaaiaa"
QUICK = Windows(
    connect=2,
    total=10,
    lease=30,
    send=15,
    send_before=60,
    settle=0.2,
    second_look=0.1,
    review=120,
    breaker_failures=1000,
    breaker_open=30,
)
WAITING = [State.CREATED, State.UNKNOWN]
BUSY = [State.CREATED, State.PREPARING, State.SENDING, State.UNKNOWN]


class Desk:
    """One person at one till."""

    def __init__(self, place: Place, twin: RunningSandbox) -> None:
        self.place = place
        self.twin = twin

    def look_up(self, typed: str = CODE, *, now: dt.datetime | None = None) -> Lookup:
        lookup = services.start_lookup(typed, self.place, now=now or timezone.now())
        if lookup.state == Lookup.State.WAITING:
            assert services.look_up_voucher(lookup.pk)
        return Lookup.objects.select_related("voucher", "account", "branch").get(pk=lookup.pk)

    def draft(self, code: str = CODE, total: str = "600") -> Lookup:
        """Looked up, the first person on the voucher chosen, the total typed: one press away from a redemption."""
        lookup = self.look_up(code)
        assert lookup.state == Lookup.State.FOUND, lookup.refusal_code
        services.choose_person(lookup, lookup.cards[0]["id"])
        services.set_total(lookup, Decimal(total), now=timezone.now())
        return lookup

    def press(self, lookup: Lookup) -> Redemption:
        return services.redeem_voucher(lookup, self.place, now=timezone.now())

    def redeem(self, code: str = CODE, total: str = "600") -> Operation:
        """An intent, committed and not sent."""
        return Operation.objects.get(redemption=self.press(self.draft(code, total)))


# The provider's side --------------------------------------------------------------------------------------------------


def writes(twin: RunningSandbox, code: str = CODE) -> list[Seen]:
    """Every request to use this code that reached the provider, whatever became of it."""
    return [seen for seen in twin.control.requests(SLUG) if seen.endpoint == "redeem" and seen.code in (code, "")]


def looks(twin: RunningSandbox, code: str = CODE) -> list[Seen]:
    return [seen for seen in twin.control.requests(SLUG) if seen.endpoint == "find" and seen.code == code]


def effects(twin: RunningSandbox, code: str = CODE) -> list[Effect]:
    return [effect for effect in twin.control.ledger(SLUG) if effect.code == code]


def documented_body(code: str = CODE, price: str = "200", total: str = "600", paid: str = "400") -> bytes:
    """The bytes of mark-used as the provider's documentation has them, without the spaces."""
    fields = {"voucher_code": code, "voucher_price": price, "total_services_price": total}
    return json.dumps(fields | {"total_client_paid_amount": paid}, separators=(",", ":")).encode()


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


# The workers ----------------------------------------------------------------------------------------------------------


def make_due(operation: Operation) -> None:
    """As if the pause between two looks were over. A worker that holds the row goes on; no window gets shorter."""
    rows = Operation.objects.filter(pk=operation.pk, claim_token__isnull=True, next_at__isnull=False)
    rows.filter(state__in=[*WAITING, State.NOT_APPLIED]).update(next_at=Now())


def turn(operation: Operation) -> str:
    """What the next scan of a sender or a settler does with this row."""
    make_due(operation)
    state = Operation.objects.values_list("state", flat=True).get(pk=operation.pk)
    if state in (State.CREATED, State.PREPARING):
        return operations.send_operation(operation.pk)
    return operations.settle_operation(operation.pk)


def refusal(desk: Desk, lookup: Any) -> CannotRedeem:
    with pytest.raises(CannotRedeem) as raised:
        desk.press(lookup)
    return raised.value


def finish(operation: Operation, patience: float = 60) -> Operation:
    """Let the workers at it until it ends or wants a person."""
    deadline = time.monotonic() + patience
    before = ""
    while operation.state in BUSY:
        turn(operation)
        operation.refresh_from_db()
        assert time.monotonic() < deadline, f"still {operation.state}: {history(operation)}"
        if operation.state == before:
            time.sleep(0.1)
        before = operation.state
    return operation


def history(operation: Operation) -> list[tuple[str, str]]:
    return list(operation.transitions.values_list("after", "reason"))


def eventually(true: Callable[[], T], patience: float = 30) -> T:
    deadline = time.monotonic() + patience
    while not (found := true()):
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.02)
    return found


# Many at once ---------------------------------------------------------------------------------------------------------


def in_thread(work: Callable[[], T], done: list[T | BaseException]) -> threading.Thread:
    """Run with a database connection of its own, and put what came of it into `done`."""

    def run() -> None:
        try:
            done.append(work())
        except BaseException as error:  # the test looks at it
            done.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def at_once(works: Sequence[Callable[[], T]], patience: float = 60) -> list[T | BaseException]:
    """All of them in threads of their own, let go in the same moment."""
    gate = threading.Barrier(len(works))
    done: list[T | BaseException] = []

    def through_the_gate(work: Callable[[], T]) -> Callable[[], T]:
        def go() -> T:
            with connections["default"].cursor() as cursor:
                cursor.execute("SELECT 1")  # connected before the start: the race is not for connections
            gate.wait(patience)
            return work()

        return go

    threads = [in_thread(through_the_gate(work), done) for work in works]
    for thread in threads:
        thread.join(patience)
        assert not thread.is_alive()
    return done


@contextmanager
def meanwhile(work: Callable[[], T]) -> Iterator[list[T | BaseException]]:
    """Something that goes on in another thread during the block and has ended after it."""
    done: list[T | BaseException] = []
    thread = in_thread(work, done)
    try:
        yield done
    finally:
        thread.join(60)
        assert not thread.is_alive()
