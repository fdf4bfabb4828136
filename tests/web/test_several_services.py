"""Several services in one booking: each taken at a time that was offered, all shown before they are booked, one act for all."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from branches.models import Membership, User
from branches.roles import Role
from reservations.models import Act, Ask
from reservations.selectors import slots_near
from tests.web.booking_corner import Bookings, open_bookings
from tests.web.test_queries import MOST, questions
from tests.web.world import World


@pytest.fixture
def bookings(world: World) -> Bookings:
    return open_bookings(world.ours)


def name_of(ask: Ask, number: int = 0) -> str:
    return f"{ask.pk.hex}-{number}"


def page(name: str, bookings: Bookings, *where: object, others: list[str] | tuple[str, ...] = ()) -> str:
    path = reverse(f"reservations:{name}", args=[bookings.customer.pk, *where])
    return f"{path}?{urlencode({'with': others}, doseq=True)}" if others else path


def book(client: Client, bookings: Bookings, last: Ask, others: list[str], **more: str) -> Any:
    body: dict[str, Any] = {"again": "yes", "with": others, **more}
    return client.post(page("book_confirm", bookings, last.pk, 0), body)


def test_they_are_one_act_with_all_of_them_in_the_order_in_which_they_were_taken(
    reception: Client, bookings: Bookings
) -> None:
    first, second, last = (bookings.slots() for _n in range(3))
    before = Act.objects.count()
    answer = book(reception, bookings, last, [name_of(first), name_of(second)])
    assert answer.status_code == 302 and Act.objects.count() == before + 1
    act = Act.objects.latest("operation__created_at")
    starts = [ask.result["slots"][0]["starts"] for ask in (first, second, last)]
    assert [item["starts"] for item in act.asked["items"]] == starts


def test_pressed_twice_they_are_one_act_and_another_choice_is_another(reception: Client, bookings: Bookings) -> None:
    first, last = bookings.slots(), bookings.slots()
    twice = [book(reception, bookings, last, [name_of(first)]).headers["Location"] for _n in range(2)]
    assert twice[0] == twice[1]
    alone = book(reception, bookings, last, [])
    assert alone.status_code == 409, "one of them is under way, and its time with it"


def test_the_card_shows_every_one_of_them_and_what_they_cost_together(reception: Client, bookings: Bookings) -> None:
    first, last = bookings.slots(), bookings.slots()
    shown = reception.get(page("book_confirm", bookings, last.pk, 0, others=[name_of(first)])).content.decode()
    assert "600.00" in shown and shown.count(str(bookings.product)) >= 2
    assert f'name="with" value="{name_of(first)}"' in shown
    without = page("book_confirm", bookings, last.pk, 0)
    assert f'href="{without}"' in shown, "each can be taken out again"
    alone = reception.get(without).content.decode()
    assert "600.00" not in alone and 'name="with"' not in alone


def test_what_was_taken_goes_along_to_the_next_service_and_its_times(reception: Client, bookings: Bookings) -> None:
    taken, asked = name_of(bookings.slots()), bookings.slots()
    shown = reception.get(page("book_what", bookings, others=[taken])).content.decode()
    assert f'name="with" value="{taken}"' in shown and 'class="plain taken"' in shown
    wanted = {**bookings.bodies()["reservations:book_what"], "with": [taken]}
    assert taken in reception.post(page("book_what", bookings), wanted).headers["Location"]
    chosen = reception.post(page("book_times", bookings, asked.pk), {"slot": "0", "with": [taken]})
    assert chosen.headers["Location"] == page("book_confirm", bookings, asked.pk, 0, others=[taken])
    refused = reception.post(page("book_times", bookings, asked.pk), {"with": [taken]})
    assert refused.status_code == 422 and f'value="{taken}"' in refused.content.decode()


def test_five_are_all_that_one_booking_has_room_for(reception: Client, bookings: Bookings) -> None:
    asks = [bookings.slots() for _n in range(6)]
    *others, last = asks
    four = reception.get(page("book_confirm", bookings, last.pk, 0, others=[name_of(ask) for ask in others[:3]]))
    assert f"{name_of(last)}" in four.content.decode(), "there is room for one more"
    five = reception.get(page("book_confirm", bookings, last.pk, 0, others=[name_of(ask) for ask in others]))
    assert name_of(last) not in five.content.decode()
    assert five.content.decode().count('name="with"') == 4


def test_the_same_time_twice_is_once(reception: Client, bookings: Bookings) -> None:
    ask = bookings.slots()
    shown = reception.get(page("book_confirm", bookings, ask.pk, 0, others=[name_of(ask)] * 3)).content.decode()
    assert 'name="with"' not in shown


@pytest.mark.parametrize("name", ["x", "ab" * 16 + "-0", "0" * 32 + "-99999", "%00", "../../etc"])
def test_a_time_that_nobody_offered_is_not_there(reception: Client, bookings: Bookings, name: str) -> None:
    ask = bookings.slots()
    assert reception.get(page("book_what", bookings, others=[name])).status_code == 404
    assert reception.get(page("book_confirm", bookings, ask.pk, 0, others=[name])).status_code == 404
    assert book(reception, bookings, ask, [name]).status_code == 404
    assert reception.get(page("book_what", bookings, others=[name_of(ask, 7)])).status_code == 404


def test_nor_is_one_that_was_offered_at_another_branch(world: World, reception: Client, bookings: Bookings) -> None:
    ask, theirs = bookings.slots(), bookings.slots()
    Ask.objects.filter(pk=theirs.pk).update(branch=world.theirs.branch)
    assert reception.get(page("book_what", bookings, others=[name_of(theirs)])).status_code == 404
    assert book(reception, bookings, ask, [name_of(theirs)]).status_code == 404


def test_nor_are_two_of_different_branches_in_one_booking(world: World, reception: Client, bookings: Bookings) -> None:
    ask, elsewhere = bookings.slots(), bookings.slots()
    Ask.objects.filter(pk=elsewhere.pk).update(branch=world.theirs.branch)
    clerk = User.objects.get(username="receptionist")
    Membership.objects.create(user=clerk, branch=world.theirs.branch, role=Role.RECEPTIONIST)
    reception.cookies[settings.TILL_COOKIE_NAME] = str(world.ours.till.pk)
    alone = page("book_confirm", bookings, elsewhere.pk, 0)
    assert reception.get(alone).status_code == 200
    assert reception.get(page("book_confirm", bookings, ask.pk, 0, others=[name_of(elsewhere)])).status_code == 404
    assert book(reception, bookings, ask, [name_of(elsewhere)]).status_code == 404


def test_the_fifth_service_asks_the_database_no_more_than_the_second(world: World, bookings: Bookings) -> None:
    question = {"name": "f1", "label": "Allergies?", "type": "text", "required": True}
    type(bookings.product).objects.filter(pk=bookings.product.pk).update(fields=[question])
    client = world.client("manager")
    client.get("/")
    *others, last = (bookings.slots() for _n in range(5))
    names = [name_of(ask) for ask in others]

    def count(name: str, *where: object, others: list[str]) -> int:
        response, asked = questions(client.get, page(name, bookings, *where, others=others))
        assert response.status_code == 200
        return len(asked)

    for name, where in (("book_confirm", (last.pk, 0)), ("book_what", ())):
        many = count(name, *where, others=names)
        assert many == count(name, *where, others=names[:1]) <= MOST + 2, name


def test_each_service_has_its_own_answers(reception: Client, bookings: Bookings) -> None:
    question = {"name": "f1", "label": "Allergies?", "type": "text", "required": True}
    type(bookings.product).objects.filter(pk=bookings.product.pk).update(fields=[question])
    first, last = bookings.slots(), bookings.slots()
    missing = book(reception, bookings, last, [name_of(first)], **{"q1-0": "none"})
    shown = missing.content.decode()
    assert missing.status_code == 409 and 'name="q2-0" value=""' in shown and 'name="q1-0" value="none"' in shown
    assert book(reception, bookings, last, [name_of(first)], **{"q1-0": "none", "q2-0": "nuts"}).status_code == 302


def test_two_at_the_same_time_are_asked_about_once_more(reception: Client, bookings: Bookings) -> None:
    first, last = bookings.slots(), bookings.slots()
    asked = book(reception, bookings, last, [name_of(first)], again="")
    assert asked.status_code == 409 and 'name="again" value="yes"' in asked.content.decode()
    assert book(reception, bookings, last, [name_of(first)]).status_code == 302


def test_the_nearest_time_after_what_is_taken_comes_before_any_that_begins_earlier(bookings: Bookings) -> None:
    ask, now = bookings.slots(), timezone.now()
    [row] = ask.result["slots"]
    for minutes in (30, 120):
        starts = dt.datetime.fromisoformat(row["starts"]) + dt.timedelta(minutes=minutes)
        ends = starts + dt.timedelta(hours=1)
        ask.result["slots"].append({**row, "starts": starts.isoformat(), "ends": ends.isoformat()})
    wanted = dt.datetime.fromisoformat(row["ends"])
    early, middle, late = (dt.datetime.fromisoformat(one["starts"]) for one in ask.result["slots"])
    assert [slot.starts_at for slot in slots_near(ask, wanted, now)] == [middle, early, late]
    assert [slot.starts_at for slot in slots_near(ask, wanted, now, onward=True)] == [late, middle, early]
