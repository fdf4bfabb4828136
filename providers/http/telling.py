"""Telling somebody outside: a message to an address that a partner has chosen, where there is no list of hosts to hold on to.

What holds for providers holds here: one deadline for all of it, no redirect, no proxy, no retry, certificates checked. The name
is asked for again at every call, and none of its addresses may be an inner one.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from urllib.parse import urlsplit

from providers.contracts import Call
from providers.http.address import BadBaseUrl, Resolve, check_base_url, read_target, system_resolve
from providers.http.layer import Http

SECONDS = 10.0
LARGEST_ANSWER = 64 * 1024  # of which nothing is read


def check_outside(url: str, *, allow_loopback: bool, resolve: Resolve | None = system_resolve) -> None:
    """Raise BadBaseUrl unless a partner may be told there."""
    target = read_target(url, allow_loopback=allow_loopback)
    check_base_url(url, hosts=[target.host], allow_loopback=allow_loopback, resolve=resolve)


def tell(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    allow_loopback: bool,
    seconds: float = SECONDS,
    resolve: Resolve = system_resolve,
    tls: ssl.SSLContext | None = None,
) -> int:
    """POST it once: the status of the answer. Raises BadBaseUrl and ProviderError."""
    parts = urlsplit(url)
    read_target(url, allow_loopback=allow_loopback)
    line = Http(
        f"{parts.scheme}://{parts.netloc}",
        allow_loopback=allow_loopback,
        journal=_kept_elsewhere,
        total_seconds=seconds,
        max_bytes=LARGEST_ANSWER,
        user_agent="Wasl-Webhooks/1",
        resolve=resolve,
        tls=tls,
    )
    return line.write("POST", parts.path or "/", body=body, headers=headers).status


def _kept_elsewhere(call: Call) -> None:
    """Whoever tells keeps a log of its own."""


__all__ = ["BadBaseUrl", "check_outside", "tell"]
