"""Django empties the test database with `flush` after each test that commits. Its own cuts all 41 tables and fills two again:
half a second. This one deletes what is there: a hundredth."""

from __future__ import annotations

from typing import Any

import pgtrigger
from django.core.management.base import BaseCommand, CommandParser
from django.db import connections, transaction

# In any order: the foreign keys are looked at when it commits. What is kept was made by migrate, not by a test. All in one go:
# a question and an order for each table were most of what emptying took.
EMPTY = """
DO $$
DECLARE
    table_name text;
    filled boolean;
BEGIN
    FOR table_name IN
        SELECT quote_ident(relname) FROM pg_class
        WHERE relkind IN ('r', 'p') AND NOT relispartition AND relnamespace = 'public'::regnamespace
        AND relname NOT IN ('django_migrations', 'django_content_type', 'auth_permission')
    LOOP
        EXECUTE 'SELECT EXISTS (SELECT FROM ' || table_name || ')' INTO filled;
        IF filled THEN EXECUTE 'DELETE FROM ' || table_name; END IF;
    END LOOP;
END $$
"""


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
            with pgtrigger.ignore():  # append-only tables too
                cursor.execute(EMPTY)
