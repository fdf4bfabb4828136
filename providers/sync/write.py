"""The one path by which rows reach a mirror: new ones by COPY, changed ones by COPY into the staging table and one upsert."""

from __future__ import annotations

import datetime as dt
import functools
import re
import uuid
from binascii import hexlify
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import psycopg
from django.db import connection, transaction
from psycopg import sql

from providers.models import Account, SyncRun
from providers.sync.raw import cursor as _cursor
from providers.sync.remembered import touch
from providers.sync.tables import Mirror
from providers.sync.text import array_of, copied, fields_of

CHUNK = 1_000  # changed rows in one transaction
SLICE = 200  # rows that are turned into text together: what they are made of still is in the processor's cache
_LENGTH = re.compile(r"\(\d+\)")
# A thousand look-ups in an index that is in memory cost less than the whole table, whatever the planner thinks of disks.
BY_INDEX = "; ".join(
    f"SET LOCAL enable_{way} = off" for way in ("seqscan", "bitmapscan", "hashjoin", "mergejoin", "material")
)
OURS = ("account_id", "external_id", "seen_at")
STAGED = ("chunk", "external_id", "seen_at", "cells")
ENDS = ("raw_hash", "content_hash", "payload")  # what is bytes already, and stands last in a row for COPY


class Ready(NamedTuple):
    """A row that was read and decoded. `cells` are its own columns as PostgreSQL reads text."""

    external_id: str
    raw_hash: bytes
    content_hash: bytes
    payload: bytes
    seen_at: dt.datetime
    cells: tuple[str | None, ...]


class Known(NamedTuple):
    """Where a row of a batch differs from ours."""

    n: int  # its place in the batch
    content_hash: bytes | None  # ours; None for a row that we do not have, empty where none was made
    is_gone: bool
    payload: str | None = None  # ours, where its content has no hash yet


@dataclass(frozen=True, slots=True)
class Written:
    count: int
    refused: Sequence[tuple[Ready, str]]  # what PostgreSQL would not take, and why


def differing(mirror: Mirror, account: Account, ids: Sequence[str], hashes: Sequence[bytes]) -> list[Known]:
    """Which of these rows are not ours byte by byte. One question for a whole batch; what is equal is not sent back."""
    with _cursor() as cursor:
        cursor.execute(BY_INDEX)
        # No id has a line end in it, and every hash is as long: one value each is quicker to send and to read than arrays.
        asked = ["\n".join(ids), account.pk, b"".join(hashes)]
        cursor.execute(_statements(mirror).differing, asked, prepare=False, binary=True)
        return list(map(Known._make, cursor.fetchall()))


def store(
    mirror: Mirror,
    account: Account,
    rows: Sequence[Ready],
    *,
    are_new: bool,
    run: SyncRun | None = None,
    is_remembered: bool = True,
) -> Written:
    """Inside a transaction, at most CHUNK rows, no id twice. An older reading never overwrites a newer one. `run`: whose work
    it is, if it is a run's; `is_remembered`: whether there may be a memory of the collection that these rows make untrue."""
    assert connection.in_atomic_block
    assert len(rows) <= CHUNK
    if not rows:
        return Written(0, ())
    if is_remembered:
        touch(account, mirror.collection, [row.external_id for row in rows], run)
    return _stored(mirror, account, rows, are_new)


def _stored(mirror: Mirror, account: Account, rows: Sequence[Ready], are_new: bool) -> Written:
    way = _copy if are_new else _upsert
    try:
        with transaction.atomic():
            return Written(way(mirror, account, rows), ())
    except psycopg.errors.UniqueViolation:  # somebody stored one of them a moment ago
        return _stored(mirror, account, rows, are_new=False)
    except psycopg.DataError as error:
        return _halves(mirror, account, rows, are_new, error)
    except psycopg.IntegrityError as error:
        return _halves(mirror, account, rows, are_new, error)


def _halves(mirror: Mirror, account: Account, rows: Sequence[Ready], are_new: bool, error: psycopg.Error) -> Written:
    """One bad row does not keep the others out: look for it by halves."""
    if len(rows) == 1:
        return Written(0, ((rows[0], _said(error)),))
    middle = len(rows) // 2
    left = _stored(mirror, account, rows[:middle], are_new)
    right = _stored(mirror, account, rows[middle:], are_new)
    return Written(left.count + right.count, (*left.refused, *right.refused))


