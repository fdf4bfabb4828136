"""The steps of a random life: what people, the provider, time and workers do."""

from __future__ import annotations

import dataclasses
import datetime as dt
import time
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection
from django.db.models.functions import Now
from django.utils import timezone

from branches.models import User
from providers import operations
from providers.models import Operation
from providers.sandbox.books import Seen
from providers.sandbox.running import RunningSandbox
from tests.elsewhere import Elsewhere
from tests.providers.operations.faults import FAMILIES, LOST, TURNED_AWAY, Fault
from tests.providers.operations.oracle import LATEST, Oracle
from tests.providers.operations.steps import PICK, step
from tests.providers.operations.truth import DONE
from tests.scene import QUICK, SLUG, Desk, eventually, make_due, meanwhile
from vouchers import services
from vouchers.models import Lookup
from vouchers.services import CannotRedeem

WINDOWS = dataclasses.replace(QUICK, settle=0.1, second_look=0.02, review=0.5)
CODES = 4
LATE = [Fault("late_effect", {"seconds": when, "answer": how}) for when in (0.05, LATEST) for how in ("504", "rst")]
HUNG = [Fault("hang_before", {"seconds": 0.1}), Fault("hang_after", {"seconds": 0.1})]
PEOPLE = [Fault("human", {"when": when}) for when in ("before", "after")]
WRITES = [*LOST, *LATE, *HUNG, *PEOPLE, *TURNED_AWAY, *(fault for family in FAMILIES.values() for fault in family)]
LOOKS = [*LOST, *HUNG, *PEOPLE, *TURNED_AWAY, Fault("stale_read", {"seconds": 0.02}), Fault("delay", {"seconds": 1.0})]
LOOKS += FAMILIES["statuses without effect"] + FAMILIES["spoiled answers without effect"]
# A late effect is the rarest of accidents and the one that needs the most steps around it.
OFTEN = [str(fault) for fault in LATE] * 4
WRITTEN, LOOKED = {str(fault): fault for fault in WRITES}, {str(fault): fault for fault in LOOKS}
STILL = DONE | {"refused", "not_sent"}
SLOW = 0.2
POINTS = ("K3", "K4", "K5", "K6", "K7", "K8", "K9")


@dataclass(frozen=True)
class Scene:
    desks: tuple[Desk, Desk]
    reviewers: tuple[User, User]
    elsewhere: Elsewhere


