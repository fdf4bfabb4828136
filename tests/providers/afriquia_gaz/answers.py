"""Answers of Kenz'up, and the acts that they are given to."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Callable
from typing import Any

from providers.afriquia_gaz.client import AfriquiaGaz
from tests.providers.afriquia_gaz.account import CODE, NEXT_KEY, desk, fields, finding, redeeming, redeeming_three
from tests.providers.scripted_server import Script, answer

Act = Callable[[AfriquiaGaz], object]
HTML = answer("<html><body>Sign in</body></html>", headers={"Content-Type": "text/html"})
NEXT = {"private_key": NEXT_KEY}


def said(status: int, error: str = "bad_request", **headers: str) -> Script:
    """A refusal in their documented shape."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return answer({"error": error, "message": "No."}, status, names)


def voucher(**changes: Any) -> dict[str, Any]:
    return {**copy.deepcopy(fields("status_sample.response")[0]), **changes}


def reading(body: object) -> Any:
    with desk(answer(body)) as at:
        return at.client.find_voucher(CODE)


KINDS: dict[Act, int] = {finding: 1, redeeming: 3, redeeming_three: 5}


DAY = dt.date(2026, 3, 1)
