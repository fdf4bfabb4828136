"""Commands at a terminal: English, one line for an error, nothing changed by bad input, and every change in the audit.

What was typed is not said back where it may be a secret.
"""

from __future__ import annotations

import getpass
import os
import re
import unicodedata
from argparse import SUPPRESS, RawDescriptionHelpFormatter
from contextlib import AbstractContextManager
from typing import Any, NoReturn, TextIO

import pghistory
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser, DjangoHelpFormatter
from django.utils import translation

from branches.models import Branch

LONGEST = 200
UNPRINTABLE = {"Cc", "Cs", "Zl", "Zp"}
DJANGOS_OWN = {"version", "verbosity", "settings", "pythonpath", "no_color", "force_color", "skip_checks"}
_SAID_BACK = re.compile(r"(?<=unrecognized arguments: ).+|(?<=invalid choice: )'.*?'(?= \()", re.DOTALL)


class HelpFormatter(DjangoHelpFormatter, RawDescriptionHelpFormatter):
    """Examples keep their lines."""


class OneLineParser(CommandParser):
    def error(self, message: str) -> NoReturn:
        line = _SAID_BACK.sub("not repeated here, it may be a secret", message)
        if not self.called_from_command_line:
            raise CommandError(line) from None
        self.exit(2, f"{self.prog}: {line}; see --help\n")


class TerminalCommand(BaseCommand):
    """`arrange` for the arguments and `run` for the work; a ValidationError from below becomes one line."""

    examples = ""
    stealth_options = ("stdin",)

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        kwargs = {"epilog": self.examples, "formatter_class": HelpFormatter} | kwargs
        return super().create_parser(prog_name, subcommand, **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.__class__ = OneLineParser  # Django names its own class in the middle of create_parser
        for option in parser._actions:
            if option.dest in DJANGOS_OWN:  # they still work; a page of them hides the three that matter
                option.help = SUPPRESS
        self.arrange(parser)

    def arrange(self, parser: CommandParser) -> None:
        """This command's own arguments, if it has any."""

    def handle(self, *args: Any, **options: Any) -> None:
        name = self.__class__.__module__.rpartition(".")[2]
        with translation.override(None), audited(name):
            try:
                self.run(options)
            except ValidationError as error:
                raise CommandError(in_one_line(error)) from None

    def run(self, options: dict[str, Any]) -> None:
        raise NotImplementedError


def audited(command: str) -> AbstractContextManager[Any]:
    """Changes made inside carry the command, and whose terminal it was."""
    context: AbstractContextManager[Any] = pghistory.context(user="", command=command, terminal=terminal_user())
    return context


def terminal_user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container without a name for its user
        return str(os.geteuid())


def plain(name: str, value: Any, longest: int = LONGEST) -> str:
    """One line of text, or a CommandError that does not repeat it."""
    if not isinstance(value, str):
        raise CommandError(f"{name} must be text.")
    if len(value) > longest:
        raise CommandError(f"{name} is longer than {longest} characters.")
    if any(unicodedata.category(char) in UNPRINTABLE for char in value):
        raise CommandError(f"{name} holds a control character or bytes that are not text.")
    if not value.strip():
        raise CommandError(f"{name} is empty.")
    return value.strip()


def branch_named(value: Any) -> Branch:
    code = plain("--branch", value, 32)
    branch = Branch.objects.filter(code=code).first()
    if branch is None:
        known = ", ".join(Branch.objects.values_list("code", flat=True)[:20]) or "none yet; see `branch add --help`"
        raise CommandError(f"There is no branch {code!r}. There are: {known}.")
    return branch


def read_secret(stream: TextIO, name: str, longest: int) -> str:
    """From standard input, less the line end that a pipe adds; at a terminal it is asked for and not shown."""
    if stream.isatty():
        return getpass.getpass(f"{name}: ")
    try:
        text = stream.read(longest + 3)
    except UnicodeDecodeError:
        raise CommandError(f"{name}: standard input is not UTF-8 text.") from None
    return without_line_end(text)


def without_line_end(text: str) -> str:
    return text.removesuffix("\n").removesuffix("\r")


def in_one_line(error: ValidationError) -> str:
    if not hasattr(error, "error_dict"):
        return " ".join(error.messages)
    found = error.message_dict.items()
    return " ".join(
        " ".join(texts) if name == NON_FIELD_ERRORS else f"{name}: {' '.join(texts)}" for name, texts in found
    )
