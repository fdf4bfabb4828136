"""`manage.py staff add NAME`: a member of staff, and what they are at which branch. `staff mfa-reset NAME`: a phone is lost."""

from __future__ import annotations

import sys
from typing import Any

import pghistory
from django.core.management.base import CommandError, CommandParser

from branches.models import User
from branches.passwords import LONGEST
from branches.roles import Role
from branches.services import add_staff, reset_factors
from branches.terminal import TerminalCommand, branch_named, plain, read_secret

RESET = (
    "Remove every second factor of somebody and end their sessions. They sign in with the password and set up another."
)


class Command(TerminalCommand):
    help = "Create a member of staff, or give them this role at these branches. Running it twice is the same as once."
    examples = """
Examples:
  bin/manage staff add reem --role receptionist --branch olaya --password-stdin < password.txt
  bin/manage staff add huda --role supervisor --branch olaya nakheel
  bin/manage staff mfa-reset reem
"""

    def arrange(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="add|mfa-reset")
        add = actions.add_parser("add", help="create a member of staff or bring them up to date", description=self.help)
        add.add_argument("name", metavar="NAME", help="the name they sign in with")
        add.add_argument("--role", required=True, choices=Role.values, help="what they are at these branches")
        add.add_argument(
            "--branch", required=True, nargs="+", action="extend", metavar="CODE", help="where; may be repeated"
        )
        add.add_argument(
            "--password-stdin",
            action="store_true",
            help="read the password from standard input; without it, a person who is new cannot sign in yet",
        )

        reset = actions.add_parser("mfa-reset", help="remove a lost second factor", description=RESET)
        reset.add_argument("name", metavar="NAME", help="the name they sign in with")

    def run(self, options: dict[str, Any]) -> None:
        if options["action"] == "mfa-reset":
            return self._reset(plain("NAME", options["name"]))
        return self._add(options)

    def _reset(self, name: str) -> None:
        person = User.objects.filter(username=name).first()
        if person is None:
            raise CommandError("There is nobody of this name.")
        number = reset_factors(person)
        pghistory.create_event(person, label="factors_reset")
        self.stdout.write(f"staff {person.username}: {number} removed, all sessions ended")

    def _add(self, options: dict[str, Any]) -> None:
        role = plain("--role", options["role"])
        if role not in Role.values:
            raise CommandError(f"--role must be one of {', '.join(Role.values)}.")
        name = plain("NAME", options["name"])
        branches = [branch_named(code) for code in dict.fromkeys(_listed(options["branch"]))]
        password = self._password(options) if options["password_stdin"] else None
        user, created = add_staff(username=name, role=role, branches=branches, password=password)
        self.stdout.write(f"staff {user.username}: {'created' if created else 'up to date'}")
        self._say_without_password(user)

    def _password(self, options: dict[str, Any]) -> str:
        password = read_secret(options.get("stdin") or sys.stdin, "password", LONGEST)
        if plain("The password", password, LONGEST) != password:
            raise CommandError("The password begins or ends with a space.")
        return password

    def _say_without_password(self, user: User) -> None:
        if not user.has_usable_password():
            self.stdout.write(
                f"{user.username} has no password yet: run this again with --password-stdin, or set one in Administration"
            )


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [value]
