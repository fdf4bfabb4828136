"""A client of Kenz'up on a scripted server, with a key store that lives as long as the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from providers.afriquia_gaz import SPEC
from providers.afriquia_gaz.client import AfriquiaGaz
from providers.afriquia_gaz.sandbox_keys import pair, private_pem
from providers.contracts import Call, CheckLogin, RedemptionOrder, VoucherRecord
from providers.errors import ProviderError
from providers.http import Http, strict_json
from tests.providers.scripted_server import Script, ScriptedServer, answer, serving

PAYLOADS = Path(__file__).parent / "payloads"
SHOP, TERMINAL = "1234", "POS_123456789"
KEY, NEXT_KEY = private_pem(pair(1)), private_pem(pair(2))
SECRETS = {"private_key": KEY, "export_basic": "canary-export-login"}
CODE = "dF54GFd7"
BURNED_CODES = ("abcd0001", "abcd0002", "abcd0003")
REF = "TX_123456789"


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
    client: AfriquiaGaz
    server: ScriptedServer
    keys: Keys
    calls: list[Call]


def client_at(url: str, values: Mapping[str, str], calls: list[Call], **options: Any) -> AfriquiaGaz:
    http = Http(
        url,
        allow_loopback=True,
        journal=calls.append,
        visible=frozenset(SPEC.journal_visible),
        masked=frozenset(SPEC.journal_masked),
        total_seconds=options.pop("total_seconds", 5.0),
    )
    keys = options.pop("keys", None) or Keys({name: values[name] for name in SPEC.all_secret_fields})
    return AfriquiaGaz(http, keys, shop_uuid=values["shop_uuid"], terminal_id=values["terminal_id"], **options)


@contextmanager
def desk(*scripts: Script, keys: Keys | None = None, **options: Any) -> Iterator[Desk]:
    calls: list[Call] = []
    kept = keys or Keys()
    place = {"shop_uuid": SHOP, "terminal_id": TERMINAL, **SECRETS}
    with serving(*scripts) as server:
        yield Desk(client_at(server.url, place, calls, keys=kept, **options), server, kept, calls)


def payload(name: str) -> bytes:
    return (PAYLOADS / f"{name}.json").read_bytes()


def captured(name: str, status: int = 200) -> Script:
    return answer(payload(f"{name}.response"), status)


def fields(name: str) -> Any:
    return strict_json(payload(name))


def order(*codes: str, **changes: Any) -> RedemptionOrder:
    """One voucher unless told otherwise; the rest as in their sample of a burn."""
    wanted = codes or (CODE,)
    facts: dict[str, Any] = {
        "order_ref": REF,
        "codes": wanted,
        "values": tuple(Decimal("10.55") for _ in wanted),
        "services_total": Decimal("100.00"),
        "client_pays": Decimal("89.45"),
        "currency": "MAD",
        "customer_phone": "+212611223344",
        "at": "2021-02-12T19:20:30+01:00",
    }
    return RedemptionOrder(**{**facts, **changes})


def refusal(do: Callable[[AfriquiaGaz], object], *scripts: Script, **options: Any) -> tuple[ProviderError, Desk]:
    """What the client raised, and the desk it happened at."""
    with desk(*scripts, **options) as at, pytest.raises(ProviderError) as raised:
        do(at.client)
    return raised.value, at


def finding(client: AfriquiaGaz) -> object:
    return client.find_voucher(CODE)


def redeeming(client: AfriquiaGaz) -> object:
    return client.redeem_vouchers(order())


def redeeming_three(client: AfriquiaGaz) -> object:
    return client.redeem_vouchers(order(*BURNED_CODES))


def trying_the_key(client: AfriquiaGaz) -> object:
    return client.check_login(SECRETS)


# What tests/providers/test_contracts.py asks of every provider ----------------------------------------------------------

FOUND = captured("status_sample")
REDEEMED = captured("burn_sample")
HIDDEN = (CODE, "+212611223344", "611223344", "+212612345678", "canary-export-login", KEY.splitlines()[3])
DEMO_CODES = ("Kz7mPq2A", "Kz7mPq2B")  # of one owner
UNKNOWN_CODE = "Zz9zzz9Z"


def wrong_login(values: Mapping[str, str]) -> dict[str, str]:
    return {**values, "terminal_id": "POS_STRANGER"}


def order_of(records: Sequence[VoucherRecord]) -> RedemptionOrder:
    values = tuple(record.value for record in records)
    return order(
        *(record.code for record in records),
        values=values,
        client_pays=Decimal(100) - sum(values),
        customer_phone=records[0].holder_phone,
    )
