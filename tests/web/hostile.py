"""What people, scanners, broken browsers and attackers put into a field."""

from __future__ import annotations

from urllib.parse import quote_from_bytes

TEXTS = {
    "nothing": "",
    "blanks": "  \t ",
    "a path": "../../x",
    "a path in percents": "%2e%2e%2fx",
    "a path in percents, twice": "%252e%252e%252f",
    "a path of Windows": "..\\..\\x",
    "a query": "VCL6C5944NO4058?x=1#y",
    "a new line and a header": "VCL6C5944NO4058\r\nX-Evil: 1",
    "SQL": "' OR '1'='1' --",
    "more SQL": "1); DROP TABLE vouchers_lookup; --",
    "a wildcard": "%_%",
    "markup": '"><script>alert(1)</script>',
    "a template": "{{ 7*7 }}{% debug %}",
    "a format": "%(password)s {0.__class__} ${jndi:ldap://x}",
    "an emoji": "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "the other direction": "\u202eevil\u202c",
    "a null": "null",
    "a list": "[1, 2]",
    "a huge exponent": "1e400",
    "not a number": "NaN",
    "many digits": "9" * 5000,
    "long": "x" * 201,
    "very long": "\u0635" * 20_000,
    "many marks": "a" + "\u0301" * 150,
}
FEW = ("nothing", "a path", "SQL", "markup", "a new line and a header", "an emoji", "many digits", "very long")
NUL = {"a NUL": "VCL6C5944NO4058\0", "a NUL alone": "\0"}
BYTES = {
    "a lone surrogate": b"\xed\xa0\x80",
    "half a pair": b"\xed\xb0\x80VCL",
    "no UTF-8": b"\xff\xfe\xfa",
    "an overlong slash": b"\xc0\xaf",
    "Arabic of Windows": "رقم".encode("cp1256"),
}
URLENCODED = "application/x-www-form-urlencoded"


def form_of(fields: dict[str, str | bytes]) -> bytes:
    """A form as a browser sends it, whatever the bytes are."""
    plain = {name: value.encode() if isinstance(value, str) else value for name, value in fields.items()}
    return "&".join(f"{name}={quote_from_bytes(value)}" for name, value in plain.items()).encode()
