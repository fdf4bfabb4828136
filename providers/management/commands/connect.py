"""`manage.py connect PROVIDER`: a branch's login at a provider. Secrets go in and never come out, not in an error either."""

from __future__ import annotations

import os
import sys
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

from django.core.management.base import CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from branches.models import Branch
from branches.terminal import UNPRINTABLE, TerminalCommand, branch_named, plain, read_secret, without_line_end
from providers import accounts, registry
from providers.accounts import Connected
from providers.admin.words import problem_words, removed_words
from providers.contracts import ProviderSpec
from providers.errors import ProviderError
from providers.models import Account, Environment
from providers.models.accounts import NEXT
from providers.normalise import clean_text
from providers.secrets import Unsealable

LONGEST_VALUE = 16 * 1024  # a private key in a file is about 3,000 characters
KEY_FILE = "-----BEGIN "  # only such a value may have lines


class Command(TerminalCommand):
    help = "Connect a branch to its account at a provider, or bring it up to date, and test the login."
    examples = """
Values: name=value, name=@FILE (the file's text), name=- (standard input; at a terminal it is asked for, not shown).
A secret on the command line is seen by everybody on this machine: prefer a file or standard input.
What was given is kept even when the test fails. To change a login that works, use --next: the new secrets take over
when the provider refuses the old ones.

Examples:
  bin/manage connect alreaaiaa --branch olaya --base-url https://erp-production.alreaaiaa.com/api/v1 \\
      --environment live --set email=centre@example.com password=-
  bin/manage connect afriquia_gaz --branch maarif --base-url https://staging-app.kenzup.com/api/v1 \\
      --environment testing --set shop_uuid=SHOP terminal_id=POS_1 private_key=@key.pem
  bin/manage connect rekaz --branch olaya --base-url https://platform.rekaz.io/api/public \\
      --environment live --set tenant=TENANT branch_id=BRANCH key=@key.txt secret=-
  bin/manage connect altegio --branch olaya --base-url https://api.alteg.io/api/v1 --environment live \\
      --set location_id=LOCATION chain_id=CHAIN partner_token=@partner.txt login=PHONE password=-
  bin/manage connect alreaaiaa --branch olaya --environment live --next --set email=@email.txt password=@password.txt
"""

    def arrange(self, parser: CommandParser) -> None:
        fields = "; ".join(f"{slug}: {' '.join(shown_fields(spec))}" for slug, spec in registry.SPECS.items())
        parser.add_argument("provider", metavar="PROVIDER", help=f"one of {', '.join(registry.SPECS)}")
        parser.add_argument("--branch", required=True, metavar="CODE", help="the branch that uses this account")
        parser.add_argument("--base-url", metavar="URL", help="the provider's address, before the API's own path")
        parser.add_argument("--environment", required=True, choices=Environment.values, help="what is connected to")
        parser.add_argument(
            "--set",
            nargs="+",
            action="extend",
            default=[],
            metavar="NAME=VALUE",
            help=f"secrets and settings ({fields})",
        )
        parser.add_argument(
            "--next", action="store_true", help="keep the secrets for a rotation; the login is not tested"
        )
        parser.add_argument("--no-test", action="store_true", help="do not try the login")

    def run(self, options: dict[str, Any]) -> None:
        spec = spec_named(options["provider"])
        branch = branch_named(options["branch"])
        environment = plain("--environment", options["environment"])
        if environment not in Environment.values:
            raise CommandError(f"--environment must be one of {', '.join(Environment.values)}.")
        values = read_values(options["set"], known_fields(spec), options.get("stdin") or sys.stdin)
        try:
            if options["next"]:
                self._keep_for_rotation(account_of(spec, branch, environment), values)
            else:
                self._connect(spec, branch, environment, values, options)
        except Unsealable:
            raise CommandError(
                "The secrets that are stored open with none of FIELD_KEYS: bring their key back."
            ) from None

    def _connect(
        self,
        spec: ProviderSpec,
        branch: Branch,
        environment: str,
        values: Mapping[str, str],
        options: Mapping[str, Any],
    ) -> None:
        if not options["base_url"]:
            raise CommandError("--base-url is needed.")
        connected = connect(spec, branch, plain("--base-url", options["base_url"]), environment, values)
        self._tell(connected, f"{spec.slug} at {branch.code}: {'connected' if connected.created else 'up to date'}")
        if not options["no_test"]:
            self._test(connected.account)

    def _keep_for_rotation(self, account: Account, values: Mapping[str, str]) -> None:
        connected = accounts.set_secrets(account, values, slot=NEXT, now=timezone.now())
        self._tell(connected, f"{account.label}: next secrets kept; they take over when the current ones are refused")

    def _tell(self, connected: Connected, what: str) -> None:
        self.stdout.write(what)
        for line in removed_words(connected.removed):
            self.stdout.write(line)

    def _test(self, account: Account) -> None:
        try:
            name = clean_text(accounts.test_connection(account))[:80]
        except ProviderError as error:
            raise CommandError(f"Saved, but the login does not work: {problem_words(error)} ({error.code})") from None
        self.stdout.write("the login works" + (f"; the provider calls us {name}" if name else ""))


