"""The provider seen over a raw socket, where every byte and every way of ending a connection shows."""

from __future__ import annotations

import json
import socket
import time
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit

from providers.sandbox.running import RunningSandbox

VOUCHER = "VCL6C5944NO4058"
LOGIN = '{ "email": "centeradmintesting@admin.com", "password": "*@123#" }'


@dataclass(frozen=True)
class Reply:
    raw: bytes
    ending: Literal["whole", "closed", "reset"]  # how it ended: as long as promised, or cut off by FIN or RST
    seconds: float

    @property
    def status(self) -> int:
        return int(self.raw.split(b" ", 2)[1])

    @property
    def headers(self) -> dict[str, str]:
        lines = self.raw.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")[1:]
        return {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}

    @property
    def body(self) -> bytes:
        return self.raw.partition(b"\r\n\r\n")[2]

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def is_whole(raw: bytes) -> bool:
    reply = Reply(raw, "whole", 0)
    return b"\r\n\r\n" in raw and len(reply.body) >= int(reply.headers.get("content-length", "0"))


def talk(url: str, content: bytes) -> Reply:
    """Send the bytes, listen to the end."""
    address = urlsplit(url)
    started = time.monotonic()
    raw = b""
    with socket.create_connection((address.hostname or "", address.port or 0), timeout=10) as connection:
        try:
            connection.sendall(content)
            while not is_whole(raw):
                piece = connection.recv(65536)
                if not piece:
                    return Reply(raw, "closed", time.monotonic() - started)
                raw += piece
        except ConnectionResetError:
            return Reply(raw, "reset", time.monotonic() - started)
    return Reply(raw, "whole", time.monotonic() - started)


def ask(url: str, body: str | bytes = b"", *, method: str = "POST", headers: dict[str, str] | None = None) -> Reply:
    content = body.encode() if isinstance(body, str) else body
    address = urlsplit(url)
    lines = {"Host": address.netloc, "Content-Type": "application/json", "Accept": "application/json"}
    lines |= {"Content-Length": str(len(content)), **(headers or {})}
    head = [f"{method} {address.path}{'?' + address.query if address.query else ''} HTTP/1.1"]
    head += [f"{name}: {value}" for name, value in lines.items()]
    return talk(url, "\r\n".join(head).encode() + b"\r\n\r\n" + content)


def use_body(code: str = VOUCHER, price: str = "200", total: str = "600", paid: str = "400") -> str:
    return (
        f'{{ "voucher_code":"{code}", "voucher_price":"{price}", '
        f'"total_services_price":"{total}", "total_client_paid_amount":"{paid}" }}'
    )


@dataclass
class Alreaaiaa:
    """A client with no opinions."""

    url: str
    headers: dict[str, str] = field(default_factory=dict)

    def log_in(self, body: str = LOGIN) -> Alreaaiaa:
        reply = ask(f"{self.url}/getAuthToken", body)
        self.headers = {"Authorization": f"Bearer {reply.json['data']['token']}"}
        return self

    def find_with(self, body: str) -> Reply:
        return ask(f"{self.url}/findClientCenterVouchers", body, headers=self.headers)

    def find(self, code: str = VOUCHER) -> Reply:
        return self.find_with(json.dumps({"voucher_code": code}))

    def status_of(self, code: str = VOUCHER) -> str:
        return str(self.find(code).json["data"]["status"])

    def use(self, body: str | None = None) -> Reply:
        return ask(f"{self.url}/makeClientCenterVouchersUsed", body or use_body(), headers=self.headers)


def effects(box: RunningSandbox) -> list[tuple[str, str, str]]:
    return [(effect.code, effect.actor, effect.fault) for effect in box.control.ledger("alreaaiaa")]


def used_under(box: RunningSandbox, center: Alreaaiaa, kind: str, **parameters: Any) -> Reply:
    box.control.fault(kind, provider="alreaaiaa", endpoint="redeem", **parameters)
    return center.use()
