"""A provider's client on a scripted server: what the `account.py` beside each provider's tests has in common."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

import pytest

from providers.contracts import Call, CheckLogin, LogIn, ProviderSpec
from providers.errors import ProviderError
from providers.http import Http, strict_json
from tests.providers.scripted_server import Script, ScriptedServer, serving

C = TypeVar("C")
K = TypeVar("K")
C_co = TypeVar("C_co", covariant=True)


@dataclass
class Keys:
    """Keeps the secrets in use, and perhaps the next ones; counts how often they were replaced."""

    secrets: Mapping[str, str]
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
class Tokens:
    """Keeps one token; counts the logins."""

    token: str
    credentials: Mapping[str, str]
    logins: int = 0

    def read(self) -> str:
        return self.token

    def refresh(self, stale: str, log_in: LogIn) -> str:
        assert stale == self.token
        self.logins += 1
        self.token = log_in(self.credentials).token
        return self.token


@dataclass
class Desk(Generic[C, K]):
    client: C
    server: ScriptedServer
    kept: K  # its keys or tokens
    calls: list[Call]


class ClientAt(Protocol[C_co]):
    def __call__(self, url: str, values: Mapping[str, str], calls: list[Call], **options: Any) -> C_co: ...


@contextmanager
def desk_of(
    client_at: ClientAt[C], values: Mapping[str, str], kept: K, *scripts: Script, **options: Any
) -> Iterator[Desk[C, K]]:
    calls: list[Call] = []
    with serving(*scripts) as server:
        yield Desk(client_at(server.url, values, calls, kept=kept, **options), server, kept, calls)


def refusal_at(
    desk: AbstractContextManager[Desk[C, K]], act: Callable[[C], object]
) -> tuple[ProviderError, Desk[C, K]]:
    """What the client raised, and the desk it happened at."""
    with desk as at, pytest.raises(ProviderError) as raised:
        act(at.client)
    return raised.value, at


def http_at(url: str, spec: ProviderSpec, calls: list[Call], total_seconds: float = 5.0) -> Http:
    """As the provider's spec has it."""
    return Http(
        url,
        allow_loopback=True,
        journal=calls.append,
        visible=frozenset(spec.journal_visible),
        masked=frozenset(spec.journal_masked),
        total_seconds=total_seconds,
    )


def payload_in(folder: Path, name: str) -> bytes:
    """One of the provider's own samples."""
    return (folder / f"{name}.json").read_bytes()


def fields_in(folder: Path, name: str) -> Any:
    return strict_json(payload_in(folder, name))
