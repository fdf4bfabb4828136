"""`manage.py settle`: find out now what became of redemptions that had no clear answer."""

from __future__ import annotations

import json
import math
import time
import uuid
from collections import Counter
from datetime import timedelta
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db.models import QuerySet

from branches.terminal import TerminalCommand
from providers.models import Operation, State
from providers.operations import due_to_settle, settle_operation
from providers.operations.life import database_now

LONGEST_WAIT = 24 * 3600
LOOK_EVERY = timedelta(seconds=5)  # while we wait: sooner than the backoff, and still kind to the provider
PAUSE = 0.5
ALWAYS_TOLD = [State.SUCCEEDED, State.NOT_APPLIED, State.PARTIAL, State.NEEDS_REVIEW, State.UNKNOWN]


class Command(TerminalCommand):
    help = (
        "Look at every operation without a clear answer now, whether or not a worker runs. It only looks; nothing is sent. "
        "An operation that shows nothing is judged only after its settle window, so one round may leave some unknown."
    )
    examples = """
Examples:
  bin/manage settle                       one round
  bin/manage settle --until-quiet 120     again and again until none is unknown, for two minutes at most
"""

    def arrange(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--until-quiet", type=float, metavar="SECONDS", help="go on until none is unknown, at most so long"
        )
        parser.add_argument("--json", action="store_true", help="one JSON object: how many ended how")

    def run(self, options: dict[str, Any]) -> None:
        seen: set[uuid.UUID] = set()
        wait = seconds(options["until_quiet"])
        deadline = time.monotonic() + wait
        bring_forward(timedelta(0))
        while True:
            seen |= set(unsettled().values_list("pk", flat=True))
            look_at_due(deadline if wait else math.inf)
            if time.monotonic() >= deadline or not unsettled().exists():
                break
            time.sleep(PAUSE)
            bring_forward(LOOK_EVERY)
        self._tell(outcomes(seen), as_json=bool(options["json"]))

    def _tell(self, counts: dict[str, int], *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(counts))
            return
        said = [f"{count} {State(state).label.lower()}" for state, count in counts.items() if count]
        self.stdout.write(", ".join(said) or "nothing was unknown")


def seconds(value: Any) -> float:
    """0 for one round. Raises CommandError."""
    if value is None:
        return 0.0
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise CommandError("--until-quiet takes a number of seconds.")
    if not 0 <= value <= LONGEST_WAIT:
        raise CommandError(f"--until-quiet takes 0 to {LONGEST_WAIT} seconds.")
    return float(value)


def unsettled() -> QuerySet[Operation]:
    return Operation.objects.filter(state__in=[State.UNKNOWN, State.SENDING])


def bring_forward(wait: timedelta) -> None:
    """The next look of unknown rows that nobody holds, to at most this far ahead. A row in a worker's hands is left alone."""
    latest = database_now() + wait
    Operation.objects.filter(state=State.UNKNOWN, claim_token__isnull=True, next_at__gt=latest).update(next_at=latest)


def look_at_due(deadline: float) -> None:
    """One round. Rows of the watch after a negative are due too, and are looked at like the others."""
    done: set[uuid.UUID] = set()
    while due := [row_id for row_id in due_to_settle(limit=500) if row_id not in done]:
        for row_id in due:
            if time.monotonic() >= deadline:
                return
            settle_operation(row_id)
            done.add(row_id)


def outcomes(seen: set[uuid.UUID]) -> dict[str, int]:
    found = Counter(Operation.objects.filter(pk__in=seen).values_list("state", flat=True))
    return {state.value: found[state] for state in State if found[state] or state in ALWAYS_TOLD}
