"""What a twin says by itself, brought to an address on this machine and to no other."""

from __future__ import annotations

from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

from providers.sandbox.twin import Delivery, Unfit

SECONDS = 10.0


def deliver(one: Delivery) -> int:
    """The status it was answered with, 0 when nobody answered. Raises Unfit for an address that is not ours."""
    parts = urlsplit(one.url)
    if parts.scheme != "http" or parts.hostname not in ("127.0.0.1", "localhost", "::1"):
        raise Unfit("webhooks go to this machine only")
    connection = HTTPConnection(parts.hostname, parts.port, timeout=SECONDS)
    try:
        connection.request("POST", parts.path + (f"?{parts.query}" if parts.query else ""), one.body, dict(one.headers))
        response = connection.getresponse()
        response.read()
        return response.status
    except (OSError, HTTPException):
        return 0
    finally:
        connection.close()