def _said(error: psycopg.Error) -> str:
    """PostgreSQL's first line, without the values it quotes."""
    known = error.diag.message_primary or str(error).partition("\n")[0]
    return known.split('"')[0].strip(" :") or type(error).__name__


def _copy(mirror: Mirror, account: Account, rows: Sequence[Ready]) -> int:
    key = str(account.pk)
    with _cursor() as cursor, cursor.copy(_statements(mirror).copy) as copy:
        for start in range(0, len(rows), SLICE):
            some = rows[start : start + SLICE]
            as_of = _as_of(some)
            lines = [(key, row.external_id, as_of[row.seen_at], *row.cells) for row in some]
            copy.write(copied(lines, _middles(some), [row.payload for row in some]))
    return len(rows)


def _upsert(mirror: Mirror, account: Account, rows: Sequence[Ready]) -> int:
    chunk = uuid.uuid4()
    as_of = _as_of(rows)
    lines = [(str(chunk), row.external_id, as_of[row.seen_at], array_of(row.cells)) for row in rows]
    with _cursor() as cursor:
        with cursor.copy(_statements(mirror).stage) as copy:
            copy.write(copied(lines, _middles(rows), [row.payload for row in rows]))
        cursor.execute(_statements(mirror).upsert, [chunk, account.pk])
        return int(cursor.rowcount)


def _as_of(rows: Sequence[Ready]) -> dict[dt.datetime, str]:
    """Of each moment its text: a page has one."""
    return {moment: moment.isoformat() for moment in {row.seen_at for row in rows}}


def _middles(rows: Sequence[Ready]) -> list[bytes]:
    """Of each row its hashes, as COPY reads bytes."""
    return [b"\\\\x%b\t\\\\x%b" % (hexlify(row.raw_hash), hexlify(row.content_hash)) for row in rows]


# Statements, made once a table ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Statements:
    differing: bytes
    copy: bytes
    stage: bytes
    upsert: bytes


@functools.cache
def _statements(mirror: Mirror) -> Statements:
    table = sql.Identifier(mirror.model._meta.db_table)
    names = sql.SQL(", ").join(map(sql.Identifier, (*OURS, *mirror.columns, *ENDS)))
    staged = sql.SQL(", ").join(map(sql.Identifier, (*STAGED, *ENDS)))
    cells = [sql.SQL(f"s.cells[{n}]::{kind}") for n, kind in enumerate(_kinds(mirror), start=1)]
    values = sql.SQL(", ").join(
        [sql.SQL("%s, s.external_id, s.seen_at"), *cells, sql.SQL("s.raw_hash, s.content_hash, s.payload")]
    )
    changes = sql.SQL(", ").join(
        sql.SQL("{0} = EXCLUDED.{0}").format(sql.Identifier(name)) for name in (*OURS[2:], *mirror.columns, *ENDS)
    )
    return Statements(
        differing=sql.SQL(
            "SELECT t.n::int - 1, m.content_hash, m.gone_at IS NOT NULL, "
            "CASE WHEN m.content_hash = '' THEN m.payload::text END "
            "FROM unnest(string_to_array(%s, E'\\n')) WITH ORDINALITY AS t (id, n) "
            "LEFT JOIN {table} m ON m.account_id = %s AND m.external_id = t.id "
            "WHERE m.raw_hash IS DISTINCT FROM substr(%b, (t.n * 16 - 15)::int, 16) OR m.gone_at IS NOT NULL"
        )
        .format(table=table)
        .as_bytes(),
        # gone_at is left to its default, which is NULL
        copy=sql.SQL("COPY {} ({}) FROM STDIN").format(table, names).as_bytes(),
        stage=sql.SQL("COPY providers_staged ({}) FROM STDIN").format(staged).as_bytes(),
        upsert=sql.SQL(
            "WITH s AS (DELETE FROM providers_staged WHERE chunk = %s RETURNING *) "
            "INSERT INTO {table} ({names}) SELECT {values} FROM s "
            "ON CONFLICT (account_id, external_id) DO UPDATE SET {changes}, gone_at = NULL "
            "WHERE {table}.seen_at <= EXCLUDED.seen_at"
        )
        .format(table=table, names=names, values=values, changes=changes)
        .as_bytes(),
    )


def _kinds(mirror: Mirror) -> list[str]:
    """The type to read each cell as. Lengths are left out: a cast would cut what is too long, and an assignment refuses it."""
    found = []
    for field in fields_of(mirror):
        kind = str(field.db_type(connection))
        found.append(_LENGTH.sub("", kind) if kind.startswith("varchar") else kind)
    return found
