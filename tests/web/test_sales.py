"""A sale of several vouchers: its steps out of order, what it asks the database, and what is typed into its two fields."""

from __future__ import annotations

import re

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from branches.models import User
from providers.models import Operation, State
from tests.web.books import unchanged
from tests.web.test_queries import MOST, questions
from tests.web.test_steps import leads_to, page_of
from tests.web.world import AMINA, KARIM, World
from vouchers import selectors, services
from vouchers.models import Lookup

POLL = {"HX-Request": "true", "HX-Target": "vouchers"}


@pytest.fixture(autouse=True)
def in_english(world: World) -> None:
    User.objects.update(language="en")


@pytest.fixture
def seller(world: World) -> Client:
    return world.client("seller")


def plain(response: HttpResponse) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


# The way through --------------------------------------------------------------------------------------------------------


def test_the_first_scan_shows_the_list_and_takes_the_next_code_at_once(world: World, seller: Client) -> None:
    scanned = seller.post("/vouchers/lookups/", {"q": world.shop.new_code()})
    first = Lookup.objects.get()
    assert leads_to(scanned, page_of(first))
    assert 'id="next"' in seller.get(page_of(first)).content.decode()
    assert leads_to(seller.post(page_of(first, "add"), {"q": world.shop.new_code()}), page_of(first))
    assert Lookup.objects.filter(first=first, state=Lookup.State.WAITING).count() == 1


def test_a_poll_brings_the_list_and_makes_way_when_there_is_none(world: World, seller: Client) -> None:
    first = world.shop.waiting()
    page = seller.get(page_of(first), headers=POLL).content.decode()
    assert 'id="vouchers"' in page and "<html" not in page
    Lookup.objects.filter(pk=first.pk).update(state=Lookup.State.REFUSED, refusal_code="already_used", next_at=None)
    assert seller.get(page_of(first), headers=POLL).headers["HX-Redirect"] == page_of(first)
    assert "This voucher was used before" in plain(seller.get(page_of(first)))
    world.shop.found(first=first)
    assert 'id="vouchers"' in seller.get(page_of(first)).content.decode()


def test_an_empty_box_goes_on_to_the_owner_and_past_a_known_one(world: World, seller: Client) -> None:
    first = world.shop.sale()
    with unchanged():
        assert leads_to(seller.post(page_of(first, "add"), {"q": "  "}), f"{page_of(first)}?at=owner")
    assert leads_to(seller.post(page_of(first, "person"), {"phone": "06 61 23-45-01"}), page_of(first, "amounts"))
    with unchanged():
        assert leads_to(seller.post(page_of(first, "add"), {"q": ""}), page_of(first, "amounts"))
        assert leads_to(seller.post(page_of(first, "person")), page_of(first, "amounts"))


def test_points_and_money_stand_apart(world: World, seller: Client) -> None:
    draft = world.shop.draft()
    page = plain(seller.get(page_of(draft)))
    assert "31.65 points" in page and "28.50 MAD" in page and "10.55 points" in page
    confirm = plain(seller.get(page_of(draft, "confirm")))
    assert "9.50 MAD" in confirm and "571.50 MAD" in confirm and "Redeem vouchers of 28.50 MAD" in confirm


# Out of order -----------------------------------------------------------------------------------------------------------


def test_a_voucher_of_a_sale_leads_to_the_sale(world: World, seller: Client) -> None:
    first = world.shop.sale()
    other = selectors.others_of(first)[0]
    with unchanged():
        assert leads_to(seller.get(page_of(other)), page_of(first))
        for step in ("person", "amounts", "confirm", "add"):
            good = {"phone": AMINA, "services_total": "600", "q": world.shop.new_code()}
            assert leads_to(seller.post(page_of(other, step), good), page_of(other)), step


def test_every_step_after_the_redemption(world: World, seller: Client) -> None:
    done = world.shop.redemption(State.CREATED)
    first = done.lookup
    with unchanged():
        for step, form in {"add": {"q": world.shop.new_code()}, "person": {"phone": AMINA}, "amounts": {}}.items():
            assert leads_to(seller.post(page_of(first, step), form), page_of(first)), step
        assert leads_to(seller.post(page_of(first, "confirm")), f"/vouchers/redemptions/{done.pk}/")
    assert Operation.objects.count() == 1


def test_amounts_before_the_owner_and_with_one_that_is_still_looked_up(world: World, seller: Client) -> None:
    first = world.shop.sale()
    with unchanged():
        assert leads_to(seller.get(page_of(first, "amounts")), page_of(first))
    services.add_voucher(first, world.shop.new_code(), world.shop.place, now=first.created_at)
    with unchanged():
        response = seller.post(page_of(first, "person"), {"phone": AMINA})
    assert (response.status_code, "A voucher is still being looked up" in plain(response)) == (422, True)
    assert f'value="{AMINA}"' in response.content.decode(), "what she typed is kept"


