"""Random lives of bookings and moves against the provider in memory, which knows the truth: nothing is doubled, lost or
misreported, whatever is lost on the way and whoever dies. WASL_LIVES=200 lets it soak."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import hypothesis
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from providers import operations
from providers.models import AccountHealth, Claim, Discrepancy, State
from providers.operations import effects, kill
from reservations.effects.making import Book
from reservations.models import Act, Reservation
from reservations.services import CannotBook
from tests.reservations.book import Died
from tests.reservations.clinic import Clinic, finish, finish_all, turn
from tests.reservations.made import HOURS, hours
from tests.scene import make_due

LIVES = int(os.environ.get("WASL_LIVES", "6"))
ACCIDENTS = ("", "", "before_effect", "lost_answer", "delayed", "unsent", "dies", "dies_before", "refusal")
DONE = {State.SUCCEEDED, State.RESOLVED_APPLIED}
UNDONE = {State.REFUSED, State.NOT_SENT, State.NOT_APPLIED}
POINTS = ("K3", "K4", "K5", "K6", "K8", "K9")
hour, pick = st.sampled_from(HOURS), st.integers(0, 5)


class Life(RuleBasedStateMachine):
    """`clinic` is of a class made for the test; so is `dying`, the point at which the next worker dies."""

    clinic: Clinic
    row: Reservation
    dying: list[str]

    def __init__(self) -> None:
        super().__init__()
        book = self.clinic.book
        book.bookings.clear(), book.accidents.clear(), book.landing.clear(), book.writes.clear(), book.effects.clear()
        book.away, self.acts = False, list[Act]()
        AccountHealth.objects.all().delete()
        Claim.objects.filter(open=True).update(open=False)
        self.row = self.clinic.known(book.add_booking("cust-2", *hours(6)))
        self.wanted: dict[int, tuple[str, str]] = {}

    @rule(at=hour, accident=st.sampled_from(ACCIDENTS))
    def somebody_books(self, at: int, accident: str) -> None:
        self._open(lambda: self.clinic.order(at, again=True), accident)

    @rule(at=hour, accident=st.sampled_from(ACCIDENTS))
    def somebody_moves(self, at: int, accident: str) -> None:
        row = self.clinic.known(self.row.external_id)
        self._open(lambda: self.clinic.move(row, at), accident)

    def _open(self, press: Callable[[], Act], accident: str) -> None:
        try:
            act = press()
        except CannotBook as refused:
            assert refused.code == "in_use_here"
            return
        self.acts.append(act)
        self.clinic.book.accidents = [accident]
        turn(act.operation)
        self.clinic.book.accidents = []

    @precondition(lambda self: self.acts)
    @rule(one=pick, accident=st.sampled_from(ACCIDENTS), point=st.sampled_from((*POINTS, "")))
    def a_worker_comes(self, one: int, accident: str, point: str) -> None:
        self.clinic.book.accidents, self.dying[:] = [accident], [point]
        turn(self._act(one).operation)
        self.clinic.book.accidents, self.dying[:] = [], [""]

    @rule()
    def what_was_delayed_lands(self) -> None:
        """Before the settle window is over for whoever waits: later ones are the watch's."""
        self.clinic.book.land()

    @precondition(lambda self: self.acts)
    @rule(one=pick)
    def it_is_away_for_a_turn(self, one: int) -> None:
        self.clinic.book.away = True
        turn(self._act(one).operation)
        self.clinic.book.away = False

    def _act(self, one: int) -> Act:
        act = self.acts[one % len(self.acts)]
        act.operation.refresh_from_db()
        return act

    @invariant()
    def no_booking_is_sent_twice(self) -> None:
        sent = [given for name, given in self.clinic.book.writes if name == "book"]
        books = [act for act in self.acts if act.operation.kind == "booking.book"]
        assert len(sent) <= len(books), "a machine sent a booking again"
        assert not self.clinic.book.seen_in_transaction

    def teardown(self) -> None:
        book = self.clinic.book
        book.away, book.accidents, self.dying[:] = False, [], [""]
        book.land()
        self._to_rest()
        for act in self.acts:  # the nightly look at what was not done
            make_due(act.operation)
            operations.settle_operation(act.operation_id)
        self._check_bookings()
        self._check_moves()

    def _to_rest(self) -> None:
        """By turns: one may wait for what another finds. A booking at nine whose answer was lost looks like ours at twelve,
        read in the other clock, until its own operation has found it."""
        finish_all(self.acts)
        for act in self.acts:
            act.operation.refresh_from_db()
            act.refresh_from_db()

    def _check_bookings(self) -> None:
        """Each success has its own booking, each other one has none, and no booking is left unexplained."""
        there = {one for one in self.clinic.book.bookings if one != self.row.external_id}
        claimed: list[str] = []
        for act in self.acts:
            if act.operation.kind != "booking.book":
                continue
            state = act.operation.state
            assert state in DONE | UNDONE, state
            if state in DONE:
                assert len(act.made_ids) == 1
                wire = self.clinic.book.bookings[act.made_ids[0]].wire_starts
                assert act.operation.claims.get().resource.endswith(wire)
                claimed += act.made_ids
        assert len(claimed) == len(set(claimed)), "one booking is the success of two"
        late = Discrepancy.objects.filter(kind=Discrepancy.Kind.LATE_EFFECT, operation__in=self._operations())
        explained = {one for row in late for one in row.facts["made"]}
        assert there == set(claimed) | explained, "a booking that nobody reports"

    def _operations(self) -> list[Any]:
        return [act.operation_id for act in self.acts]

    def _check_moves(self) -> None:
        moves = [act for act in self.acts if act.operation.kind == "booking.reschedule"]
        effects = {key[2] for key in self.clinic.book.effects if key[0] == "reschedule"}
        for act in moves:
            if act.operation.state in DONE:
                assert self._target(act) in effects, "a move was reported that never happened"
        done = [act for act in moves if act.operation.state in DONE]
        final = self.clinic.book.bookings[self.row.external_id].wire_starts
        if done and all(act.operation.state in DONE | {State.REFUSED, State.NOT_SENT} for act in moves):
            last = max(done, key=lambda act: act.operation.created_at)
            assert final == self._target(last)

    def _target(self, act: Act) -> str:
        return str(act.asked["to"]).replace("+00:00", "Z")


@pytest.fixture
def life(clinic: Clinic) -> Iterator[type[Life]]:
    dying = [""]

    def at(point: str) -> None:
        if point in dying:
            dying[:] = [""]
            raise Died

    class Here(Life):
        pass

    Here.clinic, Here.dying = clinic, dying
    with kill.armed(at):
        yield Here


def test_nothing_is_doubled_lost_or_misreported(life: type[Life]) -> None:
    health = hypothesis.HealthCheck
    quick = hypothesis.settings(
        max_examples=LIVES, stateful_step_count=14, suppress_health_check=list(health), report_multiple_bugs=False
    )
    run_state_machine_as_test(life, settings=quick)


class Careless(Book):
    """The class of a booking forgotten."""

    setting = True


@pytest.fixture
def careless(life: type[Life]) -> Iterator[type[Life]]:
    effects.register(Careless())
    yield life
    effects.register(Book())


def test_a_machine_that_sent_bookings_again_would_be_caught(careless: type[Life]) -> None:
    """The control: the same lives end in doubles."""
    machine = careless()
    machine.somebody_books(6, "before_effect")
    finish(machine.acts[0])
    with pytest.raises(AssertionError, match="sent a booking again"):
        machine.no_booking_is_sent_twice()
