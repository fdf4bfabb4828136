"""For the few commands that change tables rather than rows: the default connection as the owner's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import connection

PLACE = ("USER", "PASSWORD", "HOST", "PORT")  # the database is the same one, perhaps not through the same pooler


@contextmanager
def as_owner() -> Iterator[None]:
    """Within the block this process speaks as DATABASE_OWNER_URL says; as before where that is not set. No threads."""
    mine: dict[str, Any] = connection.settings_dict
    before = {name: mine[name] for name in PLACE}
    after = {name: settings.DATABASE_OWNER[name] for name in PLACE} if settings.DATABASE_OWNER else before
    if after == before:
        yield
        return
    connection.close()
    mine.update(after)
    try:
        yield
    finally:
        connection.close()
        mine.update(before)
