"""A client of Alreaaiaa on a scripted server, with a token store that lives as long as the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from providers.alreaaiaa import SPEC
from providers.alreaaiaa.client import Alreaaiaa
from providers.contracts import Call, LogIn, RedemptionOrder, VoucherRecord
from providers.errors import ProviderError
from providers.http import Http, strict_json
from tests.providers.scripted_server import Script, ScriptedServer, answer, serving

PAYLOADS = Path(__file__).parent / "payloads"
CREDENTIALS = {"email": "\u0650user@example.com\u200f", "password": "your_password"}
CODE = "VCL6C5944NO4058"


@dataclass
class Tokens:
    """Keeps one token; counts the logins."""

    token: str = "cached-token"
    credentials: Mapping[str, str] = field(default_factory=lambda: CREDENTIALS)
    logins: int = 0

    def read(self) -> str:
        return self.token

    def refresh(self, stale: str, log_in: LogIn) -> str:
        assert stale == self.token
        self.logins += 1
        self.token = log_in(self.credentials).token
        return self.token


@dataclass
class Desk:
    client: Alreaaiaa
    server: ScriptedServer
    tokens: Tokens
    calls: list[Call]


def client_at(url: str, values: Mapping[str, str], calls: list[Call], **options: Any) -> Alreaaiaa:
    http = Http(
        url,
        allow_loopback=True,
        journal=calls.append,
        visible=frozenset(SPEC.journal_visible),
        masked=frozenset(SPEC.journal_masked),
        total_seconds=options.pop("total_seconds", 5.0),
    )
    return Alreaaiaa(http, options.pop("tokens", None) or Tokens("", values), **options)


@contextmanager
def desk(*scripts: Script, tokens: Tokens | None = None, **options: Any) -> Iterator[Desk]:
    calls: list[Call] = []
    kept = tokens or Tokens()
    with serving(*scripts) as server:
        yield Desk(client_at(server.url, CREDENTIALS, calls, tokens=kept, **options), server, kept, calls)


def payload(name: str) -> bytes:
    return (PAYLOADS / f"{name}.json").read_bytes()


def captured(name: str, status: int = 200) -> Script:
    return answer(payload(f"{name}.response"), status)


def fields(name: str) -> Any:
    return strict_json(payload(name))


def order(**changes: Any) -> RedemptionOrder:
    facts: dict[str, Any] = {
        "order_ref": "W-1",
        "codes": (CODE,),
        "values": (Decimal(200),),
        "services_total": Decimal(600),
        "client_pays": Decimal(400),
        "currency": "SAR",
    }
    return RedemptionOrder(**{**facts, **changes})


def refusal(do: Callable[[Alreaaiaa], object], *scripts: Script, **options: Any) -> tuple[ProviderError, Desk]:
    """What the client raised, and the desk it happened at."""
    with desk(*scripts, **options) as at, pytest.raises(ProviderError) as raised:
        do(at.client)
    return raised.value, at


def finding(client: Alreaaiaa) -> object:
    return client.find_voucher(CODE)


def redeeming(client: Alreaaiaa) -> object:
    return client.redeem_vouchers(order())


def logging_in(client: Alreaaiaa) -> object:
    return client.log_in(CREDENTIALS)


# What tests/providers/test_contracts.py asks of every provider ----------------------------------------------------------

FOUND = captured("find_verified")
REDEEMED = captured("use_verified")
HIDDEN = (CODE, "cached-token", "501234569", "client name", "testclient@gmail.com")
DEMO_CODES = (CODE,)
UNKNOWN_CODE = "VCL6C5944NO405812"


def wrong_login(values: Mapping[str, str]) -> dict[str, str]:
    return {**values, "password": "guess"}


def order_of(records: Sequence[VoucherRecord]) -> RedemptionOrder:
    return order(codes=(records[0].code,), values=(records[0].value,), client_pays=600 - records[0].value)
