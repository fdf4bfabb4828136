"""A till of Kenz'up's shop that signs by itself, for its twin's tests."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
from dataclasses import dataclass
from typing import Any

from providers.afriquia_gaz.sandbox_keys import EXPONENT, SHA256_NAME, Pair, pair
from providers.afriquia_gaz.sandbox_shop import SHOP, TERMINALS
from providers.afriquia_gaz.sandbox_vouchers import BURN_OWNER
from providers.sandbox.running import RunningSandbox
from tests.providers.sandbox.wire import Reply, ask

SLUG = "afriquia_gaz"
CODES = ["abcd0001", "abcd0002", "abcd0003"]
SALE = {
    "terminal_id": TERMINALS[0],
    "amount": 100.00,
    "currency": "MAD",
    "order_id": "TX_123456789",
    "time": "2021-02-12T19:20:30+01:00",
    "customer": BURN_OWNER,
    "vouchers": CODES,
}


def signature(text: str, key: Pair) -> str:
    """By the arithmetic of RSA itself: neither side's code is used."""
    private = pow(EXPONENT, -1, (key.p - 1) * (key.q - 1))
    end = b"\x00" + SHA256_NAME + hashlib.sha256(text.encode()).digest()
    block = b"\x00\x01" + b"\xff" * (254 - len(end)) + end
    return base64.b64encode(pow(int.from_bytes(block, "big"), private, key.modulus).to_bytes(256, "big")).decode()


@dataclass
class Till:
    """A client with no opinions."""

    url: str
    terminal: str = TERMINALS[0]
    key: int = 1

    def signed(self, verb: str, path: str, body: str, **changes: str) -> str:
        host, _, before = self.url.removeprefix("http://").partition("/")
        parts = {
            "client_id": self.terminal,
            "host": host,
            "method": verb,
            "timestamp": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            "uri": f"/{before}{path}",
            "payload": base64.b64encode(body.encode()).decode(),
            **changes,
        }
        text = ",".join(f"{name}={value}" for name, value in parts.items())
        return f"{text},signature={signature(text, pair(self.key))}"

    def call(
        self, verb: str, path: str, body: str = "", headers: dict[str, str] | None = None, **changes: str
    ) -> Reply:
        sent = {"X-SIGNATURE": self.signed(verb, path, body, **changes), **(headers or {})}
        return ask(self.url + path, body, method=verb, headers=sent)

    def status(self, code: str, **changes: str) -> Reply:
        return self.call("GET", f"/shops/{SHOP}/vouchers/{code}", **changes)

    def status_of(self, code: str) -> str:
        return str(self.status(code).json[0]["status"])

    def burn(self, body: str | None = None, **sale: Any) -> Reply:
        return self.call("POST", f"/shops/{SHOP}/vouchers-burn", body or json.dumps({**SALE, **sale}))


def burned(box: RunningSandbox) -> list[tuple[str, str]]:
    return [(effect.code, effect.order_id) for effect in box.control.ledger(SLUG)]
