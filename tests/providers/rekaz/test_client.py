"""Who we are to Rekaz, what leaves and what is kept of it, and where a customer is sent to pay."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.errors import BrokenContract, Misconfigured, OutcomeUnknown, Unavailable
from providers.rekaz import wire
from tests.providers.rekaz.account import PHONE, SECRETS, Keys, captured, desk, refusal
from tests.providers.rekaz.acts import ABP, OTHER, READS, WRITES
from tests.providers.scripted_server import answer, saying

# Who we are


@pytest.mark.parametrize(
    ("secrets", "sent"),
    [
        ({"key": "k", "secret": "s"}, "Basic azpz"),
        ({"token": "azpz"}, "Basic azpz"),
        ({"token": " Basic azpz "}, "Basic azpz"),
        ({"token": "basic  azpz"}, "Basic azpz"),
    ],
)
def test_key_and_secret_or_the_ready_token_will_do(secrets: dict[str, str], sent: str) -> None:
    with desk(captured("branches.response"), keys=Keys(secrets)) as at:
        at.client.places()
    assert at.server.header("Authorization") == sent


@pytest.mark.parametrize("secrets", [{}, {"key": "k"}, {"token": "Basic "}, {"token": "a\r\nX: y"}])
def test_half_a_login_is_none_and_nothing_leaves(secrets: dict[str, str]) -> None:
    error, at = refusal(READS["places"], answer([]), keys=Keys(secrets))
    assert (type(error), error.code, at.server.connections) == (Misconfigured, "login_incomplete", 0)


@pytest.mark.parametrize("act", ["book", "cancel", "create_customer"])
def test_a_refused_key_is_replaced_and_the_write_made_once_more(act: str) -> None:
    done = {
        "book": captured("book.response"),
        "cancel": answer("", 204),
        "create_customer": captured("create_customer.response"),
    }
    keys = Keys(upcoming={"token": "bmV4dDpuZXh0"})
    with desk(answer(ABP, 401), captured("branches.response"), done[act], keys=keys) as at:
        WRITES[act](at.client)
    assert keys.replaced == 1
    assert at.server.header("Authorization") == "Basic bmV4dDpuZXh0"
    assert at.server.requests[0].partition(b"\r\n\r\n")[2] == at.server.requests[2].partition(b"\r\n\r\n")[2]


def test_a_refused_key_without_another_is_misconfigured() -> None:
    error, at = refusal(WRITES["book"], answer(ABP, 401))
    assert (type(error), error.code, at.server.connections) == (Misconfigured, "login_refused", 1)


def test_a_login_is_right_when_our_branch_is_listed() -> None:
    with desk(captured("branches.response")) as at:
        assert at.client.check_login(SECRETS) == "الفرع الرئيسي"
    error, _ = refusal(READS["check_login"], captured("branches.response"), place={"branch_id": OTHER})
    assert (type(error), error.code) == (Misconfigured, "place_unknown")


@pytest.mark.parametrize("change", [{"tenant": ""}, {"tenant": "a\r\nb"}, {"branch_id": ""}, {"wire_timezone": "Mars"}])
def test_settings_that_cannot_be_used_make_no_client(change: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"."), desk(answer([]), place=change):
        pass


# What leaves, and what is kept of it


@pytest.mark.parametrize(
    ("name", "script"), [("customers_with", "customers.response"), ("reservations_of", "reservations.response")]
)
def test_the_journal_holds_no_person_and_no_secret(name: str, script: str) -> None:
    with desk(captured(script)) as at:
        READS[name](at.client)
    kept = repr(at.calls)
    hidden = ("John Doe", "966501234567", "966502493366", "canary", "Y2FuYXJ5")
    assert [word for word in hidden if word in kept] == []


def test_the_journal_of_a_write_holds_no_person() -> None:
    with desk(captured("create_customer.response")) as at:
        WRITES["create_customer"](at.client)
    assert "سارة" not in repr(at.calls) and PHONE[1:] not in repr(at.calls)


def test_a_refused_connection_sent_nothing() -> None:
    for act in (READS["places"], WRITES["book"]):
        with desk(answer("")) as at:
            at.server.stop()
            with pytest.raises(Unavailable):
                act(at.client)
        assert [call.bytes_left for call in at.calls] == [False]


# Addresses to pay at


ORIGIN = "https://platform.rekaz.io"


@pytest.mark.parametrize(
    ("given", "link"),
    [
        ("/orders/pay/1", f"{ORIGIN}/orders/pay/1"),
        ("orders/pay/1", f"{ORIGIN}/orders/pay/1"),
        ("//evil.example/x", f"{ORIGIN}/evil.example/x"),
        ("\\\\evil.example/x", f"{ORIGIN}/evil.example/x"),
        ("/\\evil.example/x", f"{ORIGIN}/evil.example/x"),
        ("https://platform.rekaz.io/i/NcRo", "https://platform.rekaz.io/i/NcRo"),
        ("http://evil.example/x", ""),
        ("https://user@evil.example/x", ""),
        ("https:/\\evil.example", ""),
        ("javascript:alert(1)", ""),
        ("JaVaScRiPt:alert(1)", ""),
        ("data:text/html,x", ""),
        ("/a/../../b", ""),
        ("/a b", ""),
        ("/\tx", ""),
        ("/a\r\nX: y", ""),
        ("/؟", ""),
        ("", ""),
        ("/", ""),
    ],
)
def test_a_payment_link_never_leads_to_another_host(given: str, link: str) -> None:
    assert wire.payment_link(given, ORIGIN) == link


@given(st.text(alphabet="/\\:.@htpsjavcrie-xn%?# \t", max_size=40))
def test_no_relative_payment_link_leaves_the_origin(text: str) -> None:
    found = wire.payment_link(text, ORIGIN)
    assert found == "" or found.startswith((f"{ORIGIN}/", "https://"))


@pytest.mark.parametrize(
    ("raw", "phone"),
    [
        ("966501234567", PHONE),
        ("+966501234567", PHONE),
        ("00966501234567", PHONE),
        ("0501234567", PHONE),
        ("501234567", PHONE),
        ("+966 50 123 4567", PHONE),
        ("٠٥٠١٢٣٤٥٦٧", PHONE),
        ("", ""),
        ("unknown", "unknown"),
    ],
)
def test_a_phone_has_one_form_however_it_is_kept(raw: str, phone: str) -> None:
    assert wire.phone(raw) == phone


def test_a_dripping_answer_ends_with_the_deadline() -> None:
    def drip(conversation: Any) -> None:
        conversation.hear()
        conversation.say(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n")
        conversation.drip(b"x" * 900, 0.05)

    for act, kind in ((READS["places"], Unavailable), (WRITES["book"], OutcomeUnknown)):
        assert type(refusal(act, drip, total_seconds=0.4)[0]) is kind


def test_a_redirect_is_not_followed() -> None:
    error, at = refusal(
        READS["places"], saying(b"HTTP/1.1 302 Found\r\nLocation: http://x/\r\nContent-Length: 0\r\n\r\n")
    )
    assert (type(error), error.code, at.server.connections) == (BrokenContract, "redirected", 1)
