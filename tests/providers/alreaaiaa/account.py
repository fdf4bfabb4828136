"""A client of Alreaaiaa on a scripted server, with a token store that lives as long as the test."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from providers.alreaaiaa import SPEC
from providers.alreaaiaa.client import Alreaaiaa
from providers.contracts import Call, RedemptionOrder, VoucherRecord
from providers.errors import ProviderError
from tests.providers import account
from tests.providers.account import desk_of, fields_in, http_at, payload_in, refusal_at
from tests.providers.scripted_server import Script, answer

PAYLOADS = Path(__file__).parent / "payloads"
payload, fields = partial(payload_in, PAYLOADS), partial(fields_in, PAYLOADS)
CREDENTIALS = {"email": "\u0650user@example.com\u200f", "password": "your_password"}
CODE = "VCL6C5944NO4058"


@dataclass
class Tokens(account.Tokens):
    token: str = "cached-token"
    credentials: Mapping[str, str] = field(default_factory=lambda: CREDENTIALS)


Desk = account.Desk[Alreaaiaa, Tokens]


def client_at(url: str, values: Mapping[str, str], calls: list[Call], **options: Any) -> Alreaaiaa:
    http = http_at(url, SPEC, calls, options.pop("total_seconds", 5.0))
    return Alreaaiaa(http, options.pop("kept", None) or Tokens("", values), **options)


def desk(*scripts: Script, tokens: Tokens | None = None, **options: Any) -> AbstractContextManager[Desk]:
    return desk_of(client_at, CREDENTIALS, tokens or Tokens(), *scripts, **options)


def captured(name: str, status: int = 200) -> Script:
    return answer(payload(f"{name}.response"), status)


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


def refusal(act: Callable[[Alreaaiaa], object], *scripts: Script, **options: Any) -> tuple[ProviderError, Desk]:
    return refusal_at(desk(*scripts, **options), act)


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
