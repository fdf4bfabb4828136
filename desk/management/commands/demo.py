from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from desk import demo


class Command(BaseCommand):
    help = "Load the demo data once. Refused in production."

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("There is no demo data in production.")
        self.stdout.write("demo data loaded" if demo.load() else "demo data is there already")
        self.stdout.write(f"{demo.read_mirrors()} collections read")
