"""`manage.py key issue PARTNER`: a key for a partner's programs, shown once. `key revoke PREFIX`: it opens nothing any more."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from branches.models import Branch
from branches.terminal import TerminalCommand, branch_named, plain
from partners.keys import issue_key, revoke_key
from partners.scopes import ALL, SCOPES


class Command(TerminalCommand):
    help = "Give a partner a key to our API, or end one. The key is printed once, alone on standard output."
    examples = """
Examples:
  bin/manage key issue shop --branch olaya nakheel --scope vouchers:read vouchers:redeem --expires 2027-06-30
  bin/manage key revoke 7k2m9qxd
"""

    def arrange(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="issue|revoke")
        issue = actions.add_parser("issue", help="make a key and print it", description=self.help)
        issue.add_argument("partner", metavar="PARTNER", help="whose key: letters, digits, - and _")
        issue.add_argument(
            "--branch",
            required=True,
            nargs="+",
            action="extend",
            metavar="CODE",
            help="where it holds; may be repeated",
        )
        issue.add_argument(
            *("--scope",),
            required=True,
            nargs="+",
            action="extend",
            metavar="NAME",
            choices=[*SCOPES, ALL],
            help=f"what it may do; may be repeated: {', '.join([*SCOPES, ALL])}",
        )
        issue.add_argument(
            "--expires", metavar="DATE", help="the first day on which it opens nothing, 2027-06-30 (UTC)"
        )
        issue.add_argument(
            *("--address",),
            nargs="+",
            action="extend",
            default=[],
            metavar="IP",
            help="addresses or networks that may use it",
        )
        revoke = actions.add_parser("revoke", help="end a key at once", description="End a key at once.")
        revoke.add_argument("prefix", metavar="PREFIX", help="the eight characters after wasl_")

    def run(self, options: dict[str, Any]) -> None:
        if options["action"] == "revoke":
            self._revoke(plain("PREFIX", options["prefix"], 80))
        else:
            self._issue(options)

    def _issue(self, options: dict[str, Any]) -> None:
        branches: list[Branch] = [branch_named(code) for code in options["branch"]]
        key, secret = issue_key(
            plain("PARTNER", options["partner"], 40),
            branches=branches,
            scopes=options["scope"],
            expires_at=_day(options["expires"]),
            addresses=[plain("--address", one, 43) for one in options["address"]],
            now=timezone.now(),
        )
        self.stderr.write(f"key {key.prefix} of {key.partner}: shown once, keep it safe")
        self.stdout.write(secret)

    def _revoke(self, typed: str) -> None:
        """Whoever pastes the whole key means its prefix; nothing of it is said back."""
        prefix = typed.removeprefix("wasl_").partition("_")[0]
        key = revoke_key(prefix, now=timezone.now())
        self.stdout.write(f"key {key.prefix} of {key.partner}: revoked")


def _day(text: str | None) -> dt.datetime | None:
    if text is None:
        return None
    try:
        return dt.datetime.combine(dt.date.fromisoformat(text), dt.time(), dt.UTC)
    except ValueError:
        raise CommandError("--expires is a day such as 2027-06-30.") from None
