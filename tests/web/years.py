"""A branch that has worked for years, in a moment: copies of real rows, sealed anew because a seal belongs to its row."""

from __future__ import annotations

import copy
import uuid
from typing import TypeVar

from django.db import models

from branches.models import User
from providers.models import Operation, State
from providers.secrets import seal
from tests.web.world import Corner
from vouchers.models import Lookup, Redemption, RedemptionLine

STATES = [State.CREATED, State.UNKNOWN, State.NEEDS_REVIEW, State.SUCCEEDED, State.REFUSED]
Row = TypeVar("Row", bound=models.Model)


def fill(corner: Corner, colleague: User, number: int) -> None:
    """As many redemptions, and as many look-ups, in every state; half of each the colleague's own."""
    rows = [corner.redemption(state, actor) for state in STATES for actor in (corner.clerk, colleague)]
    patterns = (
        Redemption.objects.filter(pk__in=[row.pk for row in rows]).select_related("operation").prefetch_related("lines")
    )
    drafts = [corner.found(), corner.found(colleague), corner.waiting(colleague), corner.refused()]
    again = [patterns[n % len(patterns)] for n in range(number - len(patterns))]
    write([redeemed_again(row) for row in again])
    Lookup.objects.bulk_create([asked_again(drafts[n % len(drafts)]) for n in range(number - len(drafts))])


def copied(row: Row, **changes: object) -> Row:
    new = copy.copy(row)
    for name, value in changes.items():
        setattr(new, name, value)
    return new


def asked_again(row: Lookup) -> Lookup:
    new = copied(row, id=uuid.uuid4())
    new.seal_code(row.typed, row.code)
    new.seal_cards(row.cards)
    return new


def redeemed_again(row: Redemption) -> tuple[Operation, Redemption, RedemptionLine]:
    key = uuid.uuid4()
    operation = copied(row.operation, id=key, reference=key.hex[:16], form_token=key)
    redemption = copied(row, id=uuid.uuid4(), operation=operation, lookup=None)
    line = copied(row.lines.all()[0], pk=None, id=None, redemption=redemption)
    line.sealed_code = seal("VCL6C5944NO4058", line.context())
    return operation, redemption, line


def write(rows: list[tuple[Operation, Redemption, RedemptionLine]]) -> None:
    Operation.objects.bulk_create(operation for operation, _redemption, _line in rows)
    Redemption.objects.bulk_create(redemption for _operation, redemption, _line in rows)
    RedemptionLine.objects.bulk_create(line for _operation, _redemption, line in rows)
