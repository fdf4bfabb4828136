"""The ledger as a person reads it."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.test import Client

REFERENCE = re.compile(r"W-[0-9A-Z]{4}-[0-9A-Z]{4}(?=</bdi></a>)")
PATH = "/vouchers/ledger/"


def page(client: Client, **asked: Any) -> HttpResponse:
    return client.get(f"{PATH}?{urlencode(asked)}")


def listed(client: Client, **asked: Any) -> list[str]:
    response = page(client, **asked)
    assert response.status_code == 200
    return REFERENCE.findall(response.content.decode())


def text_of(response: HttpResponse) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())
