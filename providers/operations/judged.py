"""For the re-read: what we judged to have had no effect."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from providers.models import Operation, Restoration, State
from providers.operations.effects import Look, comparing_kinds, effect_of, look_at
from providers.secrets import unseal

if TYPE_CHECKING:
    from providers.operations.reread import Known

RECENT = timedelta(days=7)
FIRST = uuid.UUID(int=0)
JUDGED = [State.NOT_SENT, State.NOT_APPLIED, State.RESOLVED_NOT_APPLIED]
# In a backup put back these may have gone on: refused for one reason, and done an hour later.
GONE_ON = [*JUDGED, State.REFUSED]


class Judged:
    name = "operations"

    def page(self, after: str, size: int, since: Restoration | None, now: datetime) -> list[Known]:
        rows = Operation.objects.filter(_wanted(since, now), pk__gt=uuid.UUID(after) if after else FIRST)
        rows = rows.select_related("account", "branch").prefetch_related("claims").order_by("pk")
        return [_known(row) for row in rows[:size]]


def _wanted(since: Restoration | None, now: datetime) -> Q:
    if since is None:
        # Of what was never sent nothing can show where only the new shows: whoever did it since had a right to.
        unsent = Q(kind__in=comparing_kinds(), sends=0)
        return Q(state__in=JUDGED, finished_at__gte=now - RECENT) & ~unsent
    ended = Q(state__in=GONE_ON) & ~Q(state=State.REFUSED, refusal_code__in=("already_used", "already_done"))
    return ended & Q(created_at__lte=since.restored_at)


def _known(row: Operation) -> Known:
    from providers.operations.reread import Known

    resource = min(claim.resource for claim in row.claims.all())
    return Known(
        str(row.pk), row.account, row.branch, resource, partial(_look, row), partial(effect_of(row).store, row), row
    )


def _look(row: Operation, client: Any) -> Look:
    request: Mapping[str, Any] = json.loads(unseal(row.sealed_request, row.request_context()))
    return look_at(client, request, row)
