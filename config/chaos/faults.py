"""What the twins do to a request in a chaos run. The numbers are those of the fault matrix (reliability §6)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from providers.windows import Windows

SPARED = ["login"]  # a refused login stops an account for a minute, by design; revoked tokens exercise it instead


def kinds(windows: Windows, most: int = 1) -> list[dict[str, Any]]:
    """Each as likely as any other. Delays stay inside what the settle window promises to outlast."""
    return [*_lost(windows), *_errors(), *_spoiled(), *_others(windows), *(_in_part(most) if most > 1 else ())]


def _in_part(most: int) -> list[dict[str, Any]]:
    """F13: of several vouchers some are used, then the provider breaks down. More often than chance would have it."""
    counts = range(1, most)
    return [{"kind": "partial", "count": count, "how": how} for count in counts for how in ("500", "rst", "close")]


def _lost(windows: Windows) -> list[dict[str, Any]]:
    """F02, F03, F09: nothing comes back, before or after the effect, or the effect comes late."""
    late = windows.settle - windows.send - windows.total
    return [
        *({"kind": "drop_before", "how": how} for how in ("rst", "close")),
        *({"kind": "drop_after", "how": how} for how in ("rst", "close", "rst", "close")),
        {"kind": "hang_before", "seconds": windows.total + 0.3},
        {"kind": "hang_after", "seconds": windows.total + 0.3},
        *({"kind": "late_effect", "seconds": late * share, "answer": "504"} for share in (0.2, 0.5, 0.9)),
        *({"kind": "late_effect", "seconds": late * share, "answer": "rst"} for share in (0.3, 0.9)),
    ]


def _errors() -> list[dict[str, Any]]:
    """F04, F05."""
    return [
        *(
            {"kind": "status", "status": 500, "body": body, "after": after}
            for body in ("json", "exception")
            for after in (False, True)
        ),
        *({"kind": "status", "status": 502, "body": "html", "after": after} for after in (False, True)),
        *(
            {"kind": "status", "status": 429, "body": "json", "retry_after": 1, "after": after}
            for after in (False, True)
        ),
        {"kind": "status", "status": 408, "after": True},
        {"kind": "status", "status": 409, "body": "json", "after": True},
    ]


def _spoiled() -> list[dict[str, Any]]:
    """F06, F07, F33: an answer that cannot be trusted, with and without the effect."""
    names = ("html_login", "null_data", "wrong_code", "truncated", "bad_utf8", "duplicate_keys", "nan", "unseen_status")
    return [
        *({"kind": name, "after": after} for name in names for after in (False, True)),
        *({"kind": name} for name in ("garbage", "empty")),
        *({"kind": "wrong_types", "how": how} for how in ("list", "data_list", "data_string", "string_numbers")),
        {"kind": "huge", "megabytes": 2},
        {"kind": "gzip_bomb", "megabytes": 2},
    ]


def _others(windows: Windows) -> list[dict[str, Any]]:
    """F08, F11, F15, F30, F32."""
    return [
        {"kind": "drip", "seconds": 0.1},
        {"kind": "drip", "seconds": 0.1, "where": "headers", "after": False},
        {"kind": "delay", "seconds": windows.total / 2},
        {"kind": "stale_read", "seconds": windows.settle / 4},
        {"kind": "human", "when": "before"},
        {"kind": "human", "when": "after"},
        {"kind": "unauthorized", "shape": "envelope"},
        {"kind": "redirect", "status": 302},
        {"kind": "redirect", "status": 307, "after": True},
    ]


def fates(codes: list[str]) -> list[dict[str, Any]]:
    """For a few vouchers of a short run: what chance would deal too seldom."""
    return [
        *({"kind": "drop_after", "endpoint": "redeem", "code": code} for code in codes[:6]),
        # The look before sending passes; then reads fail for longer than the settle window (F12).
        *({"kind": "html_login", "endpoint": "find", "code": code, "skip": 1, "times": 6} for code in codes[:6]),
        *({"kind": "drip", "endpoint": "redeem", "code": code, "seconds": 0.05} for code in codes[6:12]),
        *({"kind": "html_login", "endpoint": "redeem", "code": code, "after": False} for code in codes[12:18]),
    ]


def parts(sales: Sequence[Sequence[str]]) -> list[dict[str, Any]]:
    """For a few sales of several vouchers: the first of them is used, and then the provider breaks down."""
    several = [codes for codes in sales if len(codes) > 1]
    return [
        {"kind": "partial", "endpoint": "redeem", "code": codes[0], "count": 1, "how": "500"} for codes in several[:6]
    ]
