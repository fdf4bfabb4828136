"""A client of Rekaz on a scripted server or on the twin, with a key store that lives as long as the test."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from providers.contracts import Call
from providers.errors import ProviderError
from providers.rekaz import SPEC
from providers.rekaz.client import Rekaz
from tests.providers import account
from tests.providers.account import desk_of, fields_in, http_at, payload_in, refusal_at
from tests.providers.scripted_server import Script, answer

PAYLOADS = Path(__file__).parent / "payloads"
payload, fields = partial(payload_in, PAYLOADS), partial(fields_in, PAYLOADS)
TENANT = "3a0f7c1e-5b2d-4e8a-9c41-7d2e6f80b935"
BRANCH = "3a1bfd57-1b9d-0f99-c9d2-446b6aec5dc4"
SECRETS = {"key": "canary-key", "secret": "canary-secret"}
PLACE = {"tenant": TENANT, "branch_id": BRANCH}
PHONE = "+966501234567"


@dataclass
class Keys(account.Keys):
    secrets: Mapping[str, str] = field(default_factory=lambda: SECRETS)


Desk = account.Desk[Rekaz, Keys]


def client_at(url: str, values: Mapping[str, str], calls: list[Call], **options: Any) -> Rekaz:
    http = http_at(url, SPEC, calls, options.pop("total_seconds", 5.0))
    keys = options.pop("kept", None) or Keys(
        {name: values[name] for name in ("key", "secret", "token") if name in values}
    )
    place = {name: values[name] for name in SPEC.setting_fields if name in values}
    parts = urlsplit(url)
    return Rekaz(http, keys, origin=f"{parts.scheme}://{parts.netloc}", **place, **options)


def desk(*scripts: Script, keys: Keys | None = None, **options: Any) -> AbstractContextManager[Desk]:
    place = {**PLACE, **options.pop("place", {})}
    return desk_of(client_at, place, keys or Keys(), *scripts, **options)


def captured(name: str, status: int = 200) -> Script:
    return answer(payload(name), status)


def refusal(act: Callable[[Rekaz], object], *scripts: Script, **options: Any) -> tuple[ProviderError, Desk]:
    return refusal_at(desk(*scripts, **options), act)
