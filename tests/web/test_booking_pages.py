"""The pages of bookings ask the database little, show nobody more than they may, and keep phones out of their addresses."""

from __future__ import annotations

import datetime as dt
import re
from copy import copy
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from branches.models import User
from providers.models import State
from reservations.models import Ask, Product, Reservation, Subscription
from tests.web.booking_corner import PHONE, Bookings, open_bookings
from tests.web.matrix import addresses
from tests.web.test_queries import MOST, questions
from tests.web.world import World

POLL = {"HX-Request": "true"}


@pytest.fixture
def bookings(world: World) -> Bookings:
    return open_bookings(world.ours)


def address(name: str, **arguments: Any) -> str:
    return reverse(f"reservations:{name}", kwargs=arguments)


def every_page(bookings: Bookings) -> dict[str, str]:
    pages = {}
    for name, arguments in bookings.objects().items():
        if not name.endswith(("act_check", "act_done")):
            pages[name] = _reversed(name, arguments)
    wanted = bookings.bodies()["reservations:subscribe_confirm"]
    pages["reservations:subscribe_confirm"] += f"?{urlencode(wanted)}"
    ask = bookings.customers("+966500000009", answered=False)
    return pages | {"reservations:book": address("book"), "waiting": address("book_person", ask_id=ask.pk)}


def _reversed(name: str, arguments: dict[str, Any]) -> str:
    """With those of the arguments that this address has."""
    [route] = [found.route for found in addresses() if found.name == name]
    return reverse(name, kwargs={key: arguments[key] for key in re.findall(r"<\w+:(\w+)>", route)})


def test_every_page_asks_few_questions(world: World, bookings: Bookings) -> None:
    client = world.client("manager")
    client.get("/")
    for name, path in every_page(bookings).items():
        response, asked = questions(client.get, path)
        assert response.status_code == 200, name
        assert len(asked) <= MOST, (name, len(asked), asked)


def test_no_address_and_no_page_shows_a_whole_phone(world: World, bookings: Bookings) -> None:
    client = world.client("receptionist")
    response = client.post(address("book"), {"phone": PHONE})
    assert response.status_code == 302 and "0000001" not in response.headers["Location"]
    for path in every_page(bookings).values():
        assert "500000001" not in client.get(path).content.decode()


def test_a_message_to_the_customer_is_offered_to_a_supervisor_only(world: World, bookings: Bookings) -> None:
    path = address("cancel", reservation_id=bookings.reservation().pk)
    assert 'name="notify"' in world.client("supervisor").get(path).content.decode()
    assert 'name="notify"' not in world.client("receptionist").get(path).content.decode()
    refused = world.client("receptionist").post(path, {"reason": "asked", "notify": "yes"})
    assert refused.status_code == 409 and 'role="alert"' in refused.content.decode()


def test_a_change_that_is_under_way_is_shown_instead_of_a_second_one(world: World, bookings: Bookings) -> None:
    act = bookings.act()
    row = Reservation.objects.get(external_id=act.subject_id)
    response = world.client("receptionist").post(address("confirm", reservation_id=row.pk))
    assert response.status_code == 409
    assert address("act", act_id=act.pk) in response.content.decode()


def test_the_buttons_follow_the_status_and_the_role(world: World, bookings: Bookings) -> None:
    names = {"pending": {"confirm", "cancel", "move", "in"}, "confirmed": {"done", "cancel", "move", "in"}}
    for status, wanted in {**names, "cancelled": set(), "done": set()}.items():
        shown = _buttons("_actions.html", reservation=bookings.reservation(status), may={"book"})
        assert {name for name in ("confirm", "cancel", "move", "in", "out", "done") if f"/{name}/" in shown} == wanted
    assert "<a" not in _buttons("_actions.html", reservation=bookings.reservation(), may={"bookings"})


def test_whoever_is_here_may_be_checked_out_and_a_mistake_undone(world: World, bookings: Bookings) -> None:
    act = bookings.attended()
    row = Reservation.objects.get(external_id=act.subject_id)
    shown = _buttons("_actions.html", reservation=row, may={"book"})
    assert f"/{row.pk}/out/" in shown and f"/{row.pk}/in/" not in shown
    assert address("undo", act_id=act.pk) in shown


def test_a_pause_is_a_supervisors_and_a_planned_one_may_be_called_off(world: World, bookings: Bookings) -> None:
    planned = bookings.subscription(paused_at=timezone.now() + dt.timedelta(days=3))
    may = {"book", "book_supervise"}
    assert "/resume/" in _buttons("_subscription_actions.html", subscription=planned, may=may)
    assert "/pause/" not in _buttons("_subscription_actions.html", subscription=planned, may={"book"})
    page = world.client("supervisor").get(address("pause", subscription_id=planned.pk)).content.decode()
    assert str(dict(Subscription.STATUSES)["active"]) in page


