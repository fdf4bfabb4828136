"""What a twin of a provider is: it gets a request and a draft of its own books, and gives an answer.

Everything else (sockets, faults, the ledger, the control API) is written once, around this seam.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from providers.sandbox.shelf import Draft

JsonObject = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Request:
    """One request as the provider received it. `path` is what follows the provider's prefix."""

    sequence: int
    at: dt.datetime
    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)  # names in lower case
    body: bytes = field(default=b"", repr=False)

    @property
    def body_sha256(self) -> str:
        return hashlib.sha256(self.body).hexdigest()


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


def in_json(status: int, content: object, headers: Mapping[str, str] | None = None) -> Answer:
    # ASCII escapes and no spaces, as PHP's json_encode writes by default.
    body = json.dumps(content, separators=(",", ":")).encode()
    return Answer(status, body, {"Content-Type": "application/json", **(headers or {})})


def in_html(status: int, page: str) -> Answer:
    return Answer(status, page.encode(), {"Content-Type": "text/html; charset=UTF-8"})


def object_in(body: bytes) -> JsonObject:
    """The body's JSON object; an empty one for anything else, so that no request can crash a twin."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


@dataclass(frozen=True, slots=True)
class Delivery:
    """Something that a provider sends by itself, to an address of ours."""

    url: str
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)


class Unfit(ValueError):
    """The control API was given something a twin cannot hold. The text goes back to the caller."""


def check_fields(fields: JsonObject, types: Mapping[str, tuple[type, ...]], required: str) -> None:
    """Any field may be given, but only as the type the documentation shows: wrong types are a fault, not a fixture."""
    unknown = sorted(set(fields) - set(types))
    if unknown:
        raise Unfit(f"a voucher has no {', '.join(unknown)}; it has {', '.join(types)}")
    for name, value in fields.items():
        if not isinstance(value, types[name]) or isinstance(value, bool):
            raise Unfit(f"{name} cannot be {value!r}")
    if not fields.get(required):
        raise Unfit(f"{required} is required")


class Twin(Protocol):
    """One provider's stand-in. It keeps nothing itself: all it knows is in the draft it is handed."""

    slug: str
    prefix: str  # "/alreaaiaa/api/v1"
    endpoints: tuple[str, ...]  # the names faults are matched on
    reads: frozenset[str]  # endpoints without an effect
    secret_endpoints: frozenset[str]  # bodies here hold credentials: not even their hash is kept
    rules: Mapping[str, tuple[str, ...]]  # undocumented behaviour one may choose; the first choice is the default

    def stock(self, draft: Draft, scenario: str, today: dt.date) -> None:
        """Lay out the scenario's fixtures, dated relative to today."""

    def endpoint_of(self, request: Request) -> str:
        """The endpoint's name, or '' for a path this provider does not have."""

    def codes_of(self, request: Request) -> tuple[str, ...]:
        """The vouchers that the request is about, in its own order."""

    def answer(self, request: Request, draft: Draft) -> Answer: ...

    def unauthorized(self, shape: str, request: Request) -> Answer:
        """A 401 in one of the shapes this provider is believed to use."""

    def about_another(self, answer: Answer, codes: Sequence[str], draft: Draft) -> Answer:
        """The same answer, but about something else than was asked: another voucher, another order."""

    def use_at_portal(self, code: str, at: dt.datetime, draft: Draft) -> None:
        """Somebody at the provider's own portal uses the voucher."""

    def put_voucher(self, fields: JsonObject, draft: Draft, today: dt.date) -> JsonObject:
        """Add or change a voucher; raises Unfit with the reason."""

    def revoke_tokens(self, user: str, draft: Draft) -> None:
        """Tokens issued until now, or keys in use, stop working; of every user when `user` is ''."""

    def login(self) -> Mapping[str, str]:
        """The secrets and settings, by their names in the provider's spec, that an account here works with."""


@runtime_checkable
class Actor(Protocol):
    """A twin in which more can be made to happen than a fault, and which speaks by itself. Both raise Unfit."""

    def act(self, fields: JsonObject, request: Request, draft: Draft) -> JsonObject:
        """Whatever `do` names, done at the provider and not by a client."""

    def deliveries(self, fields: JsonObject, request: Request, draft: Draft) -> list[Delivery]: ...
