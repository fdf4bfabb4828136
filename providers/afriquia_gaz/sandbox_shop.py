"""The demo shop of our twin of Kenz'up, and who asks in its name: the twin's own reading of X-SIGNATURE.

Assumed, like the client's: their page ends before it says what is signed. Each side was written from that page alone.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import re
from urllib.parse import parse_qs

from providers.afriquia_gaz.sandbox_keys import is_signed, pair, private_pem
from providers.sandbox.shelf import Draft
from providers.sandbox.twin import Request

SHOP = "3f0a4c1e-7d52-4b8e-9a61-5c2d8e4f7a10"
TERMINALS = ("POS_123456789", "POS_123456790")  # the first is the documentation's
EXPORT_LOGIN = "d2FzbC1kZW1vOnNhbGVzLWV4cG9ydA=="
KEYS = (1, 2)  # the second is for a rotation
PATIENCE = dt.timedelta(minutes=5)
SIGNATURE = re.compile(
    r"(client_id=([^,]*),host=([^,]*),method=([^,]*),timestamp=([^,]*),uri=([^,]*),payload=([^,]*)),signature=([^,]+)"
)


def login() -> dict[str, str]:
    return {
        "shop_uuid": SHOP,
        "terminal_id": TERMINALS[0],
        "private_key": private_pem(pair(KEYS[0])),
        "export_basic": EXPORT_LOGIN,
    }


def revoke(terminal: str, draft: Draft) -> None:
    """The key that this terminal signs with is not good any more; the next one is."""
    draft.next_number(f"generation {terminal}", 1)


def caller(request: Request, prefix: str, draft: Draft, *, strict: bool) -> tuple[str, str]:
    """(terminal, '') for who has proved itself, else ('', what is wrong)."""
    match = SIGNATURE.fullmatch(request.headers.get("x-signature", ""))
    if match is None:
        return "", "X-SIGNATURE is missing or is not a list of the known parts."
    signed, terminal, host, method, timestamp, uri, payload, signature = match.groups()
    if terminal not in TERMINALS:
        return "", "client_id is not a declared terminal."
    if not strict:
        return terminal, ""
    query = f"?{request.query}" if request.query else ""
    checks = {
        "host": host == request.headers.get("host"),
        "method": method == request.method,
        "timestamp": is_recent(timestamp, request.at),
        "uri": uri == f"{prefix}/{request.path}{query}",
        "payload": payload == base64.b64encode(request.body).decode(),
        "signature": has_signed(terminal, signed, signature, draft),
    }
    wrong = [name for name, right in checks.items() if not right]
    return ("", f"X-SIGNATURE: {', '.join(wrong)} not right.") if wrong else (terminal, "")


def is_recent(timestamp: str, now: dt.datetime) -> bool:
    try:
        moment = dt.datetime.fromisoformat(timestamp)
    except ValueError:
        return False
    return moment.tzinfo is not None and abs(now - moment) <= PATIENCE


def has_signed(terminal: str, text: str, signature: str, draft: Draft) -> bool:
    try:
        content = base64.b64decode(signature, validate=True)
    except binascii.Error:
        return False
    generation = (draft.find("counter", f"generation {terminal}") or {"value": 0})["value"]
    return any(is_signed(text.encode(), content, pair(number)) for number in KEYS if number > generation)


def may_export(request: Request) -> bool:
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    return scheme == "Basic" and given == EXPORT_LOGIN


def export_days(query: str) -> tuple[dt.date, dt.date] | None:
    """First and last day asked for; None when this is not a question about our shop."""
    asked = {name: values[-1] for name, values in parse_qs(query).items()}
    try:
        start, end = (dt.date.fromisoformat(asked[name]) for name in ("start", "end"))
    except (KeyError, ValueError):
        return None
    return (start, end) if asked.get("shop") == SHOP and start <= end else None
