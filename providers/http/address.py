"""Where a provider's address may point. Asked when it is saved, and again with the resolved addresses at every call.

A name on the allow-list is not enough: it may resolve to this machine or its network, today or only the second time.
"""

from __future__ import annotations

import ipaddress
import queue
import re
import socket
import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

Resolve = Callable[[str], Sequence[str]]  # host -> IP addresses; raises OSError

# Two labels or more and a last one that begins with a letter: no IP address in any disguise has this shape.
_HOST_NAME = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?")
_URL = re.compile(r"[!-~]{1,500}")
_PATH = re.compile(r"(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*/?")
_LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_SAVE_SECONDS = 3.0


class BadBaseUrl(ValueError):
    """`code`: not_a_url, not_https, has_credentials, has_query, bad_port, host_not_allowed, private_address."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Target:
    """A base URL that has the right shape. `path` has no slash at its end."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def is_loopback(self) -> bool:
        return self.host in _LOOPBACK_HOSTS

    @property
    def authority(self) -> str:
        """What the Host header says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = 443 if self.scheme == "https" else 80
        return host if self.port == usual else f"{host}:{self.port}"


def system_resolve(host: str) -> Sequence[str]:
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def check_base_url(
    url: str, *, hosts: Collection[str], allow_loopback: bool, resolve: Resolve | None = system_resolve
) -> None:
    """Raise BadBaseUrl unless an account may point here. `hosts` are exact names; loopback needs only the flag.

    A name that does not resolve now passes: every call asks again. `resolve=None` leaves the look-up to the call.
    """
    target = read_target(url, allow_loopback=allow_loopback)
    if target.is_loopback:
        return
    if target.host not in {host.lower() for host in hosts}:
        raise BadBaseUrl("host_not_allowed")
    try:
        addresses = look_up(target.host, resolve, _SAVE_SECONDS) if resolve else []
    except OSError:
        return
    if not all(may_connect(address, target) for address in addresses):
        raise BadBaseUrl("private_address")


def read_target(url: str, *, allow_loopback: bool) -> Target:
    """The parts of a base URL of the right shape, whatever its host. Raises BadBaseUrl."""
    parts, port = _split(url)
    host = (parts.hostname or "").lower()
    if host in _LOOPBACK_HOSTS:
        if not allow_loopback:
            raise BadBaseUrl("host_not_allowed")
    elif parts.scheme != "https":
        raise BadBaseUrl("not_https")
    elif port not in (None, 443):
        raise BadBaseUrl("bad_port")
    elif not _HOST_NAME.fullmatch(host) or len(host) > 253:
        raise BadBaseUrl("host_not_allowed")
    return Target(parts.scheme, host, port or (443 if parts.scheme == "https" else 80), parts.path.rstrip("/"))


def _split(url: str) -> tuple[SplitResult, int | None]:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise BadBaseUrl("not_a_url") from None
    if not _URL.fullmatch(url) or "\\" in url or parts.scheme not in ("http", "https"):
        raise BadBaseUrl("not_a_url")
    if "@" in parts.netloc:
        raise BadBaseUrl("has_credentials")
    if "?" in url or "#" in url or not _PATH.fullmatch(parts.path):
        raise BadBaseUrl("has_query")
    if parts.netloc.endswith(":") or port == 0:
        raise BadBaseUrl("bad_port")
    return parts, port


def may_connect(address: str, target: Target) -> bool:
    """May this target be spoken to at this resolved address? Loopback hosts on loopback, all others outside."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    if target.is_loopback:
        return found.is_loopback
    return all(_is_public(each) for each in (found, *_carried(found)))


def _is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    return address.is_global and not address.is_multicast and not address.is_reserved and not address.is_unspecified


def _carried(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> list[ipaddress.IPv4Address]:
    """The IPv4 addresses hidden in an IPv6 one: a gateway would unpack them behind our back."""
    if isinstance(address, ipaddress.IPv4Address):
        return []
    nat64 = ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF) if address in _NAT64 else None
    return [carried for carried in (address.ipv4_mapped, address.sixtofour, *(address.teredo or ()), nat64) if carried]


def look_up(host: str, resolve: Resolve, seconds: float) -> Sequence[str]:
    """The host's addresses within `seconds`. Raises OSError. The system's resolver cannot be stopped, so it is left."""
    if host != "localhost" and host in _LOOPBACK_HOSTS:
        return [host]
    answers: queue.SimpleQueue[Sequence[str] | Exception] = queue.SimpleQueue()
    threading.Thread(target=_resolve_into, args=(answers, host, resolve), daemon=True, name="resolve").start()
    try:
        answer = answers.get(timeout=seconds)
    except queue.Empty:
        raise TimeoutError("the name was not resolved in time") from None
    if isinstance(answer, Exception):
        raise OSError("the name was not resolved") from answer
    return answer


def _resolve_into(answers: queue.SimpleQueue[Sequence[str] | Exception], host: str, resolve: Resolve) -> None:
    try:
        answers.put(resolve(host))
    except (OSError, ValueError) as error:
        answers.put(error)
