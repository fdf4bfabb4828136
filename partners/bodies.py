"""JSON as the API takes it: UTF-8, no name twice, no NaN, not nested without end. Numbers with a point are decimals."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import IO, Any

from django.conf import settings
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from branches.api.refusals import Refusal

DEEPEST = 20
# Brackets outside of text. What is in quotes is passed over, its escapes too.
_MARKS = re.compile(r'"(?:[^"\\]|\\.)*"?|[\[{]|[\]}]', re.DOTALL)


class StrictJSON(BaseParser):
    media_type = "application/json"

    def parse(self, stream: IO[Any], media_type: str | None = None, context: Mapping[str, Any] | None = None) -> Any:
        content = stream.read(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
        if len(content) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise Refusal(413, "body_too_large")
        return read_json(content)


def read_json(content: bytes) -> Any:
    """Raises Refusal."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise Refusal(400, "not_utf8") from None
    if _depth(text) > DEEPEST:
        raise Refusal(400, "too_deep")
    try:
        found = json.loads(
            text, object_pairs_hook=_object, parse_constant=_no_number, parse_float=Decimal, parse_int=_whole_number
        )
        json.dumps(found, ensure_ascii=False, default=str).encode("utf-8")  # half a surrogate pair is no text
    except (ValueError, RecursionError):
        raise Refusal(400, "malformed") from None
    return found


def _depth(text: str) -> int:
    level = deepest = 0
    for match in _MARKS.finditer(text):
        mark = match[0]
        if mark in "[{":
            level += 1
            deepest = max(deepest, level)
        elif mark in "]}":
            level -= 1
    return deepest


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Refusal(400, "duplicate_name")
    return found


def _no_number(text: str) -> Any:
    raise Refusal(400, "not_a_number")


def _whole_number(text: str) -> int:
    if len(text) > 40:
        raise ValueError("too many digits")
    return int(text)


class OnlyJSON(BaseContentNegotiation):
    """There is one way to answer, whatever is asked for."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        kind = (request.content_type or "").partition(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == kind), None)

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type


class PlainJSON(JSONRenderer):
    charset = None
