"""The export of sales, where the account has a login for it."""

from __future__ import annotations

import pytest

from providers.errors import BrokenContract, Misconfigured, ProviderError, Unavailable
from tests.providers.afriquia_gaz.account import REF, Keys, desk, refusal
from tests.providers.afriquia_gaz.answers import DAY, HTML, said
from tests.providers.scripted_server import Script, answer

ROWS = [
    {"earn_burn": "earn", "order_id": "TX_OTHER", "mobile_number": "+212611223344"},
    {"earn_burn": "burn", "order_id": REF, "terminal_id": "POS_1", "sale_timestamp": "2026-03-01T10:00:00+00:00"},
    {"earn_burn": "earn", "order_id": REF, "amount": 12.45, "agent_id": 7},
]


def test_a_sale_is_found_in_the_export_by_our_reference() -> None:
    with desk(answer(ROWS)) as at:
        found = at.client.exported_sale(REF, DAY)
    assert found is not None
    assert (found.order_ref, found.terminal, found.sold_at, found.kinds) == (
        REF,
        "POS_1",
        "2026-03-01T10:00:00+00:00",
        ("burn", "earn"),
    )
    assert at.server.paths() == ["/api/v1/ledger/export-sales/json?shop=1234&start=2026-02-28&end=2026-03-02"]
    assert at.server.header("Authorization") == "Basic canary-export-login"
    assert at.server.header("X-SIGNATURE") == ""


@pytest.mark.parametrize("rows", [[], ROWS[:1], [{}], [{"order_id": None}], [{"order_id": REF.lower()}]])
def test_a_sale_that_is_not_listed_is_none(rows: object) -> None:
    with desk(answer(rows)) as at:
        assert at.client.exported_sale(REF, DAY) is None


def test_the_word_basic_may_have_been_pasted_with_the_login() -> None:
    with desk(answer([]), keys=Keys({"export_basic": "Basic abc="})) as at:
        at.client.exported_sale(REF, DAY)
    assert at.server.header("Authorization") == "Basic abc="


@pytest.mark.parametrize("basic", ["", "a b", "x\r\nHost: y"])
def test_without_a_login_for_the_export_nothing_is_asked(basic: str) -> None:
    with desk(answer([]), keys=Keys({"export_basic": basic})) as at, pytest.raises(Misconfigured) as raised:
        at.client.exported_sale(REF, DAY)
    assert (raised.value.code, at.server.connections) == ("export_not_set_up", 0)


@pytest.mark.parametrize(
    ("script", "kind", "code"),
    [
        (said(401), Misconfigured, "export_refused"),
        (answer("<h1>403</h1>", 403), Misconfigured, "export_refused"),
        (said(500), Unavailable, "provider_error"),
        (said(404), BrokenContract, "unknown_answer"),
        (HTML, BrokenContract, "not_json"),
        (answer({"rows": []}), BrokenContract, "unreadable"),
        (answer(["x"]), BrokenContract, "unreadable"),
        (answer([{}] * 5001), BrokenContract, "unreadable"),
        (answer(b"[" + b" " * 2_000_000 + b"]"), BrokenContract, "too_large"),
    ],
)
def test_an_export_that_cannot_be_read_says_why(script: Script, kind: type[ProviderError], code: str) -> None:
    error, _ = refusal(lambda client: client.exported_sale(REF, DAY), script)
    assert (type(error), error.code) == (kind, code)
