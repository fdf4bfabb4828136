"""Django's `migrate`, as the owner of the tables, and then the application's rights to them."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import migrate

from config import rights
from config.owner import as_owner


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        with as_owner():
            super().handle(*args, **options)
            if options["plan"] or options["check_unapplied"]:
                return
            try:
                granted = rights.grant()
            except rights.NotTheOwner as error:
                raise CommandError(str(error)) from error
        if granted and options["verbosity"] >= 1:
            self.stdout.write("Rights of the application's role: granted.")
