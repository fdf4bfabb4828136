"""What a run left behind, read once: operations with what hangs on them, the ledgers and histories, what was shown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Protocol

from config.chaos.clinic import Sale
from config.chaos.trades import Trade
from providers.models import Attempt, Discrepancy, Evidence, Operation, Transition
from providers.sandbox.books import Seen
from providers.sandbox.remote import Remote
from providers.sandbox.shelf import Effect
from providers.windows import Windows
from vouchers.models import Redemption


class Told(Protocol):
    """A twin, for what it tells: its ledger and what it was asked."""

    @property
    def control(self) -> Remote: ...


@dataclass
class Row:
    """One operation with all that hangs on it."""

    operation: Operation
    values: dict[str, Decimal]  # code -> what it takes off the bill
    used: frozenset[str]  # codes that we say are used
    attempts: list[Attempt] = field(default_factory=list)
    steps: list[Transition] = field(default_factory=list)
    evidence: list[Evidence] = field(default_factory=list)
    late_found: bool = False

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(self.values)


@dataclass
class Books:
    trade: Trade
    rows: dict[Any, Row]
    effects: dict[str, list[Effect]]
    writes: dict[str, list[Seen]]
    looks: dict[str, list[Seen]]
    redemptions: dict[str, Any]  # address -> operation id
    sales: list[Sale]
    windows: Windows


def read(trade: Trade, sales: list[Sale], twins: Sequence[Told], windows: Windows) -> Books:
    redemptions = {str(row.pk): row for row in Redemption.objects.select_related("operation").prefetch_related("lines")}
    rows = {row.operation_id: _row(row) for row in redemptions.values()}
    for model, name in ((Attempt, "attempts"), (Transition, "steps"), (Evidence, "evidence")):
        for item in model._default_manager.order_by("pk").iterator():
            if item.operation_id in rows:
                getattr(rows[item.operation_id], name).append(item)
    for row in rows.values():
        row.steps.sort(key=lambda step: step.n)
    for found in Discrepancy.objects.filter(kind="late_effect").values_list("operation", flat=True):
        if found in rows:
            rows[found].late_found = True
    effects: dict[str, list[Effect]] = defaultdict(list)
    writes: dict[str, list[Seen]] = defaultdict(list)
    looks: dict[str, list[Seen]] = defaultdict(list)
    for twin in twins:
        for effect in twin.control.ledger(trade.slug):
            effects[effect.code].append(effect)
        for seen in twin.control.requests(trade.slug):
            for code in seen.codes:
                (writes if seen.endpoint == "redeem" else looks)[code].append(seen)
    addresses = {f"/vouchers/redemptions/{pk}/": row.operation_id for pk, row in redemptions.items()}
    return Books(trade, rows, effects, writes, looks, addresses, sales, windows)


def _row(redemption: Redemption) -> Row:
    operation, lines = redemption.operation, list(redemption.lines.all())
    values = {line.code: line.value for line in lines}
    if operation.state in ("succeeded", "resolved_applied"):
        return Row(operation, values, frozenset(values))
    parts = set(operation.outcome.get("applied", ())) if operation.state == "partial" else set()
    return Row(operation, values, frozenset(line.code for line in lines if f"voucher:{line.code_hash}" in parts))
