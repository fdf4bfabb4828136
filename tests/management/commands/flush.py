"""Django empties the test database with `flush` after each test that commits. Its own cuts all 41 tables and fills two again:
half a second. This one deletes what is there: a hundredth."""

from __future__ import annotations

from typing import Any

import pgtrigger
from django.core.management.base import BaseCommand, CommandParser
from django.db import connections, transaction

KEPT = {"django_migrations", "django_content_type", "auth_permission"}  # made by migrate, not by a test


class Command(BaseCommand):
    help = "Empties the test database."
    stealth_options = ("reset_sequences", "allow_cascade", "inhibit_post_migrate")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--database", default="default")
        parser.add_argument("--noinput", action="store_false", dest="interactive")

    def handle(self, **options: Any) -> None:
        connection = connections[options["database"]]
        connection.close()  # a test may have spoiled it
        name = str(connection.settings_dict["NAME"])
        assert name.startswith("test_"), f"{name} is no test database"
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '20s'")
            tables = set(connection.introspection.table_names(cursor)) - KEPT
            cursor.execute(" UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT FROM {name})" for name in tables))
            filled = [name for (name,) in cursor.fetchall()]
            with pgtrigger.ignore():  # append-only tables too
                for name in filled:  # in any order: the foreign keys are looked at when it commits
                    cursor.execute(f"DELETE FROM {name}")
