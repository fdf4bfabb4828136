"""What every registered client promises, whatever its provider: the same tests for each. A new provider brings an
`account.py` beside its own tests, and is held to these from its first day."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from importlib import import_module
from typing import Any

import pytest

from providers.contracts import Call, CodeFit, VoucherProvider, VoucherRecord, VoucherStatus
from providers.errors import BrokenContract, Misconfigured, OutcomeUnknown, ProviderError, Rejected, Unavailable
from providers.normalise import decimals_of, fit_of, read_code
from providers.sandbox.box import all_twins
from providers.sandbox.running import RunningSandbox
from providers.specs import SPECS
from tests.providers.scripted_server import Conversation, Script, answer, saying

Act = Callable[[Any], object]
EVERY = [slug for slug, spec in SPECS.items() if spec.kind == "vouchers"]
HTML = {"Content-Type": "text/html"}
# Nothing in these says that it was done, nor that it was not.
PROVES_NOTHING: dict[str, Script] = {
    **{f"{status} HTML": answer(f"<h1>{status}</h1>", status, HTML) for status in (401, 403, 404, 408, 409, 423, 425)},
    **{f"{status} HTML": answer(f"<h1>{status}</h1>", status, HTML) for status in (429, 500, 502, 503, 504)},
    **{f"{status} JSON": answer({"message": "Server Error"}, status) for status in (408, 409, 423, 425, 429, 500, 503)},
    **{f"{status}": answer("", status, {"Location": "https://login.invalid/"}) for status in (301, 302, 303, 307, 308)},
    "a login page": answer("<form>", 200, HTML),
    "nothing": answer(""),
    "null": answer("null"),
    "an empty object": answer({}),
    "an empty list": answer([]),
    "a text": answer('"success"'),
    "rubbish": answer(b"\x00\x1f}{"),
    "bad UTF-8": answer(b'{"msg":"\xff"}'),
    "a key twice": answer(b'{"key":"success","key":"success","order_id":"TX_123456789","order_id":"TX_123456789"}'),
    "NaN": answer(b'{"key":"success","order_id":"TX_123456789","data":NaN}'),
    "two MiB": answer(b" " * 2_000_000),
    "compressed": answer({"order_id": "TX_123456789"}, headers={"Content-Encoding": "gzip"}),
    "cut short": saying(b'HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{"'),
    "closed after it was heard": saying(b""),
    "reset": Conversation.reset,
}


def at(slug: str) -> Any:
    """The test desk of this provider: tests/providers/<slug>/account.py."""
    return import_module(f"tests.providers.{slug}.account")


def refused(slug: str, act: Act, *scripts: Script) -> tuple[ProviderError, Any]:
    with at(slug).desk(*scripts) as desk, pytest.raises(ProviderError) as raised:
        act(desk.client)
    return raised.value, desk


# The spec


@pytest.mark.parametrize("slug", EVERY)
def test_a_spec_is_complete(slug: str) -> None:
    spec = SPECS[slug]
    assert (spec.slug, re.fullmatch(r"[a-z][a-z_]{1,31}", slug) is not None) == (slug, True)
    assert set(spec.names) == {"ar", "fr", "en"} and all(spec.names.values())
    assert spec.secret_fields and not set(spec.all_secret_fields) & set(spec.setting_fields)
    assert set(spec.pem_fields) <= set(spec.all_secret_fields)
    assert spec.hosts and all(re.fullmatch(r"[a-z0-9.-]+\.[a-z]{2,}", host) for host in spec.hosts)
    assert decimals_of(spec.currency) == 2
    assert spec.most_codes >= 1
    assert not set(spec.journal_visible) & {*spec.journal_masked, *spec.all_secret_fields}


@pytest.mark.parametrize("slug", EVERY)
def test_its_codes_are_sure_and_are_nobody_elses(slug: str) -> None:
    for code in at(slug).DEMO_CODES:
        assert fit_of(code, SPECS[slug]) is CodeFit.SURE
        assert read_code(code, list(SPECS.values())).spec_slug == slug


@pytest.mark.parametrize("slug", EVERY)
def test_it_has_a_twin_that_takes_the_login_of_its_spec(slug: str) -> None:
    twin, spec = all_twins()[slug], SPECS[slug]
    assert twin.prefix.startswith(f"/{slug}/")
    required = {*spec.secret_fields, *(name for name, default in spec.setting_fields.items() if not default)}
    assert required <= set(twin.login()) <= {*spec.all_secret_fields, *spec.setting_fields}
    assert {"find", "redeem"} <= set(twin.endpoints) and "find" in twin.reads and "redeem" not in twin.reads
    assert {"second_use", "unauthorized"} <= set(twin.rules)


# What proves what


@pytest.mark.parametrize("slug", EVERY)
@pytest.mark.parametrize("case", PROVES_NOTHING)
def test_a_write_with_an_answer_that_proves_nothing_is_unknown_and_not_sent_again(slug: str, case: str) -> None:
    error, desk = refused(slug, at(slug).redeeming, PROVES_NOTHING[case])
    assert type(error) is OutcomeUnknown
    assert desk.server.connections == 1


@pytest.mark.parametrize("slug", EVERY)
@pytest.mark.parametrize("case", [case for case in PROVES_NOTHING if not case.startswith(("401", "403"))])
def test_a_read_never_says_unknown_and_finds_no_voucher_in_rubbish(slug: str, case: str) -> None:
    with at(slug).desk(PROVES_NOTHING[case]) as desk:
        try:
            assert at(slug).finding(desk.client) is None
        except ProviderError as error:
            assert type(error) in (Unavailable, BrokenContract, Misconfigured, Rejected)


@pytest.mark.parametrize("slug", EVERY)
@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_a_provider_that_is_busy_is_unavailable_to_a_read(slug: str, status: int) -> None:
    error, _ = refused(slug, at(slug).finding, answer("", status, {"Retry-After": "7"}))
    assert (type(error), error.retry_after) == (Unavailable, 7)


@pytest.mark.parametrize("slug", EVERY)
@pytest.mark.parametrize("act", ["finding", "redeeming"])
def test_a_refused_connection_sent_nothing(slug: str, act: str) -> None:
    with at(slug).desk(answer("")) as desk:
        desk.server.stop()
        with pytest.raises(Unavailable):
            getattr(at(slug), act)(desk.client)
    assert [call.bytes_left for call in desk.calls] == [False]


@pytest.mark.parametrize("slug", EVERY)
def test_its_documented_answers_are_a_voucher_and_a_receipt(slug: str) -> None:
    with at(slug).desk(at(slug).FOUND) as desk:
        assert isinstance(at(slug).finding(desk.client), VoucherRecord)
    with at(slug).desk(at(slug).REDEEMED) as desk:
        assert at(slug).redeeming(desk.client).references


# What leaves, and what is kept of it


@pytest.mark.parametrize("slug", EVERY)
def test_the_same_order_is_the_same_bytes(slug: str) -> None:
    with at(slug).desk(at(slug).REDEEMED) as desk:
        for _ in range(2):
            at(slug).redeeming(desk.client)
    first, second = (request.partition(b"\r\n\r\n")[2] for request in desk.server.requests)
    assert first == second != b""


@pytest.mark.parametrize("slug", EVERY)
@pytest.mark.parametrize(
    "code", ["../../payment-requests", "a/b", "%2e%2e", "?x=", "V\r\nX: y", "A" * 5000, "", "é" * 8, "ab", "A B C D E"]
)
def test_a_code_that_could_be_something_else_never_reaches_them(slug: str, code: str) -> None:
    with at(slug).desk(at(slug).FOUND) as desk, pytest.raises(ValueError, match="codes"):
        desk.client.find_voucher(code)
    assert desk.server.connections == 0


def leaks(slug: str, text: str) -> Collection[str]:
    return [secret for secret in at(slug).HIDDEN if secret in text]


@pytest.mark.parametrize("slug", EVERY)
@pytest.mark.parametrize(("act", "script"), [("finding", "FOUND"), ("redeeming", "REDEEMED")])
def test_the_journal_holds_no_person_no_secret_and_no_whole_code(slug: str, act: str, script: str) -> None:
    with at(slug).desk(getattr(at(slug), script)) as desk:
        found = getattr(at(slug), act)(desk.client)
    assert desk.calls and not leaks(slug, repr(desk.calls))
    assert not leaks(slug, repr(found))


@pytest.mark.parametrize("slug", EVERY)
@pytest.mark.parametrize("act", ["finding", "redeeming"])
def test_an_error_repeats_nothing_that_we_sent(slug: str, act: str) -> None:
    words = at(slug).HIDDEN[0]
    body = {"key": "fail", "msg": words, "error": words, "message": words, "data": None}
    error, desk = refused(slug, getattr(at(slug), act), answer(body, 400))
    assert words not in f"{error} {error.detail} {error!r} {desk.calls}"


# Against the twin, over a real socket


def client_of(slug: str, twin: RunningSandbox, values: dict[str, str] | None = None) -> VoucherProvider:
    calls: list[Call] = []
    given = values or dict(all_twins()[slug].login())
    client: VoucherProvider = at(slug).client_at(twin.base_url(slug), given, calls)
    return client


@pytest.mark.parametrize("slug", EVERY)
def test_the_twins_own_login_is_accepted_and_changes_nothing(slug: str, twin: RunningSandbox) -> None:
    login = all_twins()[slug].login()
    assert isinstance(client_of(slug, twin).check_login(login), str)
    assert twin.control.ledger(slug) == []


@pytest.mark.parametrize("slug", EVERY)
def test_a_wrong_login_is_misconfigured(slug: str, twin: RunningSandbox) -> None:
    wrong = at(slug).wrong_login(dict(all_twins()[slug].login()))
    with pytest.raises(Misconfigured) as raised:
        client_of(slug, twin, wrong).check_login(wrong)
    assert raised.value.code == "login_refused"


@pytest.mark.parametrize("slug", EVERY)
def test_a_voucher_is_found_redeemed_once_and_found_used(slug: str, twin: RunningSandbox) -> None:
    client, codes = client_of(slug, twin), at(slug).DEMO_CODES
    records = [found for code in codes if (found := client.find_voucher(code))]
    assert [(record.code, record.status) for record in records] == [(code, VoucherStatus.USABLE) for code in codes]
    receipt = client.redeem_vouchers(at(slug).order_of(records))
    assert receipt.codes == codes and receipt.references["order_id"]
    assert [effect.code for effect in twin.control.ledger(slug)] == list(codes)
    again = [client.find_voucher(code) for code in codes]
    assert [record and record.status for record in again] == [VoucherStatus.USED] * len(codes)


@pytest.mark.parametrize("slug", EVERY)
def test_a_second_redemption_has_no_second_effect(slug: str, twin: RunningSandbox) -> None:
    client, code = client_of(slug, twin), at(slug).DEMO_CODES[0]
    record = client.find_voucher(code)
    assert record is not None
    sale = at(slug).order_of([record])
    client.redeem_vouchers(sale)
    try:
        client.redeem_vouchers(sale)  # an issuer may well give the same answer to the same order
    except ProviderError as error:
        assert isinstance(error, (OutcomeUnknown, Rejected))
    assert len(twin.control.ledger(slug)) == 1


@pytest.mark.parametrize("slug", EVERY)
def test_a_code_that_nobody_has_is_no_voucher(slug: str, twin: RunningSandbox) -> None:
    assert client_of(slug, twin).find_voucher(at(slug).UNKNOWN_CODE) is None


SPOILING = (
    *("garbage", "empty", "truncated", "null_data", "wrong_code", "duplicate_keys", "nan", "bad_utf8", "wrong_types"),
    *("unseen_status", "huge", "gzip_bomb", "html_login", "status", "redirect"),
)
FAULTS = [
    *({"kind": kind} for kind in ("drop_before", "drop_after", "partial", "human")),
    *({"kind": kind, "after": after} for kind in SPOILING for after in (False, True)),
]


@pytest.mark.parametrize("slug", EVERY)
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: " ".join(map(str, fault.values())))
def test_no_fault_of_the_twin_makes_it_say_what_is_not_true(
    slug: str, fault: dict[str, Any], twin: RunningSandbox
) -> None:
    client, code = client_of(slug, twin), at(slug).DEMO_CODES[0]
    record = client.find_voucher(code)
    assert record is not None
    twin.control.fault(provider=slug, endpoint="redeem", **fault)
    try:
        receipt = client.redeem_vouchers(at(slug).order_of([record]))
    except OutcomeUnknown:
        return
    except Rejected:
        assert [effect for effect in twin.control.ledger(slug) if effect.actor == "api"] == []
        return
    assert receipt.codes == (code,) and len(twin.control.ledger(slug)) == 1


# Those that take bookings promise the same of themselves


BOOKING = [slug for slug, spec in SPECS.items() if spec.kind == "reservations"]


@pytest.mark.parametrize("slug", BOOKING)
def test_the_spec_of_a_booking_provider_is_complete(slug: str) -> None:
    spec = SPECS[slug]
    assert set(spec.names) == {"ar", "fr", "en"} and all(spec.names.values())
    assert spec.secret_fields or spec.login_choices
    assert {name for choice in spec.login_choices for name in choice} <= set(spec.optional_secret_fields)
    assert not set(spec.all_secret_fields) & set(spec.setting_fields)
    assert spec.hosts and all(re.fullmatch(r"[a-z0-9.-]+\.[a-z]{2,}", host) for host in spec.hosts)
    assert not set(spec.journal_visible) & {*spec.journal_masked, *spec.all_secret_fields}


@pytest.mark.parametrize("slug", BOOKING)
def test_no_code_of_any_shape_is_a_booking_providers(slug: str) -> None:
    for code in ("VCL6C5944NO4058", "dF54GFd7", "", "3a1c29af-6c55-0661-5e51-8403ff2b9288"):
        assert fit_of(code, SPECS[slug]) is CodeFit.NO


@pytest.mark.parametrize("slug", BOOKING)
def test_a_booking_provider_has_a_twin_that_takes_the_login_of_its_spec(slug: str, twin: RunningSandbox) -> None:
    login, spec = dict(all_twins()[slug].login()), SPECS[slug]
    assert spec.has_whole_login(login)
    assert {name for name, default in spec.setting_fields.items() if not default} <= set(login)
    calls: list[Call] = []
    assert isinstance(at(slug).client_at(twin.base_url(slug), login, calls).check_login(login), str)
    assert twin.control.ledger(slug) == []
    assert not [secret for name, secret in login.items() if name in spec.all_secret_fields and secret in repr(calls)]
