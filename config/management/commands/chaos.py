"""`manage.py chaos`: hands over to the harness, with services of its own beside those of a running site."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config.chaos.__main__ import add_arguments
from config.embedded import EmbeddedError, Hold, enter, var_folder

OURS = ("DATABASE_URL", "DATABASE_OWNER_URL", "BROKER_URL", "WASL_SERVICES")


class Command(BaseCommand):
    help = "Runs the site under faults, kills and restarts, and checks that nothing doubles, is lost or misreported."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("chaos kills what it finds: it never runs with production settings.")
        var = var_folder(os.environ)
        Hold.inherited(var).leave()
        own = {name: value for name, value in os.environ.items() if name not in OURS}
        own |= {"WASL_VAR": str(var / "chaos"), "PYTHONWARNINGS": "ignore:You're running the worker"}
        try:
            hold = enter(var / "chaos", environ=own)
        except EmbeddedError as error:
            raise CommandError(str(error)) from error
        command = [sys.executable, "-P", "-m", "config.chaos", *sys.argv[2:]]
        os.execvpe(command[0], command, own | hold.hand_over())
