"""A partner's program, and the workers that it waits for."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connections
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from branches.models import Branch
from loyalty import selectors as cards
from loyalty import services as card_services
from partners.keys import issue_key
from partners.models import Key
from providers import operations
from reservations import selectors as bookings
from reservations import services as booking_services
from vouchers import selectors, services

API = "/api/v1/"


class Caller:
    """`key` as it is sent; none where nobody is to be known."""

    def __init__(self, key: str = "", language: str = "en") -> None:
        self.key = key
        self.language = language
        self.client = Client(raise_request_exception=False)

    def get(self, path: str, **query: Any) -> HttpResponse:
        return self.client.get(API + path, query, headers=self._headers())

    def delete(self, path: str, body: Any = None, *, once: str | None = "") -> HttpResponse:
        named = {"Idempotency-Key": once or f"test-{uuid.uuid4()}"} if once is not None else {}
        content = "" if body is None else json.dumps(body)
        kind = "application/json" if body is not None else "application/octet-stream"
        return self.client.delete(API + path, content, content_type=kind, headers=self._headers() | named)

    def post(self, path: str, body: Any = None, *, once: str | None = "", **headers: str) -> HttpResponse:
        """`once` is the Idempotency-Key: a new one if it is left out, none if it is None."""
        content = body if isinstance(body, (bytes, str)) else json.dumps(body if body is not None else {})
        named = {"Idempotency-Key": once or f"test-{uuid.uuid4()}"} if once is not None else {}
        return self.client.post(
            API + path, content, content_type="application/json", headers=self._headers() | named | headers
        )

    def _headers(self) -> dict[str, str]:
        found = {"Accept-Language": self.language}
        return found | ({"Authorization": f"Bearer {self.key}"} if self.key else {})


def caller(*branches: Branch, partner: str = "shop", scopes: tuple[str, ...] = ("all",), **more: Any) -> Caller:
    return Caller(issued(*branches, partner=partner, scopes=scopes, **more)[1])


def issued(
    *branches: Branch, partner: str = "shop", scopes: tuple[str, ...] = ("all",), **more: Any
) -> tuple[Key, str]:
    return issue_key(partner, branches=branches, scopes=scopes, **{"now": timezone.now(), **more})


JOBS: dict[str, list[tuple[Any, Any]]] = {
    "look": [
        (selectors.lookups_due, services.look_up_voucher),
        (bookings.asks_due, booking_services.answer_ask),
        (cards.asks_due, card_services.answer_ask),
    ],
    "send": [(operations.due_to_send, operations.send_operation)],
    "settle": [(operations.due_to_settle, operations.settle_operation)],
}


@contextmanager
def working(*jobs: str) -> Iterator[None]:
    """Look-ups and questions are answered, operations sent and settled, until the block ends; or only some of it is done."""
    stop, wanted = threading.Event(), [pair for job in jobs or JOBS for pair in JOBS[job]]
    thread = threading.Thread(target=_work, args=[stop, wanted], daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(30)


def _work(stop: threading.Event, wanted: list[tuple[Any, Any]]) -> None:
    try:
        while not stop.wait(0.01):
            for due, work in wanted:
                for row in due():
                    work(row)
    finally:
        connections.close_all()
