"""Pages of a list: by the place where the last one ended, never by number, and never counted.

The rows come from PostgreSQL as JSON: nothing of them is made again here.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db import connection
from django.http import HttpResponse

from branches.api.refusals import FieldProblem, Refusal

JSON = "application/json"
LIMIT = " LIMIT %(most)s"
MOST_ROWS = 2**63 - 1  # an id above it is nobody's, and would be no value for PostgreSQL either


def as_json(text: str | bytes, status: int = 200) -> HttpResponse:
    return HttpResponse(text, status=status, content_type=JSON)


def rows_as_json(select: str, given: Mapping[str, Any], limit: int) -> tuple[list[bytes], tuple[Any, ...] | None]:
    """`select` brings one JSON text a row, and behind it the columns of its order. The rows, and where the next page begins.
    `%(most)s` is how many are wanted, for a select that has a use for it. The texts stay the bytes in which they came, and
    of the other columns only the last row's become values: that is a tenth of a page's work."""
    with connection.cursor() as cursor:
        cursor.execute(select + LIMIT, {**given, "most": limit + 1})
        found, count = cursor.cursor.pgresult, min(cursor.rowcount, limit)
        rows = [found.get_value(number, 0) for number in range(count)]
        if cursor.rowcount <= limit:
            return rows, None
        cursor.cursor.scroll(limit - 1)
        return rows, tuple(cursor.fetchone()[1:])


def one_row(select: str, given: Mapping[str, Any]) -> tuple[Any, ...] | None:
    with connection.cursor() as cursor:
        cursor.execute(select, given)
        row: tuple[Any, ...] | None = cursor.fetchone()
    return row


def page(select: str, given: Mapping[str, Any], limit: int, kind: str) -> HttpResponse:
    rows, end = rows_as_json(select, given, limit)
    following = json.dumps(written(kind, end)).encode() if end else b"null"
    return as_json(b'{"items":[%b],"next_cursor":%b}' % (b",".join(rows), following))


def written(kind: str, end: Sequence[Any]) -> str:
    """`kind` names the list and its order: a cursor of one list is none of another."""
    plain = [kind, *(part.isoformat() if isinstance(part, dt.datetime) else str(part) for part in end)]
    return base64.urlsafe_b64encode(json.dumps(plain, separators=(",", ":")).encode()).decode().rstrip("=")


def row_id(text: str) -> int:
    """Raises ValueError for what no column could hold."""
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise ValueError(text)
    return int(text)


def read_cursor(text: str | None, kind: str, key_of: Callable[[str], Any] = row_id) -> tuple[dt.datetime, Any] | None:
    """(moment, id). Raises Refusal where it is none that we have written."""
    if text is None:
        return None
    try:
        named, at, key = json.loads(base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4)))
        moment = dt.datetime.fromisoformat(at)
        if named != kind or moment.tzinfo is None or not isinstance(key, str):
            raise ValueError(kind)
        return moment.astimezone(dt.UTC), key_of(key)
    except (ValueError, TypeError, binascii.Error, UnicodeError, RecursionError, OverflowError):
        raise bad_cursor() from None


def bad_cursor() -> Refusal:
    return Refusal(400, "invalid", fields=[FieldProblem("cursor", "cursor_invalid")])
