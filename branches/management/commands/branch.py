"""`manage.py branch add CODE`: a clinic's place."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from branches.models import Country, Currency
from branches.services import add_branch
from branches.terminal import TerminalCommand, plain

NAMES = {"en": "English", "ar": "Arabic", "fr": "French"}


class Command(TerminalCommand):
    help = "Create a branch, or bring it up to date. Running it twice is the same as once."
    examples = """
Example:
  bin/manage branch add olaya --name-en "Olaya, Riyadh" --name-ar "العليا، الرياض" --name-fr "Olaya, Riyad" \\
      --country SA --timezone Asia/Riyadh --currency SAR
"""

    def arrange(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="add")
        add = actions.add_parser("add", help="create a branch or bring it up to date", description=self.help)
        add.add_argument("code", metavar="CODE", help="short name for commands: letters, digits, - and _")
        for language, name in NAMES.items():
            add.add_argument(f"--name-{language}", required=True, metavar="NAME", help=f"the branch's name in {name}")
        add.add_argument("--country", required=True, choices=Country.values, help="where it is")
        add.add_argument("--timezone", required=True, metavar="ZONE", help="IANA time zone, for example Asia/Riyadh")
        add.add_argument("--currency", required=True, choices=Currency.values, help="what its amounts are in")

    def run(self, options: dict[str, Any]) -> None:
        branch, created = add_branch(
            code=plain("CODE", options["code"]),
            names={language: plain(f"--name-{language}", options[f"name_{language}"]) for language in NAMES},
            country=plain("--country", options["country"]),
            timezone=plain("--timezone", options["timezone"]),
            currency=plain("--currency", options["currency"]),
        )
        self.stdout.write(f"branch {branch.code}: {'created' if created else 'up to date'}")
