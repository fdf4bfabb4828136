"""Taking the ledger away as a file, and reading what is in it."""

from __future__ import annotations

import csv
import io
import zipfile
from typing import Any

from django.http import StreamingHttpResponse
from django.test import Client
from openpyxl import load_workbook

from branches.models import User

PATH = "/vouchers/ledger/export/"


def speak(language: str) -> None:
    User.objects.update(language=language)


def taken(client: Client, file_format: str = "csv", **asked: Any) -> StreamingHttpResponse:
    response: Any = client.post(PATH, {"format": file_format, **asked})
    assert response.status_code == 200, response.status_code
    assert isinstance(response, StreamingHttpResponse)
    return response


def body(response: StreamingHttpResponse) -> bytes:
    return response.getvalue()


def lines(client: Client, delimiter: str = ",", **asked: Any) -> list[list[str]]:
    text = body(taken(client, **asked)).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))


def table(client: Client, **asked: Any) -> list[dict[str, str]]:
    """The rows under their header; every account of the tests is a sandbox, so the word stands above it."""
    [training], header, *rows = trimmed(lines(client, **asked))
    assert training.startswith("Training")
    return [dict(zip(header, row, strict=True)) for row in rows]


def trimmed(found: list[list[str]]) -> list[list[str]]:
    return [[line[0]] if not any(line[1:]) else line for line in found]


def book(client: Client, **asked: Any) -> Any:
    return load_workbook(io.BytesIO(body(taken(client, "xlsx", **asked))))


def parts(raw: bytes) -> list[bytes]:
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        return [archive.read(name) for name in archive.namelist()]
