"""The whole database in a few lines, to tell whether anything in it has changed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

PASSING = (
    "branches_session",
    "axes_accessattempt",
    "axes_accesslog",
    "axes_accessfailurelog",
)  # who came, not what is kept


def dump(*, without: tuple[str, ...] = ()) -> dict[str, tuple[int, str]]:
    """How many rows every table has, and a hash of all that is in them."""
    tables = [name for name in connection.introspection.table_names() if name not in (*PASSING, *without)]
    part = (
        "SELECT '{0}', count(*), coalesce(md5(string_agg(md5(t::text), '' ORDER BY md5(t::text))), '') FROM \"{0}\" t"
    )
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(part.format(name) for name in tables))
        return {name: (rows, content) for name, rows, content in cursor.fetchall()}


@contextmanager
def unchanged(*, but: tuple[str, ...] = ()) -> Iterator[None]:
    """Nothing that is kept changes in this block. `but` names the tables that may."""
    before = dump(without=but)
    yield
    after = dump(without=but)
    assert after == before, {name: (before[name][0], after[name][0]) for name in after if after[name] != before[name]}
