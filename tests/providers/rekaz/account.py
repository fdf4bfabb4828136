"""A client of Rekaz on a scripted server or on the twin, with a key store that lives as long as the test."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from providers.contracts import Call, CheckLogin
from providers.errors import ProviderError
from providers.http import Http, strict_json
from providers.rekaz import SPEC
from providers.rekaz.client import Rekaz
from tests.providers.scripted_server import Script, ScriptedServer, answer, serving

PAYLOADS = Path(__file__).parent / "payloads"
TENANT = "3a0f7c1e-5b2d-4e8a-9c41-7d2e6f80b935"
BRANCH = "3a1bfd57-1b9d-0f99-c9d2-446b6aec5dc4"
SECRETS = {"key": "canary-key", "secret": "canary-secret"}
PLACE = {"tenant": TENANT, "branch_id": BRANCH}
PHONE = "+966501234567"


@dataclass
class Keys:
    """Keeps the secrets in use, and perhaps the next ones; counts how often they were replaced."""

    secrets: Mapping[str, str] = field(default_factory=lambda: SECRETS)
    upcoming: Mapping[str, str] | None = None
    replaced: int = 0

    def read(self) -> Mapping[str, str]:
        return self.secrets

    def replace(self, refused: Mapping[str, str], check: CheckLogin) -> Mapping[str, str] | None:
        assert refused == self.secrets
        if self.upcoming is None:
            return None
        check(self.upcoming)
        self.replaced += 1
        self.secrets, self.upcoming = self.upcoming, None
        return self.secrets


@dataclass
class Desk:
    client: Rekaz
    server: ScriptedServer
    keys: Keys
    calls: list[Call]


def client_at(url: str, values: Mapping[str, str], calls: list[Call], **options: Any) -> Rekaz:
    http = Http(
        url,
        allow_loopback=True,
        journal=calls.append,
        visible=frozenset(SPEC.journal_visible),
        masked=frozenset(SPEC.journal_masked),
        total_seconds=options.pop("total_seconds", 5.0),
    )
    keys = options.pop("keys", None) or Keys(
        {name: values[name] for name in ("key", "secret", "token") if name in values}
    )
    place = {name: values[name] for name in SPEC.setting_fields if name in values}
    parts = urlsplit(url)
    return Rekaz(http, keys, origin=f"{parts.scheme}://{parts.netloc}", **place, **options)


@contextmanager
def desk(*scripts: Script, keys: Keys | None = None, **options: Any) -> Iterator[Desk]:
    calls: list[Call] = []
    kept = keys or Keys()
    place = {**PLACE, **options.pop("place", {})}
    with serving(*scripts) as server:
        yield Desk(client_at(server.url, place, calls, keys=kept, **options), server, kept, calls)


def payload(name: str) -> bytes:
    return (PAYLOADS / f"{name}.json").read_bytes()


def captured(name: str, status: int = 200) -> Script:
    return answer(payload(name), status)


def fields(name: str) -> Any:
    return strict_json(payload(name))


def refusal(act: Any, *scripts: Script, **options: Any) -> tuple[ProviderError, Desk]:
    with desk(*scripts, **options) as at, pytest.raises(ProviderError) as raised:
        act(at.client)
    return raised.value, at
