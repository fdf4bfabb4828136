"""A client of Kenz'up on a scripted server, with a key store that lives as long as the test."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from providers.afriquia_gaz import SPEC
from providers.afriquia_gaz.client import AfriquiaGaz
from providers.afriquia_gaz.sandbox_keys import pair, private_pem
from providers.contracts import Call, RedemptionOrder, VoucherRecord
from providers.errors import ProviderError
from tests.providers import account
from tests.providers.account import desk_of, fields_in, http_at, payload_in, refusal_at
from tests.providers.scripted_server import Script, answer

PAYLOADS = Path(__file__).parent / "payloads"
payload, fields = partial(payload_in, PAYLOADS), partial(fields_in, PAYLOADS)
SHOP, TERMINAL = "1234", "POS_123456789"
KEY, NEXT_KEY = private_pem(pair(1)), private_pem(pair(2))
SECRETS = {"private_key": KEY, "export_basic": "canary-export-login"}
CODE = "dF54GFd7"
BURNED_CODES = ("abcd0001", "abcd0002", "abcd0003")
REF = "TX_123456789"


@dataclass
class Keys(account.Keys):
    secrets: Mapping[str, str] = field(default_factory=lambda: SECRETS)


Desk = account.Desk[AfriquiaGaz, Keys]


def client_at(url: str, values: Mapping[str, str], calls: list[Call], **options: Any) -> AfriquiaGaz:
    http = http_at(url, SPEC, calls, options.pop("total_seconds", 5.0))
    keys = options.pop("kept", None) or Keys({name: values[name] for name in SPEC.all_secret_fields})
    return AfriquiaGaz(http, keys, shop_uuid=values["shop_uuid"], terminal_id=values["terminal_id"], **options)


def desk(*scripts: Script, keys: Keys | None = None, **options: Any) -> AbstractContextManager[Desk]:
    values = {"shop_uuid": SHOP, "terminal_id": TERMINAL, **SECRETS}
    return desk_of(client_at, values, keys or Keys(), *scripts, **options)


def captured(name: str, status: int = 200) -> Script:
    return answer(payload(f"{name}.response"), status)


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


def refusal(act: Callable[[AfriquiaGaz], object], *scripts: Script, **options: Any) -> tuple[ProviderError, Desk]:
    return refusal_at(desk(*scripts, **options), act)


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
