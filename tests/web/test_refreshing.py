"""“Refresh here”: what is shown gets young when they answer, and keeps its age, and all that is known, when they do not."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from branches.models import User
from customers.models import ProviderCustomer
from providers import registry
from providers.contracts.bookings import ReservationStatus
from providers.models import Discrepancy
from reservations import selectors, services
from reservations.models import Ask, Reservation, Subscription
from tests.web.bookings import SARA, Books, open_books
from tests.web.world import World

HOURS = dt.timedelta(hours=5)
AS_OF = re.compile(r'class="asof[^"]*">.*?<time datetime="([^"]+)"', re.DOTALL)
PAGES: dict[str, Callable[[Books], str]] = {
    "a reservation": lambda books: f"/reservations/{Reservation.objects.get().pk}/",
    "a subscription": lambda books: f"/reservations/subscriptions/{Subscription.objects.get().pk}/",
    "a customer": lambda books: f"/customers/{books.customer.pk}/",
}


@pytest.fixture
def books(world: World, monkeypatch: pytest.MonkeyPatch) -> Books:
    """One booking, one subscription, last seen five hours ago; the provider is asked in earnest."""
    User.objects.update(language="en")
    found = open_books(world.ours)
    monkeypatch.setitem(registry._BOOKINGS, "rekaz", lambda http, account, place: found.book)
    found.known()
    found.subscription()
    for model in (Reservation, Subscription, ProviderCustomer):
        model.objects.update(seen_at=timezone.now() - HOURS)
    return found


def refresh(client: Client, path: str) -> str:
    """The page after a worker has asked."""
    waiting = client.post(f"{path}refresh/")["Location"]
    assert "Asking the booking system" in client.get(waiting).content.decode()
    for ask in selectors.asks_due():
        services.answer_ask(ask)
    return str(client.get(waiting).content.decode())


def as_of(page: str) -> dt.datetime:
    found = AS_OF.search(page)
    assert found
    return dt.datetime.fromisoformat(found[1])


def known() -> list[dict[str, Any]]:
    return [
        row for model in (Reservation, Subscription, ProviderCustomer) for row in model.objects.order_by("pk").values()
    ]


@pytest.mark.parametrize("name", PAGES)
def test_when_they_answer_the_page_is_as_of_now(books: Books, reception: Client, name: str) -> None:
    path = PAGES[name](books)
    assert timezone.now() - as_of(reception.get(path).content.decode()) >= HOURS
    page = refresh(reception, path)
    assert timezone.now() - as_of(page) < dt.timedelta(minutes=1)
    assert 'role="alert"' not in page


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        ("away", "The booking system is not answering"),
        ("nonsense", "The booking system gave an answer that we cannot read"),
    ],
)
@pytest.mark.parametrize("name", PAGES)
def test_when_they_do_not_it_is_said_nothing_is_lost_and_the_age_stands(
    books: Books, reception: Client, name: str, trouble: str, words: str
) -> None:
    path = PAGES[name](books)
    before, age = known(), as_of(reception.get(path).content.decode())
    setattr(books.book, trouble, True)
    page = refresh(reception, path)
    assert words in page and as_of(page) == age
    assert known() == before
    assert Discrepancy.objects.filter(kind=Discrepancy.Kind.CONTRACT).count() == (trouble == "nonsense")


@pytest.mark.parametrize("name", ["a reservation", "a subscription"])
def test_what_they_do_not_know_any_more_is_said_and_kept_with_its_age(
    books: Books, reception: Client, name: str
) -> None:
    path = PAGES[name](books)
    before, age = known(), as_of(reception.get(path).content.decode())
    books.book.bookings.clear()
    books.book.contracts.clear()
    page = refresh(reception, path)
    assert "The booking system does not know it any more" in page and as_of(page) == age
    assert known() == before


def test_what_changed_there_is_what_is_shown(books: Books, reception: Client) -> None:
    row = Reservation.objects.get()
    books.book.change(row.external_id, status=ReservationStatus.CONFIRMED)
    assert "Confirmed" in refresh(reception, PAGES["a reservation"](books))


def test_the_board_is_refreshed_with_the_same_words(books: Books, reception: Client) -> None:
    books.known(SARA, minutes=30)
    books.book.away = True
    page = refresh(reception, "/reservations/")
    assert "The booking system is not answering" in page and "Facial" in page


def test_the_same_page_twice_asks_twice_and_answers_each_once(books: Books, reception: Client) -> None:
    path = PAGES["a reservation"](books)
    refresh(reception, path)
    refresh(reception, path)
    assert [ask.state for ask in Ask.objects.all()] == [Ask.State.ANSWERED] * 2
