"""The reading pages of the bookings: the board, the week, the one box, a customer, a booking; what they tell, and what not."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from branches.models import Change, User
from customers.models import ProviderCustomer, Search
from customers.services import purge_searches
from customers.sync import store_customers
from desk.finding import is_voucher
from providers.models import AccountHealth, State
from providers.secrets import Unsealable
from reservations import services
from reservations.models import Ask, Horizon, Reservation
from tests.web.bookings import OMAR, PHONE, WHOLE, Books, day_full, open_books
from tests.web.test_queries import MOST, POLL, questions
from tests.web.world import World, walk

TODAY, WEEK, SEARCH, FIND = "/reservations/", "/reservations/week/", "/customers/", "/find/"


@pytest.fixture(autouse=True)
def in_english(world: World) -> None:
    User.objects.update(language="en")


@pytest.fixture
def books(world: World) -> Books:
    return open_books(world.ours)


def text_of(client: Client, path: str, **asked: str) -> str:
    response = client.get(path, asked)
    assert response.status_code == 200
    return response.content.decode()


def cards(page: str) -> list[str]:
    """What stands on each card of the board, without its marks."""
    found = re.findall(r'<li class="slot.*?</li>', page, re.DOTALL)
    return [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", card)).strip() for card in found]


# The board --------------------------------------------------------------------------------------------------------------


def test_the_board_says_who_is_here_who_is_late_who_owes(books: Books, reception: Client) -> None:
    day_full(books)
    told = cards(text_of(reception, TODAY))
    wanted = {"In service": 1, "Waiting here": 1, "minutes late": 1, "Visit done": 1, "Cancelled": 1, "Left to pay:": 2}
    assert {words: sum(words in card for card in told) for words in wanted} == wanted
    assert all("Paid" not in card for card in told if "Cancelled" in card)
    [late] = [card for card in told if "minutes late" in card]
    assert "Omar Ali" in late and "300.00 SAR" in late


@pytest.mark.parametrize(("show", "count"), [("all", 5), ("late", 1), ("waiting", 1), ("owes", 2), ("nonsense", 5)])
def test_a_tile_shows_only_those(books: Books, reception: Client, show: str, count: int) -> None:
    day_full(books)
    assert len(cards(text_of(reception, TODAY, show=show))) == count


def test_one_practitioner_after_another(books: Books, reception: Client) -> None:
    day_full(books)
    page = text_of(reception, TODAY, by="practitioner")
    assert page.count('<section class="panel" aria-labelledby="p-') == 1 and page.count("/reservations/") > 5
    assert not cards(page)


@pytest.mark.parametrize("day", ["x", "0001-01-01", "9999-12-31", "2026-02-30", ""])
def test_a_day_that_is_none_is_today(books: Books, reception: Client, day: str) -> None:
    books.known(minutes=30)
    assert len(cards(text_of(reception, TODAY, day=day))) == 1
    assert "Saturday" in text_of(reception, WEEK, day=day)


def test_an_empty_day_and_a_mirror_that_was_never_read(books: Books, reception: Client) -> None:
    page = text_of(reception, TODAY, day="2040-01-01")
    assert "No appointments on this day." in page and "Never read" in page


def test_old_news_is_grey_then_red(books: Books, reception: Client) -> None:
    books.known()
    for age, css in ((0, 'class="asof"'), (4, "asof-stale"), (30, "asof-old")):
        Reservation.objects.update(seen_at=timezone.now() - dt.timedelta(hours=age))
        assert css in text_of(reception, TODAY)


def test_while_the_provider_is_away_the_board_stays_with_its_age(books: Books, reception: Client) -> None:
    day_full(books)
    now = timezone.now()
    AccountHealth.objects.create(account=books.account, failures=9, failing_since=now, open_until=now + dt.timedelta(1))
    page = text_of(reception, TODAY)
    assert "Rekaz is not answering." in page and "what was read last" in page and len(cards(page)) == 5


def test_another_branch_sees_none_of_it_and_has_no_such_menu(books: Books, world: World) -> None:
    row, client = books.known(), world.client("seller")
    assert "No appointments on this day." in text_of(client, TODAY)
    assert client.get(f"/reservations/{row.pk}/").status_code == 404
    home = text_of(client, "/")
    assert 'data-key="F3"' not in home and 'action="/vouchers/lookups/"' in home


def test_the_menu_and_the_box_know_that_this_branch_books(books: Books, world: World) -> None:
    for role, keys in (("receptionist", 1), ("accountant", 1), ("admin", 0)):
        home = text_of(world.client(role), "/")
        assert home.count('data-key="F3"') == home.count('data-key="F4"') == keys
        assert ('action="/find/"' in home) == bool(keys)


def test_the_week_counts_and_leads_to_its_days(books: Books, world: World, reception: Client) -> None:
    day_full(books)
    today = world.ours.branch.business_date(timezone.now())
    page = text_of(reception, WEEK)
    assert f"/reservations/?day={today}" in page and 'aria-current="date"' in page
    assert "<b>5</b>" in page


def test_what_comes_next_is_asked_for_in_one_question(books: Books, reception: Client) -> None:
    rows = day_full(books)
    response = reception.post(f"{TODAY}refresh/", {"by": "hour"})
    ask = Ask.objects.get()
    assert response["Location"].endswith(f"asked={ask.pk}")
    assert set(ask.given["ids"]) == {rows[name].external_id for name in ("served", "waits", "late")}
    page = reception.get(response["Location"]).content.decode()
    assert "Asking the booking system" in page and 'http-equiv="refresh"' in page, "without JavaScript too"
    again = reception.get(response["Location"], {"seen": "waiting"} | {"asked": str(ask.pk)}, headers=POLL)
    assert again.status_code == 204


# The one box ------------------------------------------------------------------------------------------------------------

CODES = ("VCL6C5944NO4058", "vcl6c5944no4058", "VCL6C59", "٦VCL", "hello 0/1 world", "../x1")
PEOPLE = ("0500000001", "+966 50 000 0001", "٠٥٠٠٠٠٠٠٠١", "123700", "سارة", "Omar Ali", "omar", "MOHAMMED", "x", "../x")


@pytest.mark.parametrize("typed", CODES)
def test_a_code_stays_a_code(books: Books, typed: str) -> None:
    assert is_voucher(typed, books.corner.branch)


@pytest.mark.parametrize("typed", PEOPLE)
def test_a_phone_a_number_or_a_name_is_somebody(books: Books, typed: str) -> None:
    assert not is_voucher(typed, books.corner.branch)


@pytest.mark.parametrize(
    ("typed", "code"), [("dF54GFd7", True), ("12345678", True), ("Benjamin", False), ("0661234501", False)]
)
def test_eight_letters_are_a_code_unless_they_are_written_like_a_name(world: World, typed: str, code: bool) -> None:
    assert is_voucher(typed, world.shop.branch) == code


def test_the_box_finds_a_voucher_or_a_person(books: Books, reception: Client) -> None:
    assert reception.post(FIND, {"q": "VCL6C5944NO4058"})["Location"].startswith("/vouchers/lookups/")
    assert reception.post(FIND, {"q": PHONE})["Location"].startswith("/customers/searches/")
    assert reception.post(FIND, {"q": ""}).status_code == 422


def test_no_phone_is_in_an_address_a_column_or_a_log(
    books: Books, reception: Client, logged: Callable[[], str]
) -> None:
    response = reception.post(FIND, {"q": PHONE})
    address = response["Location"]
    page = text_of(reception, address)
    assert PHONE[1:] not in address and PHONE[1:] not in logged()
    assert WHOLE not in page, "a list shows masked phones"
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM customers_search")
        assert PHONE.encode() not in b"".join(bytes(cell) for cell in cursor.fetchone() if isinstance(cell, memoryview))


def test_a_search_is_sealed_to_its_row_and_goes_after_a_day(books: Books) -> None:
    one, other = books.search(), books.search("سارة")
    assert (one.typed, other.typed) == (PHONE, "سارة")
    other.sealed_typed = one.sealed_typed
    with pytest.raises(Unsealable):
        _ = other.typed
    assert purge_searches(now=timezone.now()) == 0
    assert purge_searches(now=timezone.now() + dt.timedelta(days=2)) == 2


def test_a_family_is_listed_whole_and_nobody_is_chosen(books: Books, reception: Client) -> None:
    for name in ("أحمد", "ليلى", "نورة", "فهد"):
        books.book.add_customer(name, WHOLE)
    store_customers(books.account, list(books.book.customers.values()), timezone.now())
    page = text_of(reception, f"/customers/searches/{books.search().pk}/")
    assert "5 people share this number." in page and page.count("/customers/") >= 5
    assert 'data-focus-once="found"' not in page, "not even the focus chooses"


def test_nobody_here_offers_the_question_to_the_provider(books: Books, reception: Client) -> None:
    search = books.search("0599999999")
    page = text_of(reception, f"/customers/searches/{search.pk}/")
    assert "Nobody here fits" in page and "Ask the booking system" in page
    response = reception.post(f"/customers/searches/{search.pk}/ask/")
    ask = Ask.objects.get()
    assert ask.kind == Ask.Kind.CUSTOMERS and ask.given == {"phone": "+966599999999"}
    assert "99999999" not in response["Location"]
    Ask.objects.update(state=Ask.State.ANSWERED, answered_at=timezone.now(), next_at=None)
    assert "knows nobody with this number" in reception.get(response["Location"]).content.decode()


def test_a_name_is_not_asked_for_and_a_strange_place_leads_to_the_first_page(books: Books, reception: Client) -> None:
    search = books.search("زبير")
    assert "Ask the booking system" not in text_of(reception, f"/customers/searches/{search.pk}/")
    assert reception.post(f"/customers/searches/{search.pk}/ask/").status_code == 409
    assert reception.get(f"/customers/searches/{search.pk}/", {"after": "1 OR 1=1"}).status_code == 302
    assert reception.get(f"/customers/{books.customer.pk}/", {"after": "x"}).status_code == 302


# One customer, one booking -----------------------------------------------------------------------------------------------


def test_a_customer_has_what_comes_what_was_and_what_runs(books: Books, reception: Client) -> None:
    books.known(minutes=60 * 24 * 3)
    books.known(minutes=-60 * 24 * 3)
    books.subscription(paused_at=timezone.now() + dt.timedelta(days=3), resume_at=timezone.now() + dt.timedelta(days=9))
    books.known(OMAR, minutes=10)
    page = text_of(reception, f"/customers/{books.customer.pk}/")
    assert page.count("Facial") == 2
    assert "30 days left" in page and "Pause planned from" in page and "Running" in page and "Paused until" not in page


def test_the_whole_phone_is_shown_on_request_and_noted(books: Books, world: World, reception: Client) -> None:
    row = books.customer
    assert WHOLE not in text_of(reception, f"/customers/{row.pk}/")
    assert WHOLE in reception.post(f"/customers/{row.pk}/phone/").content.decode()
    change = Change.objects.filter(pgh_label="phone_shown").get()
    assert change.pgh_context["url"] == f"/customers/{row.pk}/phone/"
    assert change.pgh_context["user"] == str(world.people["receptionist"].pk)
    assert world.client("accountant").post(f"/customers/{row.pk}/phone/").status_code == 403


def test_refreshing_polls_and_a_failure_keeps_the_old_value_with_its_age(books: Books, reception: Client) -> None:
    row = books.known()
    for path in (f"/reservations/{row.pk}/", f"/customers/{books.customer.pk}/"):
        response = reception.post(f"{path}refresh/")
        assert response["Location"].startswith(f"{path}?asked=")
        Ask.objects.update(state=Ask.State.FAILED, refusal_code="no_answer", answered_at=timezone.now(), next_at=None)
        page = reception.get(response["Location"]).content.decode()
        assert "The booking system is not answering" in page and "As of" in page and "Facial" in page


def test_a_page_tells_what_we_did(books: Books, world: World, reception: Client) -> None:
    row, subscription = books.known(), books.subscription()
    now, place = timezone.now(), services.Place(world.ours.clerk, world.ours.branch, world.ours.till)
    act = services.check_in(row, place, now=now)
    for path in (f"/reservations/{row.pk}/", f"/customers/{books.customer.pk}/"):
        page = text_of(reception, path)
        assert act.operation.reference in page and "Being sent" in page
    assert act.operation.reference not in text_of(reception, f"/reservations/subscriptions/{subscription.pk}/")


def test_names_that_attack_are_text(books: Books, reception: Client) -> None:
    attack = "<img src=x onerror=alert(1)>"
    row = books.known(product_name=attack, customer_name=attack, cancellation_reason=attack, payment_status=attack)
    ProviderCustomer.objects.update(name=attack)
    pages = ("/reservations/", f"/reservations/{row.pk}/", f"/customers/{books.customer.pk}/")
    for path in pages:
        page = text_of(reception, path)
        assert "<img" not in page and "&lt;img" in page


# What they cost ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("many", [1, 40])
def test_every_page_asks_few_questions_however_many_come(books: Books, world: World, many: int) -> None:
    row, subscription, now = books.known(), books.subscription(), timezone.now()
    for n in range(many):
        books.known(minutes=n)
    place = services.Place(world.ours.clerk, world.ours.branch, world.ours.till)
    here = services.check_in(row, place, now=now)
    walk(here.operation, State.SUCCEEDED)  # may be undone
    Horizon.objects.create(branch=world.ours.branch, until=now, found_at=now, tried_at=now)
    ask = services.refresh_customer(books.customer, place, now=now)
    asked = {}
    for role in ("receptionist", "manager"):
        client = world.client(role)
        for path in (
            *(TODAY, f"{TODAY}?by=practitioner", WEEK, SEARCH, f"/customers/searches/{books.search().pk}/"),
            *(f"/customers/{books.customer.pk}/", f"/reservations/{row.pk}/"),
            f"/reservations/subscriptions/{subscription.pk}/",
            *(f"{TODAY}?asked={ask.pk}", f"/customers/{books.customer.pk}/?asked={ask.pk}"),
            f"/reservations/{row.pk}/?asked={ask.pk}",
        ):
            response, statements = questions(client.get, path)
            assert response.status_code == 200
            asked[role, path] = len(statements)
    assert {key: count for key, count in asked.items() if count > MOST} == {}, asked


def test_only_searches_of_ones_own_branch_are_found(books: Books, world: World) -> None:
    search = books.search()
    assert world.client("seller").get(f"/customers/searches/{search.pk}/").status_code == 404
    assert Search.objects.count() == 1
