"""Whatever is put into a form: a clear answer, and nothing has changed."""

from __future__ import annotations

import functools
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from branches.models import User
from providers.models import State
from tests.web.booking_corner import open_bookings
from tests.web.books import dump, unchanged
from tests.web.hostile import BYTES, FEW, NUL, TEXTS, URLENCODED, form_of
from tests.web.world import PASSWORD, World

CLEAR = (200, 302, 400, 409, 413, 422, 429)


@dataclass(frozen=True)
class Form:
    """One form, its address, who sends it, a good answer to it, and what each field is tried with."""

    who: str
    path: Callable[[World], str]
    good: dict[str, str] = field(default_factory=dict)
    spoiled: tuple[str, ...] = ()  # fields for which no hostile text is a good one
    writes: tuple[str, ...] = ()  # tables in which even a refusal leaves a trace


TRAIL = ("branches_userevent", "pghistory_context")
FORMS = {
    "code": Form(
        "manager", lambda world: "/vouchers/lookups/", {"q": "x", "after": ""}, ("q", "after"), ("vouchers_lookup",)
    ),
    "person": Form(
        "manager", lambda world: f"/vouchers/lookups/{world.ours.found().pk}/person/", {"person": "316"}, ("person",)
    ),
    "next code": Form(
        "seller",
        lambda world: f"/vouchers/lookups/{world.shop.found().pk}/add/",
        {"q": "x"},
        ("q",),
        ("vouchers_lookup",),
    ),
    "owner": Form(
        "seller",
        lambda world: f"/vouchers/lookups/{world.shop.found().pk}/person/",
        {"phone": "0661234501"},
        ("phone",),
    ),
    "total": Form(
        "manager",
        lambda world: f"/vouchers/lookups/{world.ours.draft().pk}/amounts/",
        {"services_total": "600"},
        ("services_total",),
    ),
    "place": Form("manager", lambda world: "/accounts/place/", {"till": "1"}, ("till",)),
    "language": Form("manager", lambda world: "/accounts/language/", {"language": "en"}, ("language",)),
    "login": Form(
        "anonymous",
        lambda world: "/accounts/login/",
        {"login": "manager", "password": PASSWORD},
        ("login", "password"),
        TRAIL,
    ),
    "proof": Form("manager", lambda world: "/accounts/again/", {"password": PASSWORD}, ("password",), TRAIL),
    "app": Form("manager", lambda world: "/accounts/mine/app/", {"code": "000000"}, ("code",)),
    "passkey": Form(
        "manager", lambda world: "/accounts/mine/passkey/", {"name": "", "credential": "{}"}, ("credential",)
    ),
    "password": Form(
        "manager",
        lambda world: "/accounts/password/",
        {"oldpassword": PASSWORD, "password1": "another-good-one-77", "password2": "another-good-one-77"},
        ("oldpassword", "password2"),
        TRAIL,
    ),
    "decision": Form(
        "manager",
        lambda world: f"/review/{world.ours.redemption(State.NEEDS_REVIEW).pk}/decide/",
        {"applied": "yes", "reason": "issuer_confirmed", "note": ""},
        ("applied", "reason"),
    ),
    "closing": Form(
        "manager", lambda world: f"/review/discrepancies/{world.ours.discrepancy().pk}/close/", {"note": "seen"}
    ),
    "case": Form(
        "manager",
        lambda world: f"/vouchers/cases/new/{world.ours.redemption(State.SUCCEEDED).pk}/",
        {"reason": "wrong_amount", "ask": "correct", "right_amount": "150", "note": ""},
        ("right_amount", "reason", "ask"),
    ),
    "ruling": Form(
        "accountant",
        lambda world: f"/vouchers/cases/{world.ours.case(sent=True).pk}/close/",
        {"outcome": "partly", "accepted": "30", "reference": "CN-77", "decided_on": f"{timezone.localdate()}"},
        ("accepted", "decided_on", "outcome"),
    ),
    "export": Form("manager", lambda world: "/vouchers/ledger/export/", {"format": "csv"}, ("format",)),
    "day close": Form(
        "manager",
        lambda world: f"/vouchers/ledger/tills/{world.ours.till.pk}/close/",
        {"day": "2026-01-01", "counted": "", "note": ""},
        ("day",),
    ),
}
BOOKED = {
    "phone": ("book", {"phone": "x"}, ("phone",)),
    "new customer": ("book_person", {"customer": "x"}, ("customer",)),
    "service": ("book_what", {"price": "0:x", "day": "2020-01-01", "practitioner": ""}, ("price", "day")),
    "time": ("book_times", {"slot": "99"}, ("slot",)),
    "reason": ("cancel", {"reason": "other", "words": ""}, ("reason",)),
    "day to move to": ("reschedule", {"day": "2020-01-01"}, ("day",)),
    "subscription": ("subscribe", {"price": "0:x", "day": "2020-01-01", "off": "x"}, ("price", "day")),
    "pause": ("pause", {"first": "2020-01-01", "until": "2020-01-02"}, ("first", "until")),
    "going on": ("resume", {"day": "2020-01-01"}, ("day",)),
}


ASKS = {"day to move to": ("reservations_ask",)}  # no day means its own


def _booking(name: str, world: World) -> str:
    return reverse(f"reservations:{name}", args=[*open_bookings(world.ours).arguments(name)])


