"""`manage.py points PROVIDER RATE --branch CODE [--from DATE]`: what a point of an issuer takes off a bill."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from branches.terminal import TerminalCommand, branch_named, plain
from vouchers.services import set_rate

RATE = re.compile(r"[0-9]+(\.[0-9]+)?")


class Command(TerminalCommand):
    help = "Set what a point of an issuer is worth at a branch, from a day on. Earlier redemptions keep their value."
    examples = """
Example:
  bin/manage points afriquia_gaz 1 --branch maarif --from 2027-01-01
"""

    def arrange(self, parser: CommandParser) -> None:
        parser.add_argument("provider", metavar="PROVIDER", help="an issuer that counts in points")
        parser.add_argument("rate", metavar="RATE", help="of the branch's currency, a point: 1 or 0.95")
        parser.add_argument("--branch", required=True, metavar="CODE", help="the branch that agreed on it")
        parser.add_argument("--from", dest="day", metavar="DATE", help="the first trading day, YYYY-MM-DD (today)")

    def run(self, options: dict[str, Any]) -> None:
        branch, now = branch_named(options["branch"]), timezone.now()
        day = _day(options["day"]) if options["day"] else branch.business_date(now)
        provider = plain("PROVIDER", options["provider"], 32)
        row = set_rate(branch, provider, _rate(options["rate"]), day, by=None, now=now)
        self.stdout.write(
            f"{row.provider} at {branch.code}: {row.rate} {branch.currency} a point from {row.valid_from}"
        )


def _rate(text: str) -> Decimal:
    if not RATE.fullmatch(plain("RATE", text, 20)):
        raise CommandError("RATE must be a number, for example 0.95.")
    return Decimal(text)


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(plain("--from", text, 10))
    except ValueError:
        raise CommandError("--from must be a day, for example 2027-01-01.") from None
