"""What the application's database role may do. The models say it: what a trigger protects, that role has no right to either.

A trigger can be switched off by whoever owns the table, and pgtrigger's by whoever asks nicely. A right that was never granted
cannot be taken. So web, workers and beat connect as a role that owns nothing, and append-only tables refuse it twice.
"""

from __future__ import annotations

from collections.abc import Iterator

import pgtrigger
from django.apps import apps
from django.conf import settings
from django.db import connection, models, transaction

RIGHTS = ("SELECT", "INSERT", "UPDATE", "DELETE")
READ_ONLY = {"django_migrations"}  # written by `migrate`, read by the checks
ONE_AT_A_TIME = 0x7761736C01  # two at once would trip over each other's catalogue rows


def refused() -> dict[str, set[str]]:
    """Table: what a pgtrigger.Protect refuses there for every row, so that no right to it is needed."""
    found: dict[str, set[str]] = {}
    for model, trigger in pgtrigger.registered():
        whole = isinstance(trigger, pgtrigger.Protect) and not isinstance(trigger, pgtrigger.ReadOnly)  # some columns
        if whole and trigger.condition is None:
            words = {str(part).strip() for part in str(trigger.operation).split(" OR ")}
            found.setdefault(model._meta.db_table, set()).update(words & set(RIGHTS))
    return found


def tables() -> list[str]:
    everything: list[type[models.Model]] = list(apps.get_models(include_auto_created=True))
    names = {model._meta.db_table for model in everything if model._meta.managed and not model._meta.proxy}
    return sorted(names | READ_ONLY)


def rights_of(table: str) -> tuple[str, ...]:
    if table in READ_ONLY:
        return ("SELECT",)
    return tuple(right for right in RIGHTS if right not in refused().get(table, set()))


def statements(role: str, there: set[str], *, whole: bool) -> Iterator[str]:
    """From nothing to exactly what is due. A table that no model knows any more gets nothing. `whole`: the database and its
    schema are ours too, not only the tables in it."""
    quote = connection.ops.quote_name
    to, database = quote(role), quote(str(connection.settings_dict["NAME"]))
    if whole:
        yield f"REVOKE CREATE ON SCHEMA public FROM PUBLIC, {to}"
        yield f"REVOKE CREATE, TEMPORARY ON DATABASE {database} FROM PUBLIC, {to}"
        yield f"GRANT CONNECT ON DATABASE {database} TO {to}"
        yield f"GRANT USAGE ON SCHEMA public TO {to}"
    yield f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, {to}"
    yield f"REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM PUBLIC, {to}"
    yield f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {to}"
    for table in tables():
        if table in there:
            yield f"GRANT {', '.join(rights_of(table))} ON {quote(table)} TO {to}"


class NotTheOwner(Exception):
    """Somebody else owns tables that are ours to grant; the text says whose and which."""


def grant() -> bool:
    """As the owner, all or nothing. False where one role does everything and there is nothing to grant."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
        cursor.execute("SELECT current_user, EXISTS (SELECT FROM pg_roles WHERE rolname = %s)", [settings.APP_ROLE])
        me, exists = cursor.fetchone()
        if me == settings.APP_ROLE or not exists:
            return False
        cursor.execute(
            "SELECT tablename, pg_has_role(tableowner, 'USAGE'), tableowner FROM pg_tables WHERE schemaname = 'public'"
        )
        rows = cursor.fetchall()
        cursor.execute("SELECT pg_has_role(datdba, 'USAGE') FROM pg_database WHERE datname = current_database()")
        whole = bool(cursor.fetchone()[0])
        if strangers := [(table, owner) for table, mine, owner in rows if not mine]:
            table, owner = strangers[0]
            raise NotTheOwner(
                f"{len(strangers)} tables ({table}, …) belong to {owner}, not to {me}. "
                f"As a superuser, in this database: REASSIGN OWNED BY {owner} TO {me};"
            )
        for statement in statements(settings.APP_ROLE, {table for table, _mine, _owner in rows}, whole=whole):
            cursor.execute(statement)
    return True
