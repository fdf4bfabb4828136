"""`manage.py sandbox`: our simulator of the providers, on this machine only."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from providers.sandbox.box import SCENARIOS
from providers.sandbox.journal import StateUnusable
from providers.sandbox.running import serve
from providers.sandbox.server import PortTaken

DEFAULT_PORT = "8900"


class Command(BaseCommand):
    help = "Simulate the providers on 127.0.0.1. Stops at Ctrl-C."
    requires_system_checks = ()  # it uses neither the database nor the settings

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=os.environ.get("SANDBOX_PORT", DEFAULT_PORT))
        parser.add_argument("--scenario", choices=SCENARIOS, default="demo")
        parser.add_argument("--state", type=Path, help="file that keeps the ledger over restarts")

    def handle(self, *args: Any, port: int, scenario: str, state: Path | None, **options: Any) -> None:
        try:
            serve(port=port, scenario=scenario, state=state, announce=self._announce)
        except (PortTaken, StateUnusable, OSError) as error:
            raise CommandError(str(error)) from None

    def _announce(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
