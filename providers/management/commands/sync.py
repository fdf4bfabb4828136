"""`manage.py sync`: read the mirrored collections now, in the foreground."""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from branches.models import Branch
from branches.terminal import TerminalCommand, branch_named, plain
from providers.models import Account, BranchAccount, SyncRun
from providers.registry import SPECS, has_source
from providers.sync import Busy, Progress, Superseded, collections_of, mirror_of, sync_collection
from providers.sync.decide import Reason
from providers.sync.words import reason_words

RED, AMBER = 1, 3
WIDTH = 30
REDRAW = 0.1


class Command(TerminalCommand):
    help = (
        "Read the providers' collections now, one line a resource. It may run at any time: people and their operations come "
        f"first. Exit status {AMBER}: something is not proven complete; {RED}: something failed."
    )
    examples = """
Examples:
  bin/manage sync                                     everything
  bin/manage sync rekaz --branch olaya                one provider at one branch
  bin/manage sync --resource reservations --full      the whole of it, even if a part would do
"""

    def arrange(self, parser: CommandParser) -> None:
        parser.add_argument("provider", nargs="?", help="one provider, by its short name")
        parser.add_argument("--branch", metavar="CODE", help="one branch")
        parser.add_argument("--resource", metavar="NAME", help="one resource, for example reservations")
        parser.add_argument("--full", action="store_true", help="read all of it, not only what is new")
        parser.add_argument("--json", action="store_true", help="one JSON object a line")

    def run(self, options: dict[str, Any]) -> None:
        lines = []
        for account, branches, collection in chosen(options):
            bar = Bar(self.stderr, f"{account.provider} {collection}")
            found = read_now(account, collection, bool(options["full"]), bar)
            bar.clear()
            lines.append(line_of(account, branches, collection, found))
            self._tell(lines[-1], found, as_json=bool(options["json"]))
        statuses = {line["status"] for line in lines}
        if status := RED if "red" in statuses else AMBER if "amber" in statuses else 0:
            sys.exit(status)

    def _tell(self, line: dict[str, Any], run: SyncRun | str, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(line, ensure_ascii=False))
            return
        counts = ("reported", "read", "changed", "gone", "quarantined", "requests")
        said = ", ".join(f"{'–' if line[name] is None else line[name]} {name}" for name in counts)
        why = "".join(f"\n    {words}" for words in problems(run))
        self.stdout.write(
            f"{line['status']:<5} {line['provider']} {line['branch']} {line['resource']}: {said}, {line['seconds']:.1f} s{why}"
        )


def chosen(options: dict[str, Any]) -> list[tuple[Account, str, str]]:
    """(account, its branches by code, collection). Raises CommandError when nothing fits."""
    provider, resource, branch = _named(options)
    links = BranchAccount.objects.filter(account__is_active=True, branch__is_active=True)
    if provider:
        links = links.filter(account__provider=provider)
    if branch:
        links = links.filter(branch=branch)
    codes: dict[Account, list[str]] = {}
    for link in links.select_related("account", "branch").order_by("account__provider", "branch__code"):
        codes.setdefault(link.account, []).append(link.branch.code)
    found = [
        (account, ",".join(places), name)
        for account, places in codes.items()
        for name in collections_of(account)
        if has_source(account.provider) and resource in ("", name)
    ]
    if not found and (provider or resource or branch):
        raise CommandError("No connected account has such a resource.")
    return found


def _named(options: dict[str, Any]) -> tuple[str, str, Branch | None]:
    provider = plain("PROVIDER", options["provider"], 32) if options["provider"] is not None else ""
    if provider and provider not in SPECS:
        raise CommandError(f"There is no such provider. There are: {', '.join(SPECS)}.")
    resource = plain("--resource", options["resource"], 32) if options["resource"] is not None else ""
    if resource and not any(mirror_of(spec.kind, resource) for spec in SPECS.values()):
        raise CommandError("There is no such resource.")
    return provider, resource, branch_named(options["branch"]) if options["branch"] is not None else None


def read_now(account: Account, collection: str, full: bool, bar: Bar) -> SyncRun | str:
    """The ended run, or the word for why there is none."""
    try:
        return sync_collection(account, collection, full=full, now=timezone.now(), progress=bar)
    except (Busy, Superseded):
        return "busy"


def line_of(account: Account, branches: str, collection: str, run: SyncRun | str) -> dict[str, Any]:
    line: dict[str, Any] = {"provider": account.provider, "branch": branches, "resource": collection}
    if isinstance(run, str):
        counts = dict.fromkeys(("read", "changed", "gone", "quarantined", "requests"), 0)
        return line | {"reported": None, **counts, "seconds": 0.0, "status": "amber", "reasons": [run]}
    names = ("reported", "read", "changed", "gone", "quarantined", "requests", "seconds", "status", "reasons")
    return line | {name: getattr(run, name) for name in names}


def problems(run: SyncRun | str) -> list[str]:
    if isinstance(run, str):
        return [reason_words(run)]
    shown = f" ({run.detail})" if run.detail and Reason.BACKLOG not in run.reasons else ""
    return [reason_words(code, run.detail) + shown for code in run.reasons]


class Bar:
    """On a terminal only, and on standard error: standard output is for whoever reads the lines."""

    def __init__(self, out: Any, title: str) -> None:
        self._out = out
        self._title = title
        self._shown = bool(out.isatty())
        self._drawn_at = 0.0

    def __call__(self, found: Progress) -> None:
        if not self._shown or time.monotonic() - self._drawn_at < REDRAW:
            return
        self._drawn_at = time.monotonic()
        part = min(1.0, found.read / found.reported) if found.reported else 0.0
        drawn = "█" * round(part * WIDTH)
        self._out.write(
            f"\r{self._title} {drawn:░<{WIDTH}} {found.read}/{found.reported or '?'}, {found.changed} changed ",
            ending="",
        )
        self._out.flush()

    def clear(self) -> None:
        if self._shown and self._drawn_at:
            self._out.write("\r\x1b[K", ending="")
            self._out.flush()
