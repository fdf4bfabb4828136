"""The one path by which rows reach a mirror: new ones by COPY, changed ones by COPY into the staging table and one upsert.

psycopg is spoken to directly: Django's cursors quote every value into the statement, and know no COPY.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Any, NamedTuple

import msgspec
import psycopg
from django.db import connection, models, transaction
from psycopg import sql

from providers.models import Account
from providers.sync.tables import Mirror

CHUNK = 1_000  # changed rows in one transaction
SLICE = 200  # rows that are turned into text together: what they are made of still is in the processor's cache
_JSON = msgspec.json.Encoder(enc_hook=str)
_LENGTH = re.compile(r"\(\d+\)")
# A thousand look-ups in an index that is in memory cost less than the whole table, whatever the planner thinks of disks.
BY_INDEX = "; ".join(
    f"SET LOCAL enable_{way} = off" for way in ("seqscan", "bitmapscan", "hashjoin", "mergejoin", "material")
)
OURS = ("account_id", "external_id", "raw_hash", "content_hash", "seen_at")
STAGED = ("chunk", "external_id", "raw_hash", "content_hash", "seen_at", "cells")


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
    content_hash: bytes | None  # ours; None for a row that we do not have
    is_gone: bool


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


def store(mirror: Mirror, account: Account, rows: Sequence[Ready], *, are_new: bool) -> Written:
    """Inside a transaction, at most CHUNK rows, no id twice. An older reading never overwrites a newer one."""
    assert connection.in_atomic_block
    assert len(rows) <= CHUNK
    if not rows:
        return Written(0, ())
    way = _copy if are_new else _upsert
    try:
        with transaction.atomic():
            return Written(way(mirror, account, rows), ())
    except psycopg.errors.UniqueViolation:  # somebody stored one of them a moment ago
        return store(mirror, account, rows, are_new=False)
    except psycopg.DataError as error:
        return _halves(mirror, account, rows, are_new, error)
    except psycopg.IntegrityError as error:
        return _halves(mirror, account, rows, are_new, error)


def _halves(mirror: Mirror, account: Account, rows: Sequence[Ready], are_new: bool, error: psycopg.Error) -> Written:
    """One bad row does not keep the others out: look for it by halves."""
    if len(rows) == 1:
        return Written(0, ((rows[0], _said(error)),))
    middle = len(rows) // 2
    left = store(mirror, account, rows[:middle], are_new=are_new)
    right = store(mirror, account, rows[middle:], are_new=are_new)
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
            lines = [(key, *shared, *row.cells) for shared, row in zip(_shared(some), some, strict=True)]
            copy.write(copied(lines, [row.payload for row in some]))
    return len(rows)


def _upsert(mirror: Mirror, account: Account, rows: Sequence[Ready]) -> int:
    chunk = uuid.uuid4()
    lines = [(str(chunk), *shared, _array(row.cells)) for shared, row in zip(_shared(rows), rows, strict=True)]
    with _cursor() as cursor:
        with cursor.copy(_statements(mirror).stage) as copy:
            copy.write(copied(lines, [row.payload for row in rows]))
        cursor.execute(_statements(mirror).upsert, [chunk, account.pk])
        return int(cursor.rowcount)


def _shared(rows: Sequence[Ready]) -> Iterable[tuple[str, ...]]:
    """Of each row what every mirror has, as text."""
    ids, hashes, contents, _payloads, moments, _cells = zip(*rows, strict=True)
    as_text = {moment: moment.isoformat() for moment in set(moments)}  # a page has one
    hexed = (map("\\x".__add__, map(bytes.hex, column)) for column in (hashes, contents))
    return zip(ids, *hexed, map(as_text.__getitem__, moments), strict=True)


def _cursor() -> psycopg.Cursor[Any]:
    connection.ensure_connection()
    raw: psycopg.Connection[Any] = connection.connection
    return psycopg.Cursor(raw)


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
    names = sql.SQL(", ").join(map(sql.Identifier, (*OURS, *mirror.columns, "payload")))
    staged = sql.SQL(", ").join(map(sql.Identifier, (*STAGED, "payload")))
    cells = [sql.SQL(f"s.cells[{n}]::{kind}") for n, kind in enumerate(_kinds(mirror), start=1)]
    values = sql.SQL(", ").join(
        [sql.SQL("%s, s.external_id, s.raw_hash, s.content_hash, s.seen_at"), *cells, sql.SQL("s.payload")]
    )
    changes = sql.SQL(", ").join(
        sql.SQL("{0} = EXCLUDED.{0}").format(sql.Identifier(name)) for name in (*OURS[2:], *mirror.columns, "payload")
    )
    return Statements(
        differing=sql.SQL(
            "SELECT t.n::int - 1, m.content_hash, m.gone_at IS NOT NULL "
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
    for field in _fields(mirror):
        kind = str(field.db_type(connection))
        found.append(_LENGTH.sub("", kind) if kind.startswith("varchar") else kind)
    return found


def _fields(mirror: Mirror) -> list[models.Field[Any, Any]]:
    by_column = {field.column: field for field in mirror.model._meta.concrete_fields}
    return [by_column[name] for name in mirror.columns]


# Text as COPY reads it ------------------------------------------------------------------------------------------------

_CELL, _ROW, _NULL = "\0", "\1", "\2"
_CELLS, _ROWS, _NULLS = _CELL.encode(), _ROW.encode(), _NULL.encode()


def copied(lines: Sequence[Sequence[str | None]], payloads: Sequence[bytes]) -> bytes:
    """Rows for COPY, each with its payload as the last column.

    The whole chunk is escaped at once. Its cells and rows stand between characters that no sound text has; where the count
    says that one has them, it is gone through cell by cell. PostgreSQL judges what is no UTF-8, and what has a NUL in it.
    """
    nulls, made = 0, []
    for line in lines:
        try:
            made.append(_CELL.join(line))  # type: ignore[arg-type]  # a None is what the next line is for
        except TypeError:
            nulls += line.count(None)
            made.append(_CELL.join([_NULL if cell is None else cell for cell in line]))
    block = _ROW.join(made).encode("utf-8", "surrogatepass")
    cells = sum(map(len, lines)) - len(lines)
    if (block.count(_CELLS), block.count(_ROWS), block.count(_NULLS)) == (cells, len(lines) - 1, nulls):
        begun = _escaped(block).replace(_NULLS, b"\\N").replace(_CELLS, b"\t").split(_ROWS)
    else:
        begun = [b"\t".join(map(_careful, line)) for line in lines]
    return b"\n".join(map(b"\t".join, zip(begun, map(_escaped, payloads), strict=True))) + b"\n"


def _careful(cell: str | None) -> bytes:
    return b"\\N" if cell is None else _escaped(cell.encode("utf-8", "surrogatepass"))


def _escaped(text: bytes) -> bytes:
    return text.replace(b"\\", b"\\\\").replace(b"\t", b"\\t").replace(b"\n", b"\\n").replace(b"\r", b"\\r")


# Values as PostgreSQL reads text ----------------------------------------------------------------------------------------


def cells_of(mirror: Mirror, record: Any) -> tuple[str | None, ...]:
    """The row's own columns as text. Raises ValueError when a value is of a kind that no column holds."""
    return as_cells(mirror, mirror.values(record))


