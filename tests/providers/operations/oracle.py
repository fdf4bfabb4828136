"""What must be true of all redemptions together after every step of a random life: our rows against the twin's own ledger.

`truth.py` asks what one redemption alone can be asked; here several of them may want the same voucher.
"""

from __future__ import annotations

import datetime as dt
import json
import time
import uuid
from collections import defaultdict
from datetime import timedelta
from decimal import Decimal

from django.db import connection

from providers.models import Attempt, Claim, Discrepancy, Operation
from providers.sandbox.books import Seen
from providers.sandbox.running import RunningSandbox
from providers.sandbox.shelf import Effect
from tests.providers.operations.truth import DONE, FREE, NOTHING_HAPPENED, OPEN, assert_chain, assert_patience
from tests.scene import SLUG, sha256

LATEST = 0.8  # seconds after which the latest of the late effects has landed
DECIDES_NOTHING = {"blocked", "unclear"}


class Oracle:
    """Remembers what has ended, and what may be written; everything else it asks the database and the twin."""

    def __init__(self, twin: RunningSandbox) -> None:
        self.twin = twin
        self.rows: dict[str, Operation] = {}  # by the bytes that it sends
        self.codes: dict[uuid.UUID, str] = {}
        self.seen: dict[uuid.UUID, tuple[str, int]] = {}  # state and number of steps, as they were last

    def expect(self, operation: Operation, code: str) -> None:
        redemption = operation.redemption
        value, total, left = redemption.lines.get().value, redemption.services_total, redemption.client_pays
        fields = {"voucher_code": code, "voucher_price": plain(value), "total_services_price": plain(total)}
        body = json.dumps(fields | {"total_client_paid_amount": plain(left)}, separators=(",", ":"))
        self.rows[sha256(body.encode())] = operation
        self.codes[operation.pk] = code

    def check(self) -> None:
        """I1 to I5, I9, I10 of the reference. An effect may come too late; `check_at_rest` asks who was told."""
        assert not connection.in_atomic_block
        sent, done = self.writes(), {effect.code: effect for effect in self.effects()}
        strange = [seen for seen in sent if seen.code and seen.body_sha256 not in self.rows]
        assert not strange, f"written, and nobody has meant it: {strange}"
        fresh = Operation.objects.in_bulk(list(self.codes))
        attempts = list(Attempt.objects.filter(operation__in=fresh).order_by("n"))
        held = set(Claim.objects.filter(operation__in=fresh, open=True).values_list("operation_id", flat=True))
        by_code: dict[str, list[Operation]] = defaultdict(list)
        for body, row in self.rows.items():
            self.rows[body] = row = fresh[row.pk]
            by_code[self.codes[row.pk]].append(row)
            self._assert_chain(row)
            own = [attempt for attempt in attempts if attempt.operation_id == row.pk]
            _assert_attempts(row, own, [seen for seen in sent if seen.body_sha256 == body])
            assert (row.pk in held) == (row.state not in FREE), "whoever may have used a voucher holds it, nobody else"
        for code, rows in by_code.items():
            self._assert_ledgers_agree(rows, done.get(code))

    def writes(self) -> list[Seen]:
        """Every request to use a voucher; a token that was turned away at the door is asked again within one attempt."""
        seen = [one for one in self.twin.box.books.requests(SLUG) if one.endpoint == "redeem"]
        return [one for one in seen if one.fault != "unauthorized"]

    def effects(self) -> list[Effect]:
        found = self.twin.box.books.effects(SLUG)
        assert len({effect.code for effect in found}) == len(found), f"doubled: {found}"
        return found

    def _assert_chain(self, row: Operation) -> None:
        now = row.state, row.steps
        if self.seen.get(row.pk) == now:
            return
        assert row.pk not in self.seen or self.seen[row.pk][0] in OPEN, "what had ended went on"
        self.seen[row.pk] = now
        assert_chain(row)
        assert_patience(row)
        assert (row.finished_at is None) == (row.state in OPEN)

    def _assert_ledgers_agree(self, rows: list[Operation], effect: Effect | None) -> None:
        holders = [row for row in rows if row.state not in FREE]
        assert len(holders) <= 1, f"two hold the same voucher: {[(row.reference, row.state) for row in holders]}"
        done = [row for row in rows if row.state in DONE]
        assert len(done) <= (1 if effect else 0), f"{[row.state for row in done]} of {effect}"
        for row in rows:
            if effect and row.state in NOTHING_HAPPENED and effect.body_sha256 == self._body_of(row):
                assert row.state == "not_applied", f"{row.state}, and the voucher was used by it"
                assert effect.at >= _last_look(row).isoformat(), "it was there to be seen when it was judged not done"

    def _body_of(self, operation: Operation) -> str:
        return next(body for body, row in self.rows.items() if row == operation)

    # When nothing goes wrong any more ---------------------------------------------------------------------------------

    def wait_for_late_effects(self) -> None:
        late = [seen.at for seen in self.writes() if seen.fault == "late_effect"]
        if late:
            landed = dt.datetime.fromisoformat(max(late)) + timedelta(seconds=LATEST + 0.02)
            time.sleep(max(0.0, (landed - dt.datetime.now(dt.UTC)).total_seconds()))

    def check_at_rest(self) -> None:
        """I3, I6, I7: all final or with a person, with a person only where looks decide nothing, every late effect found."""
        self.check()
        done = {effect.code: effect for effect in self.effects()}
        for body, row in self.rows.items():
            assert row.state not in OPEN - {"needs_review"}, f"left over: {row.state}"
            if row.state == "needs_review":
                assert self._cannot_be_told(row), "a person is asked what a look can tell"
            effect = done.get(self.codes[row.pk])
            if effect and effect.body_sha256 == body and row.state == "not_applied":
                assert self._is_reported(row), "a late effect that nobody was told of"

    def _cannot_be_told(self, row: Operation) -> bool:
        looks = row.evidence.filter(source="read").order_by("id").values_list("verdict", flat=True)
        handed_over = row.transitions.filter(reason="handed_over").exists()
        return handed_over or list(looks)[-1] in DECIDES_NOTHING

    def _is_reported(self, row: Operation) -> bool:
        """As a discrepancy, or under the name of a later redemption of the same voucher that took it for its own."""
        if Discrepancy.objects.filter(operation=row, kind="late_effect").exists():
            return True
        resources = row.claims.values("resource")
        return Claim.objects.filter(resource__in=resources, open=True).exclude(operation=row).exists()


def _assert_attempts(row: Operation, attempts: list[Attempt], sent: list[Seen]) -> None:
    assert len(sent) <= len(attempts) <= 3, f"{len(sent)} writes, {len(attempts)} attempts"
    for attempt, seen in zip(attempts, sent, strict=False):
        assert attempt.at <= dt.datetime.fromisoformat(seen.at), "sent before the attempt was committed"
    assert row.state != "not_sent" or sent == [], "it says that nothing was sent"


def plain(amount: Decimal) -> str:
    return f"{amount.normalize():f}"


def _last_look(operation: Operation) -> dt.datetime:
    """When the look began after which it was judged; what it did not see may have happened since."""
    before = operation.calls.filter(path="/findClientCenterVouchers", at__lt=operation.finished_at)
    return before.latest("at").at.astimezone(dt.UTC) - timedelta(seconds=0.05)  # reads may lag that much here
