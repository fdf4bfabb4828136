"""`manage.py translations`: bring the catalogues up to date; `--check`: are they complete? Needs no service and no gettext."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config import translations
from config.texts import TwoPlurals, collect
from config.translations import UnreadableCatalogue


class Command(BaseCommand):
    help = (
        "Collect the texts of our code and templates into locale/<language>/LC_MESSAGES/django.po, keep what is translated, "
        "and compile. With --check nothing is written, and anything missing or wrong is an error."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="list what is missing or wrong; exit 1 if anything is")
        parser.add_argument(
            "--locale", type=Path, default=settings.LOCALE_PATHS[0], help="another folder of catalogues"
        )

    def handle(self, *args: Any, check: bool, locale: Path, **options: Any) -> None:
        try:
            texts = collect(our_folders())
            if not check:
                for language, wanting in translations.update(Path(locale), texts).items():
                    self.stdout.write(f"{language}: {len(texts)} texts, {wanting} to translate")
                return
            found = list(translations.problems(Path(locale), texts))
        except (TwoPlurals, UnreadableCatalogue) as error:
            raise CommandError(str(error)) from None
        for problem in found:
            self.stdout.write(problem)
        if found:
            raise CommandError(
                f"{len(found)} problems in the translations: run `manage.py translations`, then translate."
            )
        self.stdout.write(f"{len(texts)} texts are translated")


def our_folders() -> list[Path]:
    """Our own packages, which lie beside each other, and the templates. What is installed lies elsewhere."""
    packages = [Path(config.path) for config in apps.get_app_configs()]
    return [path for path in packages if path.parent == settings.HERE] + [settings.HERE / "templates"]
