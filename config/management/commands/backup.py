"""`manage.py backup FILE`: the whole database as one file. Everything may run meanwhile."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from branches.terminal import TerminalCommand
from config.backup.archive import Unfit
from config.backup.take import backup


class Command(TerminalCommand):
    help = (
        "Copy the database, as it is in one moment, into FILE (mode 0600). Secrets and voucher codes in it are sealed: keep "
        "FIELD_KEYS and HASH_KEY too, and somewhere else. Web and workers may run meanwhile."
    )

    def arrange(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--force", action="store_true", help="put it in the place of a FILE that is there")

    def run(self, options: dict[str, Any]) -> None:
        path: Path = options["file"]
        try:
            manifest = backup(path.absolute(), force=options["force"])
        except Unfit as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{path}: {manifest.size:,} bytes of {manifest.taken_at}, sha256 {manifest.sha256}")
