"""What must hold before a redemption may be sent. Production refuses to start otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import connections

DURABILITY = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}
DEMO_KEYS = {"ZGVtby1vbmx5LW5vdC1hLXNlY3JldC1kZW1vLW9ubHk="}


@register(Tags.security)
def intents_are_durable(app_configs: Any, **kwargs: Any) -> Sequence[CheckMessage]:
    if any(database.get("ATOMIC_REQUESTS") for database in settings.DATABASES.values()):
        return [Error("ATOMIC_REQUESTS must be off: an intent must be committed before a byte leaves.", id="wasl.E001")]
    return []


@register(Tags.security, deploy=True)
def production_has_its_own_secrets(app_configs: Any, **kwargs: Any) -> Sequence[CheckMessage]:
    found: list[CheckMessage] = []
    if settings.LOOPBACK_ALLOWED:
        found.append(Error("Provider accounts may point at this machine: set DJANGO_ENV=production.", id="wasl.E002"))
    if DEMO_KEYS & set(settings.FIELD_KEYS) or settings.HASH_KEY == "00" * 32:
        found.append(Error("FIELD_KEYS and HASH_KEY must be your own.", id="wasl.E003"))
    return found


@register(Tags.database)
def commits_reach_the_disk(
    app_configs: Any, databases: Sequence[str] | None = None, **kwargs: Any
) -> Sequence[CheckMessage]:
    """A redemption that is committed must survive a power cut. Only asked where a database is checked (`migrate` does)."""
    if not settings.PRODUCTION or not databases:
        return []
    found: list[CheckMessage] = []
    for alias in databases:
        with connections[alias].cursor() as cursor:
            for name, wanted in DURABILITY.items():
                cursor.execute("SELECT current_setting(%s)", [name])
                if cursor.fetchone()[0] != wanted:
                    found.append(Error(f"PostgreSQL has {name} off: a commit could be lost.", id="wasl.E004"))
    return found


BOUNDED = """
    SELECT NOT rolsuper AND NOT rolcreaterole
        AND NOT EXISTS (SELECT FROM pg_tables WHERE schemaname = 'public' AND pg_has_role(tableowner, 'USAGE'))
        AND NOT has_schema_privilege('public', 'CREATE')
    FROM pg_roles WHERE rolname = current_user AND rolname = %s
"""


@register(Tags.database)
def application_owns_nothing(
    app_configs: Any, databases: Sequence[str] | None = None, **kwargs: Any
) -> Sequence[CheckMessage]:
    """One role for everything works; but then whoever takes over a web process can rewrite the journal. Only asked where a
    database is checked, and not of the owner (`migrate`)."""
    if not settings.PRODUCTION or "default" not in (databases or ()):
        return []
    with connections["default"].cursor() as cursor:
        cursor.execute(BOUNDED, [settings.APP_ROLE])
        row = cursor.fetchone()
    if row is None or row[0]:
        return []
    hint = "Set DATABASE_OWNER_URL for `migrate` and give the application a role of its own: docs/operations.md."
    return [Warning("The application's database role can change its own tables.", hint=hint, id="wasl.W005")]
