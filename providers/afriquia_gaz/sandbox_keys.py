"""Two RSA keys of the demo shop, and RSA itself: a second implementation, so that the client's cannot vouch for itself.

The keys are synthetic. They are made from a sentence that everybody can read, so they protect nothing, and no key file is in
the repository.
"""

from __future__ import annotations

import base64
import functools
import hashlib
from dataclasses import dataclass, field

SENTENCE = "wasl demo key, known to everybody, worth nothing"
EXPONENT = 65537
BITS = 2048
# From the number that the sentence hashes to up to the next prime: searching for it again would take a second.
STEPS = {(1, "p"): 42, (1, "q"): 432, (2, "p"): 214, (2, "q"): 1616}
SHA256_NAME = bytes.fromhex("3031300d060960864801650304020105000420")  # what PKCS #1 puts before a SHA-256


@dataclass(frozen=True, slots=True)
class Pair:
    modulus: int
    p: int = field(repr=False)
    q: int = field(repr=False)


@functools.cache
def pair(number: int) -> Pair:
    p, q = _prime(number, "p"), _prime(number, "q")
    return Pair(p * q, p, q)


def _prime(number: int, letter: str) -> int:
    text = f"{SENTENCE}/{number}/{letter}".encode()
    stream = b"".join(hashlib.sha256(text + bytes([block])).digest() for block in range(BITS // 512))
    return (int.from_bytes(stream, "big") | 3 << BITS // 2 - 2 | 1) + STEPS[number, letter]


def is_signed(text: bytes, signature: bytes, key: Pair) -> bool:
    """RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017, 8.2.2): the whole padded block is compared, none of it is parsed."""
    length = BITS // 8
    if len(signature) != length:
        return False
    found = pow(int.from_bytes(signature, "big"), EXPONENT, key.modulus).to_bytes(length, "big")
    end = b"\x00" + SHA256_NAME + hashlib.sha256(text).digest()
    return found == b"\x00\x01" + b"\xff" * (length - 2 - len(end)) + end


def private_pem(key: Pair) -> str:
    """The pair as the key file that an administrator would be given (PKCS #1)."""
    private = pow(EXPONENT, -1, (key.p - 1) * (key.q - 1))
    rest = private % (key.p - 1), private % (key.q - 1), pow(key.q, -1, key.p)
    numbers = b"".join(_der_number(number) for number in (0, key.modulus, EXPONENT, private, key.p, key.q, *rest))
    text = base64.b64encode(_der(0x30, numbers)).decode()
    begin, end = (f"-----{word} RSA PRIVATE KEY-----" for word in ("BEGIN", "END"))
    return "\n".join([begin, *(text[at : at + 64] for at in range(0, len(text), 64)), end])


def _der_number(number: int) -> bytes:
    return _der(0x02, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def _der(tag: int, content: bytes) -> bytes:
    length = len(content)
    if length < 0x80:
        return bytes([tag, length]) + content
    digits = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(digits)]) + digits + content
