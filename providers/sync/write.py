"""The one path by which rows reach a mirror: new ones by COPY, changed ones by COPY into the staging table and one upsert.

psycopg is spoken to directly: Django's cursors quote every value into the statement, and know no COPY.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
import uuid
from binascii import hexlify
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Any, NamedTuple

import msgspec
import psycopg
from django.db import connection, models, transaction
from psycopg import sql

from providers.models import Account, SyncRun
from providers.sync.remembered import touch
from providers.sync.tables import Mirror

CHUNK = 1_000  # changed rows in one transaction
SLICE = 200  # rows that are turned into text together: what they are made of still is in the processor's cache
_JSON = msgspec.json.Encoder(enc_hook=str)
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
    mirror: Mirror, account: Account, rows: Sequence[Ready], *, are_new: bool, run: SyncRun | None = None
) -> Written:
    """Inside a transaction, at most CHUNK rows, no id twice. An older reading never overwrites a newer one. `run`: whose work
    it is, if it is a run's."""
    assert connection.in_atomic_block
    assert len(rows) <= CHUNK
    if not rows:
        return Written(0, ())
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
            lines = [(key, *shared, *row.cells) for shared, row in zip(_shared(some), some, strict=True)]
            copy.write(copied(lines, _ends(some)))
    return len(rows)


def _upsert(mirror: Mirror, account: Account, rows: Sequence[Ready]) -> int:
    chunk = uuid.uuid4()
    lines = [(str(chunk), *shared, _array(row.cells)) for shared, row in zip(_shared(rows), rows, strict=True)]
    with _cursor() as cursor:
        with cursor.copy(_statements(mirror).stage) as copy:
            copy.write(copied(lines, _ends(rows)))
        cursor.execute(_statements(mirror).upsert, [chunk, account.pk])
        return int(cursor.rowcount)


def _shared(rows: Sequence[Ready]) -> Iterable[tuple[str, str]]:
    """Of each row what stands first in every mirror, as text."""
    as_text = {moment: moment.isoformat() for moment in {row.seen_at for row in rows}}  # a page has one
    return ((row.external_id, as_text[row.seen_at]) for row in rows)


def _ends(rows: Sequence[Ready]) -> list[bytes]:
    """Of each row what stands last, escaped."""
    return [
        b"\\\\x%b\t\\\\x%b\t%b" % (hexlify(row.raw_hash), hexlify(row.content_hash), _escaped(row.payload))
        for row in rows
    ]


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
    for field in _fields(mirror):
        kind = str(field.db_type(connection))
        found.append(_LENGTH.sub("", kind) if kind.startswith("varchar") else kind)
    return found


def _fields(mirror: Mirror) -> list[models.Field[Any, Any]]:
    by_column = {field.column: field for field in mirror.model._meta.concrete_fields}
    return [by_column[name] for name in mirror.columns]


# Text as COPY reads it ------------------------------------------------------------------------------------------------

_NULL = "\\N"


def copied(lines: Sequence[Sequence[str | None]], ends: Sequence[bytes]) -> bytes:
    """Rows for COPY, each with its end, which is escaped already.

    Most cells hold nothing that must be escaped: counting what stands in the whole block tells so at once, else the rows are
    looked at one by one. PostgreSQL judges what is no UTF-8, and what has a NUL in it.
    """
    made = list(map(_joined, lines))
    block = "\n".join(made).encode("utf-8", "surrogatepass")
    cells, nulls = sum(map(len, lines)), sum(line.count(None) for line in lines)
    if _specials(block) == (cells - len(lines), len(lines) - 1, nulls, 0):
        begun = block.split(b"\n")
    else:
        begun = [_begun(line, text.encode("utf-8", "surrogatepass")) for line, text in zip(lines, made, strict=True)]
    return b"\n".join(map(b"\t".join, zip(begun, ends, strict=True))) + b"\n"


def _joined(line: Sequence[str | None]) -> str:
    try:
        return "\t".join(line)  # type: ignore[arg-type]  # one without a NULL, as most are
    except TypeError:
        return "\t".join([_NULL if cell is None else cell for cell in line])


def _specials(block: bytes) -> tuple[int, int, int, int]:
    return block.count(b"\t"), block.count(b"\n"), block.count(b"\\"), block.count(b"\r")


def _begun(line: Sequence[str | None], text: bytes) -> bytes:
    is_plain = _specials(text) == (len(line) - 1, 0, line.count(None), 0)
    return text if is_plain else b"\t".join(map(_careful, line))


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