FORMS |= {
    what: Form("manager", functools.partial(_booking, name), good, spoiled, ASKS.get(what, ()))
    for what, (name, good, spoiled) in BOOKED.items()
}
FREE = (FORMS["code"], FORMS["total"])  # what the others hold is chosen, or compared and not read
ALL = pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)


@pytest.fixture(autouse=True)
def in_english(world: World) -> None:
    User.objects.update(language="en")


def sender(world: World, form: Form) -> Client:
    client = world.client(form.who)
    client.cookies["django_language"] = "en"
    return client


def is_clear(response: Any, what: str) -> None:
    status = response.status_code
    assert status in CLEAR, f"{what}: {status}"
    if status >= 400:
        assert '<html lang="en"' in response.content.decode(), what
        assert 'role="alert"' in response.content.decode(), what


@ALL
def test_hostile_text_in_any_field(world: World, form: Form) -> None:
    client, path = sender(world, form), form.path(world)
    texts = TEXTS if form in FREE else {what: TEXTS[what] for what in FEW}
    with unchanged(but=form.writes):
        for name in form.spoiled:
            for what, text in (texts | NUL).items():
                is_clear(client.post(path, form.good | {name: text}), f"{name}: {what}")
            for what, content in list(BYTES.items())[: None if form in FREE else 2]:
                body = form_of({**form.good, name: content})
                is_clear(client.generic("POST", path, body, URLENCODED), f"{name}: {what}")


@ALL
def test_something_else_than_text_in_any_field(world: World, form: Form) -> None:
    client, path = sender(world, form), form.path(world)
    with unchanged(but=form.writes):
        for name in form.spoiled[:2]:
            rest = {key: value for key, value in form.good.items() if key != name}
            is_clear(client.post(path, rest), f"{name}: missing")
            is_clear(client.post(path, rest | {name: named_file(b"VCL6C5944NO4058")}), f"{name}: a file")
            is_clear(client.post(path, rest | {name: [form.good[name], "../x"]}), f"{name}: two of them")
            is_clear(client.post(path, rest | {f"{name}[]": form.good[name]}), f"{name}: a list of PHP")
            is_clear(client.post(path, {**rest, name: {"$gt": ""}}, "application/json"), f"{name}: JSON")


def named_file(content: bytes) -> io.BytesIO:
    file = io.BytesIO(content)
    file.name = "../../q.txt"
    return file


# Bodies that are no form ------------------------------------------------------------------------------------------------


def bodies(good: dict[str, str]) -> Iterator[tuple[str, int, bytes, str, dict[str, Any]]]:
    """What it is, the answer it deserves, the body, its type, and what else the request says."""
    form, boundary = form_of(good), "multipart/form-data; boundary=b"
    part = '--b\r\nContent-Disposition: form-data; name="{}"\r\n\r\n{}\r\n'
    whole = "".join(part.format(*item) for item in good.items()).encode()
    much = form + b"&extra=" + b"x" * 262_144
    yield "256 KiB and a little", 413, much, URLENCODED, {}
    yield "as a file", 413, whole + part.format("f", "x" * 262_144).encode() + b"--b--\r\n", boundary, {}
    yield "as something unknown", 413, much, "application/octet-stream", {}
    yield "10,000 fields", 400, form + b"&a=" * 10_000, URLENCODED, {}
    yield (
        "10,000 parts",
        400,
        whole + b"--b\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n" * 4_000 + b"--b--",
        boundary,
        {},
    )
    yield "parts without an end", 400, whole, boundary, {}
    yield "half a part", 400, whole[: len(whole) // 2], boundary, {}
    yield "parts without a boundary", 400, whole, "multipart/form-data", {}
    for what, left in (("half a form", form[:-1]), ("nothing of a form", b"")):
        yield what, 400, left, URLENCODED, {"CONTENT_LENGTH": str(len(form)), "wsgi.input": io.BytesIO(left)}
    yield "another alphabet", 400, form, f"{URLENCODED}; charset=utf-16", {}


@ALL
def test_a_body_that_is_no_form(world: World, form: Form) -> None:
    client, path = sender(world, form), form.path(world)
    with unchanged():
        for what, status, body, kind, said in bodies(form.good):
            response = client.generic("POST", path, body, kind, **said)
            assert response.status_code == status, f"{what}: {response.status_code}"
            is_clear(response, what)
            title = "This is too large to read" if status == 413 else "This request cannot be read"
            assert title in response.content.decode(), what
            assert "Nothing was changed." in response.content.decode(), what


@pytest.mark.parametrize("length", ["-1", "abc", "9" * 30, "", "1e3", "٣", "+3", " 3"])
def test_a_length_that_is_none(reception: Client, length: str) -> None:
    with unchanged():
        response = reception.generic("POST", "/vouchers/lookups/", b"q=x", URLENCODED, CONTENT_LENGTH=length)
    assert response.status_code == {"9" * 30: 413, "": 422}.get(length, 400)


def test_a_body_of_exactly_256_kib_is_read(reception: Client) -> None:
    body = b"q=" + b"x" * (262_144 - 2)
    assert reception.generic("POST", "/vouchers/lookups/", body, URLENCODED).status_code == 422
    assert reception.generic("POST", "/vouchers/lookups/", body + b"x", URLENCODED).status_code == 413


def test_the_dump_would_notice_one_letter(world: World) -> None:
    before = dump()
    User.objects.filter(username="manager").update(first_name="x")
    changed = {name for name, content in dump().items() if content != before[name]}
    assert changed == {"branches_user", "branches_userevent"}
