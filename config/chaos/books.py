"""What a run left behind, read once: operations with what hangs on them, the ledgers and histories, what was shown."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from config.chaos.clinic import PROVIDER, Sale
from config.chaos.site import Twin
from providers.models import Attempt, Discrepancy, Evidence, Operation, Transition
from providers.sandbox.books import Seen
from providers.sandbox.shelf import Effect
from providers.windows import Windows
from vouchers.models import Redemption


@dataclass
class Row:
    """One operation with all that hangs on it."""

    operation: Operation
    code: str
    attempts: list[Attempt] = field(default_factory=list)
    steps: list[Transition] = field(default_factory=list)
    evidence: list[Evidence] = field(default_factory=list)
    late_found: bool = False


@dataclass
class Books:
    rows: dict[Any, Row]
    effects: dict[str, list[Effect]]
    writes: dict[str, list[Seen]]
    looks: dict[str, list[Seen]]
    redemptions: dict[str, Any]  # address -> operation id
    sales: list[Sale]
    windows: Windows


def read(sales: list[Sale], twins: list[Twin], windows: Windows) -> Books:
    redemptions = {str(row.pk): row for row in Redemption.objects.select_related("operation").prefetch_related("lines")}
    rows = {row.operation_id: Row(row.operation, next(iter(row.lines.all())).code) for row in redemptions.values()}
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
        for effect in twin.control.ledger(PROVIDER):
            effects[effect.code].append(effect)
        for seen in twin.control.requests(PROVIDER):
            (writes if seen.endpoint == "redeem" else looks)[seen.code].append(seen)
    addresses = {f"/vouchers/redemptions/{pk}/": row.operation_id for pk, row in redemptions.items()}
    return Books(rows, effects, writes, looks, addresses, sales, windows)
