"""`manage.py restore FILE`: put a backup in the place of the database, whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.backup.archive import Unfit
from config.backup.restore import restore
from config.embedded import locks, var_folder

NEXT = """Put back as of {taken_at}. Nothing in it will be sent again.
  1. Start Wasl. What was unsettled is settled by looking.
  2. bin/manage reread    lists what was used at the providers since, and no redemption explains
  3. Sessions were not kept: everybody signs in again.
Codes that were never read before the backup are not in it: compare the issuer's statement from that moment on."""


class Command(BaseCommand):
    help = (
        "Put the backup FILE in the place of the database, in one transaction. Refused while web, workers or beat run, and "
        "with other keys than the backup's; --force for a database that is not empty. Nothing is sent again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--force", action="store_true", help="the database is not empty: replace it")

    def handle(self, *, file: Path, force: bool, **options: Any) -> None:
        lock = var_folder(os.environ) / "up.lock"
        if lock.exists() and locks.is_taken(lock):
            raise CommandError("Wasl runs from here: stop it first. Nothing was changed.")
        try:
            manifest = restore(file.absolute(), force=force)
        except Unfit as error:
            raise CommandError(str(error)) from None
        call_command("migrate", interactive=False, verbosity=0)
        self.stdout.write(NEXT.format(taken_at=manifest.taken_at))