def test_a_card_that_shows_another_voucher_than_before_is_read_once_more(world: World, seller: Client) -> None:
    draft = world.shop.draft()
    shown = re.search(r'name="shown" value="([^"]*)"', seller.get(page_of(draft, "confirm")).content.decode())
    assert shown
    seller.post(page_of(selectors.others_of(draft)[0], "aside"))
    world.shop.found(first=draft)
    with unchanged():
        answer = seller.post(page_of(draft, "confirm"), {"shown": shown[1]})
    assert leads_to(answer, page_of(draft, "confirm"))


def test_each_voucher_of_a_sale_can_be_taken_out_on_its_page(world: World, seller: Client) -> None:
    first = world.shop.draft()
    second, third = selectors.others_of(first)
    assert seller.get(page_of(first)).content.decode().count("Take out") == 3
    assert leads_to(seller.post(page_of(first, "aside"), {"only": "yes"}), page_of(second))
    assert leads_to(seller.get(page_of(first)), page_of(second))
    assert leads_to(seller.post(page_of(third, "aside"), {"only": "yes"}), page_of(second))
    assert "Take out" not in seller.get(page_of(second)).content.decode(), "the last one is put aside with the draft"
    assert leads_to(seller.post(page_of(second, "aside")), "/")


def test_another_branchs_sale_is_not_there(world: World, reception: Client) -> None:
    first = world.shop.draft()
    with unchanged():
        for step in ("add", "person", "amounts", "confirm", "again", "aside"):
            form = {"q": world.shop.new_code(), "phone": AMINA, "services_total": "600"}
            assert reception.post(page_of(first, step), form).status_code == 404, step


def test_an_issuer_that_takes_one_voucher_is_given_no_second(world: World, reception: Client) -> None:
    lookup = world.ours.found()
    with unchanged():
        for typed in (world.ours.new_code(), "x" * 300):
            answer = reception.post(page_of(lookup, "add"), {"q": typed})
            assert answer.status_code == 302 and answer.headers["Location"].startswith(page_of(lookup))


# What is typed ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["x" * 201, "ط" * 20_000])
def test_a_code_that_is_too_long_is_said_and_nobody_is_asked(world: World, seller: Client, typed: str) -> None:
    first = world.shop.sale()
    with unchanged():
        answer = seller.post(page_of(first, "add"), {"q": typed})
    assert (answer.status_code, "does not look like a voucher code" in plain(answer)) == (422, True)


def test_the_number_must_be_the_owners_and_is_never_repeated_elsewhere(world: World, seller: Client) -> None:
    first = world.shop.sale()
    for typed, said in {
        KARIM: "belong to another number",
        "<b>06</b>": "not a phone number",
        "": "not a phone",
    }.items():
        with unchanged():
            answer = seller.post(page_of(first, "person"), {"phone": typed})
        assert (answer.status_code, said in plain(answer)) == (422, True), typed
        assert b"<b>06" not in answer.content
    assert AMINA not in seller.get(page_of(first)).content.decode()
    assert "661234501" not in seller.get(page_of(world.shop.draft(), "confirm")).content.decode()


# The database -----------------------------------------------------------------------------------------------------------


def asked(seller: Client, first: Lookup) -> dict[str, int]:
    found = {}
    for name, ask, step, form in (
        ("list", seller.get, "", {}),
        ("poll", seller.get, "", {}),
        ("owner", seller.post, "person", {"phone": AMINA}),
        ("amounts", seller.get, "amounts", {}),
        ("total", seller.post, "amounts", {"services_total": "6000"}),
        ("confirmation", seller.get, "confirm", {}),
        ("repeated", seller.post, "add", {"q": first.code}),
    ):
        response, statements = questions(
            ask, page_of(first, step), form, **({"headers": POLL} if name == "poll" else {})
        )
        assert response.status_code in (200, 302, 422), (name, response.status_code)
        found[name] = len(statements)
    return found


def test_a_sale_of_nine_asks_no_more_than_a_sale_of_two(world: World, seller: Client) -> None:
    few, many = asked(seller, world.shop.sale(2)), asked(seller, world.shop.sale(9))
    assert many == few
    assert many.pop("repeated") <= MOST + 2, "a scan that is refused is read, and the list shown again"
    assert max(many.values()) <= MOST, many


def test_the_result_of_ten_asks_no_more_than_that_of_two(world: World, seller: Client) -> None:
    counts = []
    for number in (2, 10):
        row = services.redeem_voucher(world.shop.draft(number=number), world.shop.place, now=timezone.now())
        _answer, statements = questions(seller.get, f"/vouchers/redemptions/{row.pk}/")
        counts.append(len(statements))
    assert counts[0] == counts[1] <= MOST
