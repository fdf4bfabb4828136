"""Logins and tokens of our twin of Alreaaiaa. Tokens look like theirs: a JWT of a Laravel app, good for sixty years."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass, field

from providers.sandbox.shelf import Draft
from providers.sandbox.twin import JsonObject, Request, object_in

LIFE = 60 * 360 * 24 * 3600  # "sixty years" of 360 days, as measured on the documentation's own token
LARAVEL_USER = hashlib.sha1(b"App\\Models\\User", usedforsecurity=False).hexdigest()
ISSUER = "http://erp-testing2025.alreaaiaa.com/api/v1/getAuthToken"


@dataclass(frozen=True, slots=True)
class User:
    number: int
    name: str
    email: str
    phone: str
    password: str = field(repr=False)


USERS = (
    User(25, "centeradmintesting", "centeradmintesting@admin.com", "501234569", "*@123#"),
    User(26, "reception demo", "reception@center-demo.test", "501234570", "demo-reception-26"),
)


def token_for(user: User, request: Request, draft: Draft) -> str:
    issued = int(request.at.timestamp())
    claims = {
        "iss": ISSUER,
        "iat": issued,
        "exp": issued + LIFE,
        "nbf": issued,
        "jti": hashlib.sha256(f"{user.number}/{request.sequence}/{request.at}".encode()).hexdigest()[:16],
        "sub": str(user.number),
        "prv": LARAVEL_USER,
    }
    unsigned = f"{packed({'typ': 'JWT', 'alg': 'HS256'})}.{packed(claims)}"
    return f"{unsigned}.{signature(unsigned, user, draft)}"


def user_of(request: Request, draft: Draft) -> User | None:
    """Whose token this is; None unless we signed it and have not revoked it."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    unsigned, _, signed = token.strip().rpartition(".")
    subject = claims_of(unsigned).get("sub")
    user = next((one for one in USERS if str(one.number) == subject), None)
    if scheme.lower() != "bearer" or user is None:
        return None
    return user if hmac.compare_digest(signature(unsigned, user, draft).encode(), signed.encode()) else None


def signature(unsigned: str, user: User, draft: Draft) -> str:
    # The key changes when tokens are revoked, and lasts over a restart without being kept anywhere.
    generation = (draft.find("counter", f"generation {user.email}") or {"value": 0})["value"]
    key = hashlib.sha256(f"{user.email}/{generation}".encode()).digest()
    return packed_bytes(hmac.digest(key, unsigned.encode(), "sha256"))


def claims_of(unsigned: str) -> JsonObject:
    text = unsigned.rpartition(".")[2]
    try:
        return object_in(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except ValueError:
        return {}


def packed(content: object) -> str:
    return packed_bytes(json.dumps(content, separators=(",", ":")).encode())


def packed_bytes(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
