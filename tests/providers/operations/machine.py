"""A random life of a few redemptions: people, faults, kills, workers and time, in any order, against the twin as the oracle.

Every step is written down as plain JSON; `corpus.json` holds lives that once went wrong, or that dice seldom walk through.
"""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from providers import operations
from providers.models import AccountHealth, Operation
from tests.providers.operations.happenings import CODES, Happenings
from tests.providers.operations.oracle import Oracle
from tests.providers.operations.steps import OPENING, Step, any_step
from tests.scene import BUSY, SLUG, make_due


class Life(Happenings, RuleBasedStateMachine):
    """`scene` is of a class made for the test."""

    numbers = itertools.count(1)  # no voucher is used by two lives

    def __init__(self) -> None:
        super().__init__()
        self.steps: list[list[Any]] = []
        self.failed = False
        self.twin = self.scene.desks[0].twin
        self.twin.control.reset("demo")
        AccountHealth.objects.all().delete()
        number = next(self.numbers)
        self.codes = [f"VCL9C{number:04d}NO{place:04d}" for place in range(CODES)]
        self.twin.control.put_vouchers(SLUG, *({"voucher_code": code, "price_value": 200} for code in self.codes))
        self.drafts = []
        self.oracle = Oracle(self.twin)

    @initialize()
    def it_begins(self) -> None:
        for step in OPENING:
            self.go(*step)

    @rule(step=st.deferred(any_step))
    def something_happens(self, step: Step) -> None:
        self.go(*step)

    def go(self, name: str, given: dict[str, Any]) -> None:
        self.steps.append([name, given])
        with self.telling():
            getattr(self, name)(**given)

    @contextmanager
    def telling(self) -> Iterator[None]:
        """Whatever fails says what it takes to see it again: a line for corpus.json."""
        try:
            yield
        except BaseException:
            self.failed = True
            print(json.dumps(self.steps))
            raise

    # What holds -------------------------------------------------------------------------------------------------------

    @invariant()
    def the_books_agree(self) -> None:
        with self.telling():
            self.oracle.check()

    def teardown(self) -> None:
        """Everything heals, and comes to rest."""
        self.twin.control.down(SLUG, False)
        self.twin.control.clear_faults()
        if self.failed:
            return
        with self.telling():
            self.oracle.wait_for_late_effects()
            for operation in self.operations:
                self._come_to_rest(operation)
            for operation in self.operations:  # the nightly look at what was not done
                make_due(operation)
                operations.settle_operation(operation.pk)
            self.oracle.check_at_rest()

    def _come_to_rest(self, operation: Operation) -> None:
        deadline = time.monotonic() + 10
        operation.refresh_from_db()
        while operation.state in BUSY:
            make_due(operation)
            operations.send_operation(operation.pk)
            operations.settle_operation(operation.pk)
            operation.refresh_from_db()
            assert time.monotonic() < deadline, f"still {operation.state}"
            time.sleep(0.03 if operation.state in BUSY else 0)
