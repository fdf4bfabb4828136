"""`manage.py purge`: drop what is kept for a time only. Beat does the same every hour."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from branches.sessions import purge_sessions
from branches.terminal import TerminalCommand
from customers.services import purge_searches
from partners.notices import purge_notices
from providers.operations.journal import purge_calls
from vouchers.services import purge_vouchers

SAID = {
    "lookups": "look-ups without a redemption, older than a day",
    "cards": "look-ups whose family cards were dropped",
    "codes": "voucher codes of redemptions that ended 30 days ago",
    "calls": "provider calls older than 90 days",
    "sessions": "sessions that have ended",
    "notices": "messages to partners, older than 30 days",
    "searches": "searches for customers, older than a day",
}


class Command(TerminalCommand):
    help = "Drop personal data and journals whose time is over, and say how much went. Running it again drops nothing more."

    def run(self, options: dict[str, Any]) -> None:
        now = timezone.now()
        counts = purge_vouchers(now=now) | {"calls": purge_calls(now=now), "sessions": purge_sessions(now=now)}
        counts |= {"searches": purge_searches(now=now), "notices": purge_notices(now=now)}
        for name, count in counts.items():
            self.stdout.write(f"{count:>8}  {SAID.get(name, name)}")
