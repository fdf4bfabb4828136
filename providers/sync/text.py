"""Rows as text that COPY reads, and values as text that PostgreSQL reads. Pure."""

from __future__ import annotations

import datetime as dt
import functools
import uuid
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from enum import Enum
from typing import Any

import msgspec
from django.db import models

from providers.sync.tables import Mirror

_JSON = msgspec.json.Encoder(enc_hook=str)

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
    return b"\\N" if cell is None else escaped(cell.encode("utf-8", "surrogatepass"))


def escaped(text: bytes) -> bytes:
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


def fields_of(mirror: Mirror) -> list[models.Field[Any, Any]]:
    by_column = {field.column: field for field in mirror.model._meta.concrete_fields}
    return [by_column[name] for name in mirror.columns]


@functools.cache
def _json_columns(mirror: Mirror) -> tuple[bool, ...]:
    return tuple(isinstance(field, models.JSONField) for field in fields_of(mirror))


def _text(value: Any) -> str:
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, list | tuple | frozenset | set):
        return array_of(value)
    raise ValueError(f"a value of type {type(value).__name__} has no column")


def array_of(values: Iterable[Any]) -> str:
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
