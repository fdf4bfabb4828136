"""psycopg, spoken to directly: Django's cursors quote every value into the statement, and know no COPY."""

from __future__ import annotations

from typing import Any

import psycopg
from django.db import connection


def cursor(*, binary: bool = False) -> psycopg.Cursor[Any]:
    """In Django's transaction. `binary`: what comes back is not written out as text, which for bytes takes twice the room."""
    connection.ensure_connection()
    link: psycopg.Connection[Any] = connection.connection
    found = psycopg.Cursor(link)
    if binary:
        found.format = psycopg.pq.Format.BINARY
    return found
