"""Answers of Alreaaiaa, and the acts that they are given to."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from providers.alreaaiaa.client import Alreaaiaa
from tests.providers.alreaaiaa.account import CODE, captured, desk, fields
from tests.providers.scripted_server import answer

Act = Callable[[Alreaaiaa], object]
HTML = answer("<html><body>Sign in</body></html>", headers={"Content-Type": "text/html"})
LOGIN = captured("login_testing")
NEW_TOKEN = fields("login_testing.response")["data"]["token"]


def voucher(**changes: Any) -> dict[str, Any]:
    found = copy.deepcopy(fields("find_verified.response"))
    found["data"].update(changes)
    return dict(found)


def used(**changes: Any) -> dict[str, Any]:
    found = copy.deepcopy(fields("use_verified.response"))
    found["data"].update(changes)
    return dict(found)


def reading(body: object) -> Any:
    with desk(answer(body)) as at:
        return at.client.find_voucher(CODE)