def as_cells(mirror: Mirror, values: Sequence[Any]) -> tuple[str | None, ...]:
    return tuple(map(_cell, values, _json_columns(mirror)))


def _cell(value: Any, is_json: bool) -> str | None:
    if type(value) is str:
        return value
    if is_json and value is not None:
        return _JSON.encode(value).decode()
    return _TEXT.get(type(value), _text)(value)


def cells_of_many(mirror: Mirror, rows: Sequence[Sequence[Any]]) -> list[tuple[str | None, ...]]:
    """`as_cells` of many, column by column: how a kind is written is looked up once. Raises ValueError if one has none."""
    columns = zip(*rows, strict=True)
    return list(zip(*map(_column, columns, _json_columns(mirror)), strict=True))


def _column(values: Sequence[Any], is_json: bool) -> Iterable[str | None]:
    kinds = set(map(type, values))
    if kinds <= {str, type(None)}:
        return values
    if is_json or len(kinds) > 1:
        return [_cell(value, is_json) for value in values]
    return map(_TEXT.get(kinds.pop(), _text), values)


@functools.cache
def _json_columns(mirror: Mirror) -> tuple[bool, ...]:
    return tuple(isinstance(field, models.JSONField) for field in _fields(mirror))


def _text(value: Any) -> str:
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, list | tuple | frozenset | set):
        return _array(value)
    raise ValueError(f"a value of type {type(value).__name__} has no column")


def _array(values: Iterable[Any]) -> str:
    inner = [_TEXT.get(type(value), _text)(value) for value in values]
    return "{" + ",".join("NULL" if text is None else _quoted(text) for text in inner) + "}"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _moment(value: dt.datetime) -> str:
    """Most are of few days and of whole minutes, and `isoformat` costs as much as ten texts."""
    if value.tzinfo is not dt.UTC or value.second or value.microsecond:
        return value.isoformat()
    return _day(value.toordinal()) + _minute(value.hour * 60 + value.minute)


@functools.lru_cache(maxsize=4_000)
def _day(ordinal: int) -> str:
    return dt.date.fromordinal(ordinal).isoformat()


@functools.cache
def _minute(of_day: int) -> str:
    return f"T{of_day // 60:02}:{of_day % 60:02}:00+00:00"


_TEXT: dict[type, Callable[[Any], str | None]] = {
    type(None): lambda value: None,
    str: lambda value: value,
    bool: {True: "t", False: "f"}.__getitem__,
    int: str,
    Decimal: str,
    bytes: lambda value: "\\x" + value.hex(),
    uuid.UUID: str,
    dt.datetime: _moment,
    dt.date: dt.date.isoformat,
    dt.time: dt.time.isoformat,
}
