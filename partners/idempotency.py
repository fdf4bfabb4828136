"""A write with an Idempotency-Key happens once. The key's row is committed with the operation that it began.

Sent again, the same request is answered from the operation: live while it has no end, and byte for byte the same once it has.
What made no operation (a body that is wrong, a limit, a provider that is away) is not kept: the key may be used again.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import re
import secrets
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import redis
from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from rest_framework.request import Request

from branches.api.once import Also, Shown
from branches.api.pages import as_json
from branches.api.refusals import Refusal
from branches.api.waiting import wait_for
from partners.models import Asked, Key
from partners.valkey import away, valkey
from providers.models import OPEN_STATES, Operation, State
from providers.secrets import keyed_hash

SHAPE = re.compile(r"[\x21-\x7e]{16,255}")
KEEP = dt.timedelta(days=30)
CREATING_FOR = 30  # seconds for which a process that died keeps others waiting
AGAIN_IN = 2  # seconds
MOVING = [state for state in OPEN_STATES if state not in (State.UNKNOWN, State.NEEDS_REVIEW)]
RELEASE = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"


class _Taken(Exception):
    """Another request with this key was committed first."""


class Visit:
    """One call of one key: what `request.auth` is."""

    def __init__(self, key: Key) -> None:
        self.key = key

    def once(
        self, request: Request, make: Callable[[Also], uuid.UUID], show: Callable[[uuid.UUID], Shown]
    ) -> HttpResponse:
        hashed, fingerprint = keyed_hash("idempotency-key", _key_in(request)), _fingerprint(request)
        if earlier := self._earlier(hashed):
            return self._again(earlier, fingerprint, show)
        with self._creating(hashed):
            if earlier := self._earlier(hashed):  # the first has ended meanwhile
                return self._again(earlier, fingerprint, show)
            try:
                operation_id = make(lambda operation: self._remember(operation, hashed, fingerprint))
            except (_Taken, Refusal):
                earlier = self._earlier(hashed)
                if earlier is None:
                    raise
                return self._again(earlier, fingerprint, show)
        wait_for(lambda: not _is_moving(operation_id), settings.API_WAIT_SECONDS)
        row = self._earlier(hashed)
        assert row
        return self._answer(row, show)

    def _earlier(self, hashed: str) -> Asked | None:
        return Asked.objects.filter(partner=self.key.partner_id, key_hash=hashed).first()

    def _remember(self, operation: Any, hashed: str, fingerprint: str) -> None:
        """In the transaction that commits the operation. Waits for another that is about to commit the same key."""
        row = Asked(partner_id=self.key.partner_id, key_hash=hashed, request_hash=fingerprint, operation=operation)
        row.created_at = operation.created_at
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError:
            raise _Taken from None

    def _again(self, row: Asked, fingerprint: str, show: Callable[[uuid.UUID], Shown]) -> HttpResponse:
        if row.request_hash != fingerprint:
            raise Refusal(422, "idempotency_key_reused")
        return self._answer(row, show, again=True)

    def _answer(self, row: Asked, show: Callable[[uuid.UUID], Shown], *, again: bool = False) -> HttpResponse:
        if not row.body:
            shown = show(row.operation_id)
            if not shown.is_final:
                return _accepted(shown)
            # Whoever is first: every later answer is these bytes.
            Asked.objects.filter(pk=row.pk, status__isnull=True).update(status=201, body=shown.body)
            row.refresh_from_db()
        response = as_json(row.body, row.status or 201)
        if again:
            response.headers["Idempotent-Replayed"] = "true"
        return response

    @contextlib.contextmanager
    def _creating(self, hashed: str) -> Iterator[None]:
        """One at a time, from the first look at the provider to the committed intent. The database would let no second one
        through either: this spares the provider the questions."""
        name, mine = f"wasl:creating:{self.key.partner_id}:{hashed}", secrets.token_hex(8)
        try:
            first = valkey().set(name, mine, nx=True, ex=CREATING_FOR)
        except redis.RedisError:
            raise away() from None
        if not first:
            raise Refusal(409, "request_in_progress", retry_after=1)
        try:
            yield
        finally:
            with contextlib.suppress(redis.RedisError):  # it ends by itself
                valkey().eval(RELEASE, 1, name, mine)


def purge_asked(*, now: dt.datetime) -> int:
    """Keys that nobody retries any more. Returns how many went."""
    return Asked.objects.filter(created_at__lt=now - KEEP).delete()[0]


def _key_in(request: Request) -> str:
    key = request.headers.get("Idempotency-Key")
    if key is None:
        raise Refusal(400, "idempotency_key_missing")
    if not SHAPE.fullmatch(key):
        raise Refusal(400, "idempotency_key_invalid")
    return key


def _fingerprint(request: Request) -> str:
    asked = (
        {"body": request.data, "query": dict(request.query_params.lists())} if request.query_params else request.data
    )
    plain = json.dumps(asked, sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=str)
    return keyed_hash("idempotency-request", f"{request.method} {request.path} {plain}")


def _is_moving(operation_id: uuid.UUID) -> bool:
    return Operation.objects.filter(pk=operation_id, state__in=MOVING).exists()


def _accepted(shown: Shown) -> HttpResponse:
    response = as_json(shown.body, 202)
    response.headers["Location"] = shown.place
    response.headers["Retry-After"] = str(AGAIN_IN)
    return response
