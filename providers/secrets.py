"""What we keep encrypted, and what we keep only as a keyed hash.

`seal` binds the text to its place (`context`, for example "account:<id>:current"), so a ciphertext copied into another row
does not open there. Keys are FIELD_KEYS, newest first; `reseal` moves a value to the newest key. `keyed_hash` uses HASH_KEY,
so that short codes and ID numbers cannot be guessed from a stolen dump.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

SEPARATOR = b"\x00"


class Unsealable(Exception):
    """The text was sealed for another place, or with a key that is gone."""


def seal(text: str, context: str) -> bytes:
    return _box().encrypt(context.encode() + SEPARATOR + text.encode())


def unseal(token: bytes | memoryview, context: str) -> str:
    try:
        plain = _box().decrypt(bytes(token))
    except InvalidToken as error:
        raise Unsealable(context) from error
    place, _, text = plain.partition(SEPARATOR)
    if not hmac.compare_digest(place, context.encode()):
        raise Unsealable(context)
    return text.decode()


def seal_json(value: Any, context: str) -> bytes:
    return seal(json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True), context)


def unseal_json(token: bytes | memoryview, context: str) -> Any:
    return json.loads(unseal(token, context))


def reseal(token: bytes | memoryview) -> bytes:
    """The same text under the newest key."""
    return _box().rotate(bytes(token))


def keyed_hash(kind: str, text: str) -> str:
    """64 hex characters; the same text of another kind hashes differently."""
    key = bytes.fromhex(settings.HASH_KEY)
    return hmac.new(key, kind.encode() + SEPARATOR + text.encode(), hashlib.sha256).hexdigest()


def _box() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.FIELD_KEYS])