@pytest.fixture
def peel(bookings: Bookings) -> Product:
    """A second service, and people who read English."""
    User.objects.update(language="en")
    names = {"name": "تقشير", "name_ar": "تقشير", "name_en": "Peel", "external_id": "product-peel"}
    peel = copy(bookings.product)
    for name, value in {"pk": None, **names}.items():
        setattr(peel, name, value)
    peel.save(force_insert=True)
    return peel


def withdraw(product: Product) -> None:
    Product.objects.filter(pk=product.pk).update(gone_at=timezone.now())


def of_both(bookings: Bookings, peel: Product) -> str:
    """Their confirmation."""
    first, last = bookings.slots(), bookings.slots(peel)
    where = {"customer_id": bookings.customer.pk, "ask_id": last.pk, "slot": 0}
    return f"{address('book_confirm', **where)}?with={first.pk.hex}-0"


def test_a_service_that_is_withdrawn_meanwhile_is_taken_out_of_a_booking_of_several(
    reception: Client, bookings: Bookings, peel: Product
) -> None:
    path = of_both(bookings, peel)
    assert "Also in this booking" in reception.get(path).content.decode()
    withdraw(peel)
    for response in (reception.get(path), reception.post(path)):
        page = response.content.decode()
        assert response.status_code == 409 and "no longer offered" in page
    [back] = re.findall(r'href="([^"]+)" data-key="Escape"', page)
    offers = reception.get(unescape(back)).content.decode()
    [of_the_rest] = re.findall(r'href="([^"]+)" data-key="Escape"', offers)
    rest = reception.get(unescape(of_the_rest)).content.decode()
    assert "Facial" in offers and "Facial" in rest and "Peel" not in offers + rest
    assert "Also in this booking" not in rest


def test_a_booking_of_what_is_withdrawn_begins_anew(reception: Client, bookings: Bookings, peel: Product) -> None:
    where = {"customer_id": bookings.customer.pk, "ask_id": bookings.slots(peel).pk, "slot": 0}
    withdraw(peel)
    response = reception.post(address("book_confirm", **where))
    assert response.status_code == 409 and "This is not offered here now" in response.content.decode()


def test_what_was_answered_waits_while_a_service_is_added_or_taken_out(
    reception: Client, bookings: Bookings, peel: Product
) -> None:
    asks = {"name": "allergies", "label": "Allergies", "required": True}
    Product.objects.update(fields=[asks])
    path = of_both(bookings, peel)
    page = reception.get(path).content.decode()
    [facial] = re.findall(r'"then": "([0-9a-f-]+)"', unescape(page))
    wrote = {"q1-0": "pollen", "q2-0": "<b>gold</b>"}
    for then, stays in (("more", False), (facial, True), ("https://elsewhere.example/", True)):
        left = reception.post(path, wrote | {"then": then}, headers=POLL)
        assert left.status_code == 200 and "gold" not in str(left.headers)
        assert left.headers["HX-Redirect"].startswith(address("book_what", customer_id=bookings.customer.pk))
        assert ("/0/" in left.headers["HX-Redirect"]) is stays
    page = reception.get(path).content.decode()
    assert 'value="pollen"' in page and 'value="&lt;b&gt;gold&lt;/b&gt;"' in page
    alone = reception.post(path, wrote | {"then": facial}, headers=POLL).headers["HX-Redirect"]
    page = reception.get(alone).content.decode()
    assert "pollen" not in page and 'name="q1-0" value="&lt;b&gt;gold' in page
    assert not any("pollen" in str(row) for row in Ask.objects.values_list()), "sealed"
    reception.post(path, {"q1-0": "", "q2-0": "", "then": "more"}, headers=POLL)
    assert "pollen" not in reception.get(path).content.decode()


def test_what_was_booked_is_shown_again_even_if_it_was_withdrawn_since(
    reception: Client, bookings: Bookings, peel: Product
) -> None:
    path = of_both(bookings, peel)
    booked = reception.post(path, {"again": "yes"}).headers["Location"]
    withdraw(peel)
    assert reception.post(path, {"again": "yes"}).headers["Location"] == booked


def test_a_poll_that_finds_nothing_new_says_nothing(world: World, bookings: Bookings) -> None:
    act, client = bookings.act(State.UNKNOWN), world.client("receptionist")
    path = address("act", act_id=act.pk)
    response = client.get(path, {"seen": "unknown-checking-read"}, headers=POLL)
    assert response.status_code == 204


def test_the_payment_link_stands_as_a_code_and_as_text(reception: Client, bookings: Bookings) -> None:
    page = reception.get(address("act", act_id=bookings.booked().pk)).content.decode()
    assert 'href="https://pay.example/1"' in page and "data:image/svg+xml" in page


def _buttons(template: str, **context: Any) -> str:
    return render_to_string(f"reservations/{template}", context, request=RequestFactory().get("/"))
