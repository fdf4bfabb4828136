"""Every fault that the sandbox can script, in families whose members are tried at the same time, each on its own voucher."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from providers.models import Operation
from providers.sandbox.running import RunningSandbox
from tests.scene import SLUG, Desk, at_once

LONG = 3.0  # seconds; the family that meets these has a total deadline far below
DRIP = 0.02  # seconds a byte: an answer of 300 bytes takes six


@dataclass(frozen=True)
class Fault:
    kind: str
    given: dict[str, Any] = field(default_factory=dict, hash=False)
    happens: bool = False  # met by a write, does it use the voucher?
    answered: bool = False  # met by a write, is its answer a proof all the same?
    seen: str = "no_answer"  # met by a look at a voucher that was not used: the verdict

    def __str__(self) -> str:
        return "-".join([self.kind, *(f"{name}={value}" for name, value in self.given.items())])


SPOILED: list[tuple[str, dict[str, Any]]] = [
    ("html_login", {}),
    ("garbage", {}),
    ("empty", {}),
    ("truncated", {}),
    ("null_data", {}),
    ("wrong_code", {}),
    ("redirect", {"status": 302}),
    ("huge", {"megabytes": 2}),
    ("gzip_bomb", {"megabytes": 5}),
    ("duplicate_keys", {}),
    ("nan", {"literal": "NaN"}),
    ("bad_utf8", {}),
    ("wrong_types", {"how": "list"}),
    ("wrong_types", {"how": "data_list"}),
    ("wrong_types", {"how": "data_string"}),
    ("unseen_status", {}),
    ("unauthorized", {"shape": "html"}),
]
STATUSES: list[dict[str, Any]] = [
    {"status": 500},
    {"status": 500, "body": "exception"},
    {"status": 503, "retry_after": 1},
    {"status": 429, "body": "json", "retry_after": 1},
    {"status": 409, "body": "json"},
    {"status": 408, "body": "empty"},
    {"status": 423, "body": "json"},
    {"status": 404},
    {"status": 403},
    {"status": 400, "body": "json"},
]


def seen_under(kind: str, given: dict[str, Any]) -> str:
    """Some spoiled answers to a look can be read all the same; any 401 makes it log in again and look once more."""
    readable = {"null_data": "blocked", "unseen_status": "unclear", "unauthorized": "clear"}
    return "clear" if given.get("how") == "data_list" else readable.get(kind, "no_answer")


LOST = [
    Fault("drop_before", {"how": "rst"}),
    Fault("drop_before", {"how": "close"}),
    Fault("drop_after", {"how": "rst"}, happens=True),
    Fault("drop_after", {"how": "close"}, happens=True),
    Fault("delay", {"seconds": 0.1}, happens=True, answered=True, seen="clear"),
]
SLOW = [
    Fault("hang_before", {"seconds": LONG}),
    Fault("hang_after", {"seconds": LONG}, happens=True),
    Fault("delay", {"seconds": LONG}, happens=True),
    Fault("drip", {"seconds": DRIP, "where": "headers", "after": False}),
    Fault("drip", {"seconds": DRIP, "where": "headers", "after": True}, happens=True),
    Fault("drip", {"seconds": DRIP, "where": "body", "after": False}),
    Fault("drip", {"seconds": DRIP, "where": "body", "after": True}, happens=True),
]
FAMILIES: dict[str, list[Fault]] = {
    "lost connections": LOST,
    "statuses without effect": [Fault("status", {**status, "after": False}) for status in STATUSES],
    "statuses after the effect": [Fault("status", {**status, "after": True}, happens=True) for status in STATUSES],
    "spoiled answers without effect": [Fault(kind, {**given, "after": False}) for kind, given in SPOILED],
    "spoiled answers after the effect": [
        *(Fault(kind, {**given, "after": True}, happens=True, seen=seen_under(kind, given)) for kind, given in SPOILED),
        Fault("wrong_types", {"how": "string_numbers"}, happens=True, answered=True, seen="clear"),
    ],
}
# A token that is not accepted. Documented to mean that nothing happened: a new login, then the same once more.
TURNED_AWAY = [
    Fault("unauthorized", {"shape": shape}, seen="clear")
    for shape in ("envelope", "laravel", "jwt", "family_200", "family_401")
]
# Of what differs only in what a write does, one is enough for a read.
READ_FAMILIES = {
    "lost connections": LOST,
    "statuses": FAMILIES["statuses without effect"],
    "spoiled answers": FAMILIES["spoiled answers after the effect"],
    "refused tokens": TURNED_AWAY,
}
# One of each sort, where the path behind them is the same for all.
SAMPLE = [
    *(LOST[0], Fault("status", {"status": 500}), Fault("status", {"status": 429, "body": "json"})),
    *(Fault(kind, {"after": False}) for kind in ("html_login", "truncated", "null_data", "wrong_code", "redirect")),
]
BEFORE_SENDING = [
    *(LOST[0], Fault("status", {"status": 503}), Fault("status", {"status": 403, "body": "json"})),
    *(Fault("html_login"), Fault("null_data"), Fault("wrong_code"), Fault("unseen_status"), Fault("redirect")),
    *(TURNED_AWAY[0], Fault("unauthorized", {"shape": "html"})),
]


def each(families: dict[str, list[Fault]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("family", families.values(), ids=families.keys())


@dataclass(frozen=True)
class Case:
    """One fault, and the redemption that shall meet it."""

    fault: Fault
    operation: Operation
    code: str
    twin: RunningSandbox

    def script(self, endpoint: str, times: int | str = 1) -> None:
        self.meets(self.fault.kind, endpoint, times, **self.fault.given)

    def meets(self, kind: str, endpoint: str, times: int | str = 1, **given: Any) -> None:
        self.twin.control.fault(kind, endpoint=endpoint, times=times, code=self.code, **given)


def cases(desk: Desk, family: list[Fault]) -> list[Case]:
    """A voucher and a redemption for each; nothing is sent yet."""
    found = []
    for place, fault in enumerate(family):
        code = f"VCL6C5944NO7{place:03d}"
        desk.twin.control.put_vouchers(SLUG, {"voucher_code": code, "price_value": 200})
        found.append(Case(fault, desk.redeem(code), code, desk.twin))
    return found


def for_each(found: list[Case], work: Callable[[Case], object]) -> None:
    """All at the same time, each in a thread of its own; the first that fails says which fault it was."""

    def labelled(case: Case) -> None:
        with naming(case.fault):
            work(case)

    for result in at_once([lambda case=case: labelled(case) for case in found]):
        if isinstance(result, BaseException):
            raise result


@contextmanager
def naming(fault: Fault) -> Iterator[None]:
    try:
        yield
    except BaseException as error:
        error.add_note(f"under the fault {fault}")
        raise