def connect(
    spec: ProviderSpec, branch: Branch, base_url: str, environment: str, values: Mapping[str, str]
) -> Connected:
    """All of it, or nothing: an account that could not log in or not build a client is not left behind."""
    with transaction.atomic():
        connected = accounts.connect_account(
            provider=spec.slug, branch=branch, base_url=base_url, environment=environment, values=values
        )
        required = [name for name, default in spec.setting_fields.items() if not default]
        lacking = [name for name in required if not connected.account.settings.get(name)]
        if missing := [*spec.missing_secrets(connected.account.secrets()), *lacking]:
            raise CommandError(f"--set needs {', '.join(missing)} too.")
        try:
            registry.client_for(connected.account, lambda call: None)
        except ValueError:  # of a setting, which its text might quote
            raise CommandError(f"One of {', '.join(spec.setting_fields)} has a value that cannot be used.") from None
    return connected


def spec_named(value: Any) -> ProviderSpec:
    spec = registry.SPECS.get(plain("PROVIDER", value))
    if spec is None:
        raise CommandError(f"There is no such provider. There are: {', '.join(registry.SPECS)}.")
    return spec


def known_fields(spec: ProviderSpec) -> list[str]:
    return [*spec.all_secret_fields, *spec.setting_fields]


def shown_fields(spec: ProviderSpec) -> list[str]:
    return [*spec.secret_fields, *spec.setting_fields, *(f"[{name}]" for name in spec.optional_secret_fields)]


def account_of(spec: ProviderSpec, branch: Branch, environment: str) -> Account:
    account = Account.objects.filter(provider=spec.slug, environment=environment, places__branch=branch).first()
    if account is None:
        raise CommandError(
            f"{branch.code} has no {environment} account at {spec.slug} yet: connect it without --next first."
        )
    return account


def read_values(pairs: Sequence[Any], known: Sequence[str], stream: TextIO) -> dict[str, str]:
    """By name. Errors name our own fields only: what stands before a "=" may be a part of a secret too."""
    found: dict[str, str] = {}
    for pair in [pairs] if isinstance(pairs, str) else pairs:
        name, equals, value = str(pair).partition("=")
        if not equals or name not in known:
            raise CommandError(f"--set takes NAME=VALUE, and NAME is one of {', '.join(known)}.")
        if name in found:
            raise CommandError(f"--set {name} is given twice.")
        found[name] = checked(name, _value(name, value, stream))
    return found


def _value(name: str, given: str, stream: TextIO) -> str:
    if given == "-":
        return read_secret(stream, name, LONGEST_VALUE)
    return read_file(name, Path(given[1:])) if given.startswith("@") else given


def read_file(name: str, path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(LONGEST_VALUE * 4 + 1)  # a character has four bytes at most
        return without_line_end(content.decode(errors="replace" if len(content) > LONGEST_VALUE * 4 else "strict"))
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else "it cannot be read"
        raise CommandError(f"--set {name}: the file could not be read: {reason}.") from None
    except ValueError:  # not UTF-8, or a path with a NUL
        raise CommandError(f"--set {name}: the file is not UTF-8 text.") from None


def checked(name: str, value: str) -> str:
    if not value.strip():
        raise CommandError(f"--set {name}: the value is empty.")
    if len(value) > LONGEST_VALUE:
        raise CommandError(f"--set {name}: the value is longer than {LONGEST_VALUE} characters.")
    lines = "\r\n" if value.startswith(KEY_FILE) else ""
    if any(unicodedata.category(char) in UNPRINTABLE and char not in lines for char in value):
        raise CommandError(f"--set {name}: the value holds a control character or bytes that are not text.")
    return value
