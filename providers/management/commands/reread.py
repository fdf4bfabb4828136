"""`manage.py reread`: what the nightly run does, now: list every effect at a provider that no operation of ours explains."""

from __future__ import annotations

import json
import sys
from typing import Any

from django.core.management.base import CommandError, CommandParser

from branches.terminal import TerminalCommand
from providers.models import Discrepancy
from providers.operations.reread import PAUSE, Busy, Pace, reread

INCOMPLETE = 3


class Command(TerminalCommand):
    help = (
        "Read again what we know of at the providers, and list what was used there and no redemption of ours explains. It "
        "only reads. After a restore it reads everything that the backup knows of; run it once the workers are back. "
        f"Exit status {INCOMPLETE}: not everything could be read; the next run goes on."
    )

    def arrange(self, parser: CommandParser) -> None:
        parser.add_argument("--pause", type=float, default=PAUSE, help="seconds between two reads (%(default)s)")
        parser.add_argument("--json", action="store_true", help="one JSON object")

    def run(self, options: dict[str, Any]) -> None:
        if not 0 <= options["pause"] <= 60:
            raise CommandError("--pause takes 0 to 60 seconds.")
        try:
            row = reread(Pace(pause=options["pause"]))
        except Busy:
            raise CommandError("Another re-read is at work.") from None
        counts = {"read": row.read, "listed": row.listed, "failed": row.failed, "complete": row.complete}
        if options["json"]:
            self.stdout.write(json.dumps(counts))
        else:
            self._tell(counts)
        if not row.complete:
            sys.exit(INCOMPLETE)

    def _tell(self, counts: dict[str, Any]) -> None:
        self.stdout.write(
            f"{counts['read']} read, {counts['failed']} without an answer, {counts['listed']} newly listed"
        )
        kinds = [Discrepancy.Kind.ORPHAN_EFFECT, Discrepancy.Kind.LATE_EFFECT]
        rows = Discrepancy.objects.filter(kind__in=kinds, closed_at__isnull=True)
        for row in rows.select_related("operation", "account", "branch").order_by("at"):
            ends = ", ".join(str(voucher.get("last4", "")) for voucher in row.facts.get("vouchers", []))
            ours = f" after {row.operation.reference}" if row.operation else ""
            self.stdout.write(f"  open: {row.account}, {row.branch.code}, voucher ending in {ends}{ours}")
        if not counts["complete"]:
            self.stdout.write("Not everything could be read yet: run it again, or leave it to the night.")
