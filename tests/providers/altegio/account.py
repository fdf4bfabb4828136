"""A client of Altegio on a scripted server, with a token that lives as long as the test."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from providers.altegio import SPEC
from providers.altegio.client import Altegio
from providers.contracts import Call
from providers.errors import ProviderError
from tests.providers import account
from tests.providers.account import desk_of, fields_in, http_at, payload_in, refusal_at
from tests.providers.scripted_server import Script, answer

PAYLOADS = Path(__file__).parent / "payloads"
payload, fields = partial(payload_in, PAYLOADS), partial(fields_in, PAYLOADS)
SECRETS = {"partner_token": "canary-partner", "login": "j.smith", "password": "canary-password"}
PLACE = {"location_id": "4564", "chain_id": "145071", "timezone": "America/New_York"}
PHONE = "+13155550175"
USER = "c0ffee0123456789c0ffee0123456789"


@dataclass
class Tokens(account.Tokens):
    token: str = f"canary-partner, User {USER}"
    credentials: Mapping[str, str] = field(default_factory=lambda: SECRETS)


Desk = account.Desk[Altegio, Tokens]


def client_at(url: str, values: Mapping[str, str], calls: list[Call], **options: Any) -> Altegio:
    http = http_at(url, SPEC, calls, options.pop("total_seconds", 5.0))
    place = {name: values[name] for name in SPEC.setting_fields if name in values}
    return Altegio(http, options.pop("kept", None) or Tokens("", values), **place, **options)


def desk(*scripts: Script, tokens: Tokens | None = None, **options: Any) -> AbstractContextManager[Desk]:
    place = {**PLACE, **options.pop("place", {})}
    return desk_of(client_at, place, tokens or Tokens(), *scripts, **options)


def captured(name: str, status: int = 200) -> Script:
    return answer(payload(f"{name}.response"), status)


def refusal(act: Callable[[Altegio], object], *scripts: Script, **options: Any) -> tuple[ProviderError, Desk]:
    return refusal_at(desk(*scripts, **options), act)
