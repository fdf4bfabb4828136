"""A total that cannot be read says why, text is shown as text, and an address can hold anything."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from django.test import Client
from django.utils import translation

from branches.models import User
from providers.models import Operation
from tests.web import matrix
from tests.web.books import unchanged
from tests.web.examiner import path_to
from tests.web.hostile import NUL, TEXTS
from tests.web.world import World
from vouchers.forms import amount_problem

TOTALS = {
    "": "empty",
    "   ": "empty",
    "\u200f\u202c": "empty",
    "six hundred": "not_a_number",
    "٦٠٠ ريال": "not_a_number",
    "6OO": "not_a_number",
    "1e400": "not_a_number",
    "1e3": "not_a_number",
    "0x258": "not_a_number",
    "NaN": "not_a_number",
    "sNaN": "not_a_number",
    "Infinity": "not_a_number",
    "-inf": "not_a_number",
    "1,23,4": "not_a_number",
    "600.00.00": "not_a_number",
    "600 SAR": "not_a_number",
    "+600": "not_a_number",
    "²00": "not_a_number",
    "../600": "not_a_number",
    "600' OR '1'='1": "not_a_number",
    "-600": "negative",
    "−600.00": "negative",
    "(600)": "negative",
    "600.001": "too_many_decimals",
    "٦٠٠٫٠٠١": "too_many_decimals",
    "1234567890123": "too_large",
    "999999999999": "too_large",
    "10000000000": "too_large",
    "9" * 40: "too_large",
    "9" * 41: "too_long",
    "6" * 20_000: "too_long",
}


def test_a_total_that_cannot_be_read_says_why(world: World) -> None:
    User.objects.update(language="en")
    lookup, client = world.ours.draft(), world.client("receptionist")
    for typed, code in TOTALS.items():
        with unchanged():
            response = client.post(f"/vouchers/lookups/{lookup.pk}/amounts/", {"services_total": typed})
        assert response.status_code == 422, typed
        found = re.search(r'id="total-error" role="alert">(.*?)</p>', response.content.decode(), re.DOTALL)
        with translation.override("en"):
            too_long = f"Ensure this value has at most 40 characters (it has {len(typed)})."
            wanted = too_long if code == "too_long" else amount_problem(code)
        assert found and found[1].endswith(f"</span> {wanted}"), typed


def test_each_of_them_has_a_sentence_of_its_own() -> None:
    codes = set(TOTALS.values()) - {"too_long"}
    for language in ("ar", "en", "fr"):
        with translation.override(language):
            assert len({amount_problem(code) for code in codes}) == len(codes) == 5


@pytest.mark.parametrize(
    ("typed", "kept"), [("600", "600"), ("٦٠٠٫٥٠", "600.50"), ("9,999,999,999.99", "9999999999.99")]
)
def test_a_total_that_can_be_read_is_kept(world: World, typed: str, kept: str) -> None:
    lookup = world.ours.draft()
    response = world.client("receptionist").post(f"/vouchers/lookups/{lookup.pk}/amounts/", {"services_total": typed})
    assert response.status_code == 302
    lookup.refresh_from_db()
    assert str(lookup.services_total) == str(kept if "." in kept else f"{kept}.00")


def test_a_total_below_the_voucher_shows_the_difference(world: World) -> None:
    User.objects.update(language="en")
    lookup = world.ours.draft()
    path = f"/vouchers/lookups/{lookup.pk}/amounts/"
    response = world.client("receptionist").post(path, {"services_total": "150.25"})
    assert response.status_code == 422
    plain = re.sub(r"<[^>]+>", "", response.content.decode())
    assert "The total 150.25 SAR is 49.75 SAR less than the voucher." in plain
    assert not Operation.objects.exists()


# Shown again -----------------------------------------------------------------------------------------------------------


def test_what_was_typed_is_shown_as_text(world: World, reception: Client) -> None:
    response = reception.post("/vouchers/lookups/", {"q": TEXTS["markup"]}, follow=True)
    page = response.content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page


def test_a_note_of_a_decision_is_shown_as_text(world: World) -> None:
    case = world.ours.redemption("needs_review")
    note = "<img src=x onerror=alert(1)>{{ 7|add:7 }}\u202e%(value)s"
    form = {"applied": "yes", "reason": "issuer_portal", "note": note}
    page = world.client("manager").post(f"/review/{case.pk}/decide/", form, follow=True).content.decode()
    assert "&lt;img src=x onerror=alert(1)&gt;{{ 7|add:7 }}\u202e%(value)s</bdi>" in page
    assert "<img src=x" not in page


# Addresses and what follows them ----------------------------------------------------------------------------------------

STRANGE = [
    "%00",
    "%ff%fe",
    "../../x",
    "%2e%2e%2f",
    "..%5c",
    "%0d%0aX-Evil:1",
    "'%20OR%201=1",
    "9" * 5000,
    "%F0%9F%98%80",
]
STRANGE += ["00000000-0000-0000-0000-000000000000", "{{7*7}}", "null", "-1", "0"]


@pytest.mark.parametrize("strange", STRANGE, ids=lambda text: text[:12])
def test_a_strange_address_is_not_there(world: World, strange: str) -> None:
    client = world.client("manager")
    shapes = [
        "/{}",
        "/vouchers/lookups/{}/",
        "/vouchers/redemptions/{}/slip/",
        "/review/{}/",
        "/review/discrepancies/{}/close/",
    ]
    with unchanged():
        for shape in shapes:
            for ask in (client.get, client.post):
                response = ask(shape.format(strange))
                assert response.status_code in (404, 405), shape
                assert "X-Evil" not in response.headers


def test_a_strange_query_breaks_no_page(world: World) -> None:
    owner, draft = world.client("owner"), world.ours.draft()
    receptionist = world.client("receptionist")
    with unchanged():
        for text in (TEXTS["SQL"], TEXTS["markup"], TEXTS["many digits"], TEXTS["very long"]):
            query = f"?here={quote(text)}&seen={quote(text)}&page={quote(text)}&next={quote(text)}&{quote(text)}"
            for client, path in (
                (owner, "/live/"),
                (owner, "/review/"),
                (receptionist, f"/vouchers/lookups/{draft.pk}/"),
            ):
                assert client.get(path + query[:60_000]).status_code in (200, 204)


def test_a_strange_query_breaks_no_list_of_the_administration(world: World) -> None:
    client = world.client("admin")
    lists = [address for address in matrix.addresses() if address.name.endswith("_changelist")]
    assert lists
    with unchanged():
        for address in lists:
            wishes = {"q": NUL["a NUL"], "o": TEXTS["SQL"], "p": TEXTS["many digits"], "id__exact": TEXTS["markup"]}
            for name, text in wishes.items():
                response = client.get(f"{path_to(address, {})}?{name}={quote(text)}")
                assert response.status_code in (200, 302, 400), (address.name, name)
