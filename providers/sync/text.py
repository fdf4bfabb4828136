"""Rows as text that COPY reads, and values as text that PostgreSQL reads. Pure."""

from __future__ import annotations

import datetime as dt
import functools
import uuid
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from enum import Enum
from itertools import chain, repeat
from typing import Any

import msgspec
from django.db import models

from providers.sync.tables import Mirror

_JSON = msgspec.json.Encoder(enc_hook=str)
_STRINGS = msgspec.json.Decoder(list[str])

# Text as COPY reads it ------------------------------------------------------------------------------------------------

_NULL = "\\N"
_MARKS = b"\\\t\n\r"
_TABS, _ENDS = repeat(b"\t"), repeat(b"\n")


def copied(lines: Sequence[Sequence[str | None]], middles: Sequence[bytes], payloads: Sequence[bytes]) -> bytes:
    """Rows for COPY: cells, then what is escaped already, then one cell of bytes. PostgreSQL judges what is no UTF-8, and what
    has a NUL in it."""
    pieces = zip(
        _begun(lines), _TABS, middles, _TABS, _escaped_many(payloads), _ENDS, strict=False
    )  # the marks have no end
    return b"".join(chain.from_iterable(pieces))


def _begun(lines: Sequence[Sequence[str | None]]) -> Sequence[bytes]:
    """Of each row its cells. Mostly nothing in them must be escaped, which is seen at once: what does only adds to the marks
    that stand in the whole block anyway. Else the rows are looked at one by one."""
    try:
        made, nulls = list(map("\t".join, lines)), 0  # type: ignore[arg-type]  # without a NULL, as most are
    except TypeError:
        made, nulls = list(map(_joined, lines)), sum(line.count(None) for line in lines)
    block = "\n".join(made).encode("utf-8", "surrogatepass")
    if len(block) - len(block.translate(None, _MARKS)) == sum(map(len, lines)) - 1 + nulls:
        return block.split(b"\n")
    return [b"\t".join(map(_careful, line)) for line in lines]


def _joined(line: Sequence[str | None]) -> str:
    return "\t".join([_NULL if cell is None else cell for cell in line])


def _escaped_many(texts: Sequence[bytes]) -> Iterable[bytes]:
    block = b"".join(texts)  # to look for what is not there costs next to nothing
    return map(escaped, texts) if any(block.count(mark) for mark in (b"\\", b"\t", b"\n", b"\r")) else texts


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


def _column(values: Sequence[Any], is_json: bool) -> Sequence[str | None]:
    kinds = set(map(type, values)) - {type(None)}
    if kinds <= {str}:
        return values
    if is_json or len(kinds) > 1:
        return [_cell(value, is_json) for value in values]
    in_text = _MANY.get(kinds.pop(), _texts)
    if None not in values:
        return in_text(values)
    texts = iter(in_text([value for value in values if value is not None]))
    return [None if value is None else next(texts) for value in values]


def _texts(values: Sequence[Any]) -> list[str | None]:
    return list(map(_TEXT.get(type(values[0]), _text), values))


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


def _moments(values: Sequence[dt.datetime]) -> list[str]:
    """By an encoder that is written in C: `isoformat` costs as much as ten texts. It rounds offsets to minutes."""
    if all(value.tzinfo is dt.UTC for value in values):
        return _STRINGS.decode(_JSON.encode(values))
    return [value.isoformat() for value in values]


_TEXT: dict[type, Callable[[Any], str | None]] = {
    type(None): lambda value: None,
    str: lambda value: value,
    bool: {True: "t", False: "f"}.__getitem__,
    int: str,
    Decimal: str,
    bytes: lambda value: "\\x" + value.hex(),
    uuid.UUID: str,
    dt.datetime: lambda value: _moments([value])[0],
    dt.date: dt.date.isoformat,
    dt.time: dt.time.isoformat,
}
_MANY: dict[type, Callable[[Sequence[Any]], Sequence[str | None]]] = {dt.datetime: _moments}