class Happenings:
    scene: Scene
    twin: RunningSandbox
    codes: list[str]
    drafts: list[tuple[Lookup, Desk, str]]
    oracle: Oracle

    @property
    def operations(self) -> list[Operation]:
        """As they were after the last step."""
        return list(self.oracle.rows.values())

    # People -----------------------------------------------------------------------------------------------------------

    @step(code=PICK, till=PICK)
    def look_up(self, code: int, till: int) -> None:
        """Up to the last press, unless the issuer or our own ledger says no. Each has a total of its own."""
        self._look_up(code, till)

    def _look_up(self, code: int, till: int) -> None:
        desk, wanted = self.scene.desks[till % 2], self.codes[code % CODES]
        lookup = desk.look_up(wanted)
        if lookup.state == Lookup.State.FOUND:
            services.choose_person(lookup, lookup.cards[0]["id"])
            services.set_total(lookup, Decimal(600 + len(self.drafts)), now=timezone.now())
            self.drafts.append((lookup, desk, wanted))

    @step(code=PICK, till=PICK)
    def redeem(self, code: int, till: int) -> None:
        before = len(self.drafts)
        self._look_up(code, till)
        if len(self.drafts) > before:
            self._press(before)

    @step(draft=PICK)
    def press(self, draft: int) -> None:
        self._press(draft)

    @step(draft=PICK)
    def press_twice(self, draft: int) -> None:
        """I8."""
        assert self._press(draft) == self._press(draft)

    def _press(self, draft: int) -> Operation | None:
        if not self.drafts:
            return None
        lookup, desk, code = self.drafts[draft % len(self.drafts)]
        try:
            operation = desk.press(lookup).operation
        except CannotRedeem as refused:
            assert refused.code in ("in_use_here", "already_used_here", "issuer_down", "person_missing")
            return None
        self._committed(operation, code)
        return operation

    def _committed(self, operation: Operation, code: str) -> None:
        if operation.pk not in self.oracle.codes:
            self.oracle.expect(operation, code)

    @step(row=PICK)
    def a_person_decides(self, row: int) -> None:
        """What she sees in the issuer's portal. An overdue one she takes from the machine first."""
        if operation := self._row(row):
            self.oracle.wait_for_late_effects()
            used = any(effect.code == self.oracle.codes[operation.pk] for effect in self.oracle.effects())
            if operation.state == "unknown" and operation.escalated_at:
                operations.hand_over(operation, self.scene.reviewers[0])
                operation.refresh_from_db()
            for person in self.scene.reviewers if operation.state == "needs_review" else ():
                operations.decide(operation, person, applied=used, reason="issuer_portal")

    # The provider -----------------------------------------------------------------------------------------------------

    @step(row=PICK, fault=sorted(WRITTEN) + OFTEN)
    def a_write_meets(self, row: int, fault: str) -> None:
        if operation := self._script("redeem", row, WRITTEN[fault]):
            operations.send_operation(operation.pk)

    @step(row=PICK, fault=sorted(LOOKED))
    def a_look_meets(self, row: int, fault: str) -> None:
        if operation := self._script("find", row, LOOKED[fault]):
            operations.send_operation(operation.pk)
            operations.settle_operation(operation.pk)

    def _script(self, endpoint: str, row: int, fault: Fault) -> Operation | None:
        """The next request of this kind; a worker that comes at once may send it, or something may happen before."""
        operation = self._due(row)
        if operation:
            self.twin.control.fault(fault.kind, endpoint=endpoint, code=self.oracle.codes[operation.pk], **fault.given)
        return operation

    @step(row=PICK)
    def the_issuer_cancels(self, row: int) -> None:
        """What was sent and is not used."""
        operation, used = self._row(row), {effect.code for effect in self.oracle.effects()}
        if operation and operation.sends and self.oracle.codes[operation.pk] not in used:
            voucher = {"voucher_code": self.oracle.codes[operation.pk], "price_value": 200, "status": "canceled"}
            self.twin.control.put_vouchers(SLUG, voucher)

    @step(row=PICK)
    def the_provider_is_away_for_a_turn(self, row: int) -> None:
        self.twin.control.down(SLUG, True)
        if operation := self._due(row):
            operations.send_operation(operation.pk)
            operations.settle_operation(operation.pk)
        self.twin.control.down(SLUG, False)

    # Time and workers -------------------------------------------------------------------------------------------------

    @step()
    def late_effects_land(self) -> None:
        self.oracle.wait_for_late_effects()

    @step(row=PICK)
    def it_grows_too_old(self, row: int) -> None:
        """Of what was sent: it is not sent again. What was not sent yet dies too easily to be worth a life."""
        if (operation := self._row(row)) and operation.sends:
            Operation.objects.filter(pk=operation.pk).update(send_before=Now())

    @step(row=PICK, looks=(0, 1, 2, 3))
    def a_settler_comes(self, row: int, looks: int) -> None:
        """None: at once; else when the window has passed, and so often. It watches, too, what was judged not done."""
        time.sleep(WINDOWS.settle + 0.01 if looks else 0)
        for _ in range(looks or 1):
            if operation := self._due(row):
                operations.settle_operation(operation.pk)
            time.sleep(WINDOWS.second_look + 0.01 if looks > 1 else 0)

    @step(row=PICK)
    def a_slow_answer_holds_no_transaction(self, row: int) -> None:
        """I11."""
        if operation := self._due(row):
            self.twin.control.clear_faults()
            self.twin.control.fault("delay", endpoint="redeem", code=self.oracle.codes[operation.pk], seconds=SLOW)
            before = len(self.oracle.writes())
            with meanwhile(lambda: operations.send_operation(operation.pk)) as done:
                eventually(lambda: done or len(self.oracle.writes()) > before)
                idle = _transactions_that_wait()
                waits = [seen for seen in self.oracle.writes()[before:] if _age(seen) < SLOW]
            assert not (idle and waits), "a transaction was open while the provider was spoken to"

    @step(draft=PICK, point=("K1", "K2"))
    def the_web_server_dies(self, draft: int, point: str) -> None:
        if self.drafts:
            lookup, _desk, code = self.drafts[draft % len(self.drafts)]
            self.scene.elsewhere.run("redeem", lookup.pk, kill=point)
            for operation in Operation.objects.filter(form_token=lookup.pk):
                self._committed(operation, code)

    @step(row=PICK, point=POINTS)
    def the_sender_dies(self, row: int, point: str) -> None:
        if (operation := self._due(row)) and self.scene.elsewhere.run("send", operation.pk, kill=point).killed:
            _end_its_lease(operation)

    def _row(self, row: int) -> Operation | None:
        """One that may still change; the last pick means any of them."""
        moving = [one for one in self.operations if one.state not in STILL]
        rows = moving if moving and row != PICK[-1] else self.operations
        return rows[row % len(rows)] if rows else None

    def _due(self, row: int) -> Operation | None:
        operation = self._row(row)
        if operation:
            make_due(operation)
        return operation


def _end_its_lease(operation: Operation) -> None:
    """As if it had run out; whoever held it is dead."""
    Operation.objects.filter(pk=operation.pk, claim_token__isnull=False).update(next_at=Now(), lease_until=Now())


def _age(seen: Seen) -> float:
    return (dt.datetime.now(dt.UTC) - dt.datetime.fromisoformat(seen.at)).total_seconds()


def _transactions_that_wait() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in%%'"
        )
        return int(cursor.fetchone()[0])
