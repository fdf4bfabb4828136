"""X-SIGNATURE: how Kenz'up knows who asks. The one part of their interface that nobody of us has seen whole.

Documented (fact sheet §2): a single header of name=value parts with commas between them, RSA keys of 2048 bits or more, and
one sample that ends inside `payload`. Whatever else is said here is an ASSUMPTION; each is a field of `RsaSigner`, so that
what Kenz'up tells us changes one default and no code.
"""

from __future__ import annotations

import base64
import datetime as dt
import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from providers.errors import Misconfigured

HEADER = "X-SIGNATURE"
SHORTEST_KEY = 2048  # bits, documented; 3072 recommended
_DIGESTS: dict[str, type[hashes.HashAlgorithm]] = {
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
}


@dataclass(frozen=True, slots=True)
class Unsigned:
    """One request before it is signed. `body` is exactly what will be sent; None for a request without one."""

    client_id: str
    host: str
    method: str
    uri: str  # from the first slash, with the query
    body: bytes | None


class Signer(Protocol):
    def sign(self, request: Unsigned, private_key: str) -> str:
        """The value of X-SIGNATURE, made anew for every send. Raises Misconfigured for a key that cannot be used."""


def utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def to_the_second(moment: dt.datetime) -> str:
    """As in the sample, 2020-02-12T19:20:30+01:00. The offset is part of it, so any zone says the same."""
    return moment.isoformat(timespec="seconds")


@dataclass(frozen=True, slots=True)
class RsaSigner:
    """The default is what the sample suggests, continued in the most usual way. None of it is confirmed."""

    parts: Sequence[str] = ("client_id", "host", "method", "timestamp", "uri", "payload")  # the sample's order
    separator: str = ","
    signed_parts: Sequence[str] = ()  # which of them are signed, in this order; () is all, as in the header
    signed_separator: str = ","
    signed_names: bool = True  # "name=value", or the values alone
    host: str = ""  # '' is the host that is called; the sample has kenzup.com where the calls go to app.kenzup.com
    client_id_on_reads: bool = True  # a GET has no terminal_id among its parameters
    payload_of_reads: Literal["empty", "absent"] = "empty"
    signs_query: bool = True
    timestamp: Callable[[dt.datetime], str] = to_the_second
    clock: Callable[[], dt.datetime] = utc_now
    digest: Literal["sha256", "sha384", "sha512"] = "sha256"
    scheme: Literal["pkcs1v15", "pss"] = "pkcs1v15"
    pss_salt: Literal["digest", "longest"] = "digest"
    alphabet: Literal["standard", "url"] = "standard"  # of both base64 texts
    fills_base64: bool = True  # with "=" at its end
    signature_name: str = "signature"

    def sign(self, request: Unsigned, private_key: str) -> str:
        key = read_key(private_key)
        values = self._values(request)
        signature = key.sign(self.canonical(values).encode(), self._padding(), _DIGESTS[self.digest]())
        return self._joined(values, self.parts) + f"{self.separator}{self.signature_name}={self._base64(signature)}"

    def canonical(self, values: dict[str, str]) -> str:
        """The text that is signed."""
        names = [name for name in self.signed_parts or self.parts if name in values]
        parts = (f"{name}={values[name]}" if self.signed_names else values[name] for name in names)
        return self.signed_separator.join(parts)

    def _values(self, request: Unsigned) -> dict[str, str]:
        moment = self.clock()
        if moment.tzinfo is None:
            raise ValueError("A signature's time needs an offset.")
        values = {
            "client_id": request.client_id,
            "host": self.host or request.host,
            "method": request.method,
            "timestamp": self.timestamp(moment),
            "uri": request.uri if self.signs_query else request.uri.partition("?")[0],
            "payload": self._base64(request.body or b""),
        }
        if request.body is None:
            values = {name: value for name, value in values.items() if self._is_on_reads(name)}
        return values

    def _is_on_reads(self, name: str) -> bool:
        left_out = {"client_id": not self.client_id_on_reads, "payload": self.payload_of_reads == "absent"}
        return not left_out.get(name, False)

    def _joined(self, values: dict[str, str], names: Sequence[str]) -> str:
        return self.separator.join(f"{name}={values[name]}" for name in names if name in values)

    def _base64(self, content: bytes) -> str:
        encode = base64.b64encode if self.alphabet == "standard" else base64.urlsafe_b64encode
        text = encode(content).decode()
        return text if self.fills_base64 else text.rstrip("=")

    def _padding(self) -> padding.PKCS1v15 | padding.PSS:
        if self.scheme == "pkcs1v15":
            return padding.PKCS1v15()
        salt = padding.PSS.DIGEST_LENGTH if self.pss_salt == "digest" else padding.PSS.MAX_LENGTH
        return padding.PSS(padding.MGF1(_DIGESTS[self.digest]()), salt)


@functools.lru_cache(maxsize=16)  # checking that a key is one takes longer than signing with it
def read_key(pem: str) -> RSAPrivateKey:
    """Raises Misconfigured (key_unreadable, key_not_rsa, key_too_short). Nothing of the key is quoted."""
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):  # TypeError: it wants a password
        raise Misconfigured("key_unreadable", "The private key is not PEM without a password.") from None
    if not isinstance(key, RSAPrivateKey):
        raise Misconfigured("key_not_rsa", f"The private key is a {type(key).__name__.lstrip('_')}.")
    if key.key_size < SHORTEST_KEY:
        raise Misconfigured("key_too_short", f"The private key has {key.key_size} bits, they want {SHORTEST_KEY}.")
    return key
