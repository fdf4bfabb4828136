"""Another time, and with whom: who it is with now stays unless somebody else is chosen, and only who is free can be."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from branches.models import User
from reservations.models import Act, Ask, Reservation
from tests.web.booking_corner import Bookings, open_bookings
from tests.web.world import World

SALMA, OMAR, LINA = ({"id": f"dr-{n}", "name": name} for n, name in enumerate(("Dr Salma", "Dr Omar", "Dr Lina"), 1))


@pytest.fixture
def bookings(world: World) -> Bookings:
    User.objects.update(language="en")
    found = open_bookings(world.ours)
    found.product.practitioners = [SALMA, OMAR, LINA]
    found.product.save(update_fields=["practitioners"])
    return found


@pytest.fixture
def row(bookings: Bookings) -> Reservation:
    return bookings.reservation(practitioners=[SALMA])


def times(bookings: Bookings, *free: str, asked: tuple[str, ...] = ("dr-1",)) -> Ask:
    """Answered: one time, at which these are free."""
    ask = bookings.slots()
    ask.result["slots"][0]["practitioners"] = list(free)
    ask.seal_given(ask.given | {"practitioners": list(asked)})
    ask.save()
    return ask


def offered(client: Client, path: str) -> tuple[list[str], str]:
    """The keys of the choice of practitioners, and the one that is chosen."""
    page = client.get(path).content.decode()
    found = re.search(r'<select[^>]*name="practitioner".*?</select>', page, re.DOTALL)
    if not found:
        return [], ""
    keys = re.findall(r'<option value="([^"]*)"', found[0])
    return keys, next(iter(re.findall(r'<option value="([^"]*)" selected', found[0])), keys[0])


def when(row: Reservation) -> str:
    return reverse("reservations:reschedule", args=[row.pk])


def yes(row: Reservation, ask: Ask) -> str:
    return reverse("reservations:move", args=[row.pk, ask.pk, 0])


def asked_with() -> list[str]:
    return list(Ask.objects.latest("created_at").given["practitioners"])


def test_who_it_is_with_now_is_asked_for_unless_somebody_else_is_chosen(reception: Client, row: Reservation) -> None:
    assert offered(reception, when(row)) == (["", "dr-3", "dr-2", "any"], "")
    assert "Dr Salma, as now" in reception.get(when(row)).content.decode()
    for given, ids in (({}, ["dr-1"]), ({"practitioner": "dr-2"}, ["dr-2"]), ({"practitioner": "any"}, [])):
        assert reception.post(when(row), given).status_code == 302
        assert asked_with() == ids


@pytest.mark.parametrize("given", ["dr-9", "<script>", "x" * 200])
def test_nobody_is_asked_for_who_does_not_give_the_service(reception: Client, row: Reservation, given: str) -> None:
    assert reception.post(when(row), {"practitioner": given}).status_code in (409, 422)
    assert not Ask.objects.exists()


def test_later_days_are_asked_for_with_the_same_one(bookings: Bookings, reception: Client, row: Reservation) -> None:
    for asked, kept in ((("dr-1",), ""), (("dr-2",), "dr-2"), ((), "any")):
        ask = times(bookings, "dr-1", asked=asked)
        page = reception.get(reverse("reservations:move_times", args=[row.pk, ask.pk])).content.decode()
        assert f'<input type="hidden" name="practitioner" value="{kept}">' in page


@pytest.mark.parametrize(
    ("free", "asked", "keys", "chosen"),
    [
        (("dr-1", "dr-2"), ("dr-1",), ["", "dr-2"], ""),
        (("dr-1", "dr-2"), ("dr-2",), ["", "dr-2"], "dr-2"),
        (("dr-2", "dr-3"), ("dr-3",), ["dr-3", "dr-2"], "dr-3"),
        (("dr-1", "dr-2"), (), ["", "dr-2"], ""),
        (("dr-2",), (), ["dr-2"], "dr-2"),
        (("dr-1",), ("dr-1",), [], ""),
        ((), ("dr-1",), ["", "dr-3", "dr-2"], ""),
    ],
)
def test_at_a_time_those_are_offered_who_are_free_then(
    bookings: Bookings, reception: Client, row: Reservation, free: Any, asked: Any, keys: list[str], chosen: str
) -> None:
    assert offered(reception, yes(row, times(bookings, *free, asked=asked))) == (keys, chosen)


def test_the_press_says_with_whom(bookings: Bookings, reception: Client, row: Reservation) -> None:
    path = yes(row, times(bookings, "dr-1", "dr-2"))
    assert reception.post(path, {"practitioner": "dr-2"}).status_code == 302
    act = Act.objects.get()
    assert (act.asked["with"], act.asked["with_names"], act.asked["were_with"]) == (["dr-2"], ["Dr Omar"], ["Dr Salma"])
    page = reception.get(reverse("reservations:act", args=[act.pk])).content.decode()
    assert "Dr Omar" in page and "Practitioner until now" in page
    again = reception.post(path, {"practitioner": "dr-2"})
    assert again["Location"] == reverse("reservations:act", args=[act.pk])


def test_without_a_choice_nothing_is_said_of_practitioners(
    bookings: Bookings, reception: Client, row: Reservation
) -> None:
    assert reception.post(yes(row, times(bookings, "dr-1", "dr-2"))).status_code == 302
    assert not {"with", "were_with"} & set(Act.objects.get().asked)


@pytest.mark.parametrize("given", ["dr-3", "dr-9", "<script>"])
def test_who_is_not_free_then_is_refused_before_anything_is_opened(
    bookings: Bookings, reception: Client, row: Reservation, given: str
) -> None:
    answer = reception.post(yes(row, times(bookings, "dr-1", "dr-2")), {"practitioner": given})
    assert answer.status_code == 422 and "This practitioner is not free then" in answer.content.decode()
    assert not Act.objects.exists()


def test_who_is_away_then_cannot_be_kept(bookings: Bookings, reception: Client, row: Reservation) -> None:
    path = yes(row, times(bookings, "dr-2", asked=()))
    assert reception.post(path).status_code == 422
    assert reception.post(path, {"practitioner": "dr-2"}).status_code == 302
