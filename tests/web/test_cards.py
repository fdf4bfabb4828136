"""Pages of cards and visits: what they show, what they ask the database, and what a form may do."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from branches.models import Change, User
from customers.models import ProviderCustomer
from loyalty.models import Act, Ask, Holding
from providers.models import State
from tests.web.booking_corner import open_bookings
from tests.web.card_corner import PROGRAM, Cards, open_cards
from tests.web.test_cards_on_the_desk import clerk, plain
from tests.web.test_queries import questions
from tests.web.world import World, walk

MOST, MANY = 12, 40
WITHDRAWN = {"id": "1", "movement": "withdrawal", "amount": "60", "program": ""}


@pytest.fixture
def cards(world: World) -> Cards:
    User.objects.update(language="en")
    return open_cards(world.ours)


@pytest.fixture
def who(world: World, cards: Cards) -> Client:
    return clerk(world)


def visited(cards: Cards, **more: Any) -> tuple[str, str]:
    """The page of a visit of today with its bill, and that of paying with a card of the same customer."""
    row, card = cards.appointment(), cards.card("60")
    cards.bill(row, **more)
    return f"/loyalty/visits/{row.pk}/", f"/loyalty/visits/{row.pk}/points/{card.pk}/"


# What they ask --------------------------------------------------------------------------------------------------------


def crowd(cards: Cards, number: int) -> dict[str, str]:
    row, card = cards.appointment(), cards.card()
    cards.bill(row)
    for _ in range(number):
        cards.card()
        cards.movement(card)
        cards.bill(cards.appointment())
        act = cards.withdrawal(State.SUCCEEDED)
        Act.objects.filter(pk=act.pk).update(visit_id=row.visit_id, card_id=card.external_id)
    points = f"/loyalty/visits/{row.pk}/points/{card.pk}/"
    return {
        "day": "/loyalty/",
        "customer": f"/loyalty/customers/{cards.customer.pk}/",
        "card": f"/loyalty/cards/{card.pk}/",
        "visit": f"/loyalty/visits/{row.pk}/",
        "amount": points,
        "confirm": f"{points}confirm/?amount=5",
        "discount": f"/loyalty/visits/{row.pk}/discounts/{card.pk}/{PROGRAM}/",
        "referrer": f"/loyalty/visits/{row.pk}/referral/{cards.referrer().pk}/",
        "types": f"/loyalty/customers/{cards.customer.pk}/issue/{cards.types(cards.customer).pk}/",
    }


@pytest.mark.parametrize("number", [1, MANY])
def test_every_page_asks_few_questions_however_much_there_is(cards: Cards, who: Client, number: int) -> None:
    for name, path in crowd(cards, number).items():
        answer, asked = questions(who.get, path)
        assert answer.status_code == 200, name
        assert len(asked) <= MOST, (name, len(asked), asked)


# Whose ----------------------------------------------------------------------------------------------------------------


def test_somebody_of_the_cards_is_not_offered_bookings(cards: Cards, who: Client) -> None:
    row = cards.customer
    answer = who.get(f"/customers/{row.pk}/")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/loyalty/customers/{row.pk}/")
    assert who.get(f"/reservations/book/{row.pk}/").status_code == 404
    assert "/reservations/" not in who.get(f"/loyalty/customers/{row.pk}/").content.decode()


def test_somebody_of_the_bookings_has_no_cards(world: World, who: Client) -> None:
    row: ProviderCustomer = open_bookings(world.ours).customer
    assert who.get(f"/loyalty/customers/{row.pk}/").status_code == 404
    assert who.post(f"/loyalty/customers/{row.pk}/issue/").status_code == 404


def test_a_visit_of_another_place_of_the_account_is_not_found(cards: Cards, who: Client) -> None:
    row = cards.appointment(place_id="4565")
    assert who.get(f"/loyalty/visits/{row.pk}/").status_code == 404
    assert f"/loyalty/visits/{row.pk}/" not in who.get("/loyalty/").content.decode()


def test_nobody_pays_with_the_card_of_another(cards: Cards, who: Client) -> None:
    row, card = cards.appointment(), cards.card(customer=cards.client("هند"))
    cards.bill(row)
    assert who.get(f"/loyalty/visits/{row.pk}/points/{card.pk}/").status_code == 404


@pytest.mark.parametrize(
    ("hour", "is_today"), [("20:59", False), ("21:00", True), ("20:59+1", True), ("21:00+1", False)]
)
def test_a_day_begins_and_ends_at_midnight_of_the_place(cards: Cards, who: Client, hour: str, is_today: bool) -> None:
    """Of Riyadh: three hours before that of UTC."""
    day = cards.corner.branch.business_date(timezone.now()) + dt.timedelta(days=-1 + hour.count("+1"))
    at = dt.datetime.combine(day, dt.time.fromisoformat(hour[:5]), dt.UTC)
    row = cards.appointment(starts_at=at)
    assert (f"/loyalty/visits/{row.pk}/" in who.get("/loyalty/").content.decode()) == is_today


# What they show -------------------------------------------------------------------------------------------------------


def test_a_bill_that_was_not_read_is_not_guessed(cards: Cards, who: Client) -> None:
    text = plain(who, f"/loyalty/visits/{cards.appointment().pk}/")
    assert "The bill of this visit was not read yet." in text and "Read the bill" in text
    assert "Left to pay" not in text


def test_points_that_were_split_over_the_items_are_one_line_and_may_be_given_back(cards: Cards, who: Client) -> None:
    row, card = cards.appointment(), cards.card("0")
    split = [{**WITHDRAWN, "card": card.external_id, "amount": "40"}]
    split += [{**split[0], "id": "2", "amount": "20"}]
    cards.bill(row, "40", split)
    text = plain(who, f"/loyalty/visits/{row.pk}/")
    assert "Points used in a visit 60.00 points" in text or "60.00 points" in text
    text = plain(who, f"/loyalty/visits/{row.pk}/points/{card.pk}/cancel/")
    assert "40.00 points + 20.00 points" in text and "Give 60.00 points back" in text


def test_what_is_old_says_so(cards: Cards, who: Client) -> None:
    row = cards.client("نورة")
    card = cards.card(customer=row)
    ago = timezone.now() - dt.timedelta(days=2)
    type(card).objects.filter(pk=card.pk).update(seen_at=ago)
    Holding.objects.filter(card_id=card.external_id).update(seen_at=ago)
    assert "asof-old" in who.get(f"/loyalty/customers/{row.pk}/").content.decode()


def test_names_that_attack_are_text(cards: Cards, who: Client) -> None:
    attack = "<img src=x onerror=alert(1)>"
    row = cards.client(attack)
    cards.card(customer=row, type_title=attack)
    page = who.get(f"/loyalty/customers/{row.pk}/").content.decode()
    assert "<img src=x" not in page and "&lt;img src=x" in page


def test_movements_are_paged_by_day_and_those_without_one_come_first(cards: Cards, who: Client) -> None:
    card = cards.card()
    for n in range(25):
        cards.movement(card, str(n + 1), day=None if n < 3 else timezone.localdate() - dt.timedelta(days=n))
    page = f"/loyalty/cards/{card.pk}/"
    first = who.get(page).content.decode()
    assert first.count("Not told") == 3 and 'rel="next"' in first
    older = first.partition('rel="next"')[0].rpartition('href="?')[2].partition('"')[0]
    second = who.get(f"{page}?{older.replace('&amp;', '&')}").content.decode()
    assert second.count('class="lead-cell"') == 5 and 'rel="next"' not in second
    assert who.get(f"{page}?after=nonsense").status_code == 302
    assert who.get(f"{page}?after=2026-99-99:1").status_code == 302


# What a form may do ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["", "0", "-5", "abc", "1.234", "9" * 30])
def test_an_amount_that_is_none_is_asked_for_again_beside_its_field(cards: Cards, who: Client, typed: str) -> None:
    _visit, points = visited(cards)
    answer = who.post(points, {"amount": typed})
    assert answer.status_code == 422 and 'aria-describedby="amount-error"' in answer.content.decode()


def test_more_than_can_be_taken_is_said_before_it_is_asked_for(cards: Cards, who: Client) -> None:
    _visit, points = visited(cards)
    answer = who.post(points, {"amount": "100"})
    text = plain(who, answer.headers["Location"])
    assert "Only 60.00 points can be taken." in text and "Left to pay afterwards40.00 SAR" in text


def test_a_confirmation_without_an_amount_goes_back_to_it(cards: Cards, who: Client) -> None:
    _visit, points = visited(cards)
    assert who.get(f"{points}confirm/").headers["Location"] == points


def test_the_same_form_pressed_twice_is_one_act(cards: Cards, who: Client) -> None:
    _visit, points = visited(cards)
    body = {"amount": "50", "token": str(uuid.uuid4())}
    first, second = (who.post(f"{points}confirm/", body) for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    assert Act.objects.filter(operation__kind="loyalty.withdraw").count() == 1


def test_a_change_on_its_way_hides_what_it_excludes_and_is_shown(cards: Cards, who: Client) -> None:
    visit, points = visited(cards)
    who.post(f"{points}confirm/", {"amount": "50"})
    text = plain(who, visit)
    assert "A change is on its way" in text and "Pay with points" not in text
    refused = who.post(f"{points}confirm/", {"amount": "5"})
    assert refused.status_code == 409 and "Someone is changing this right now" in refused.content.decode()


def test_the_page_waits_until_the_bill_was_read_after_the_last_change(cards: Cards, who: Client) -> None:
    visit, points = visited(cards)
    act_page = who.post(f"{points}confirm/", {"amount": "50"}).headers["Location"]
    act = Act.objects.select_related("operation").get(pk=act_page.split("/")[3])
    walk(act.operation, State.SUCCEEDED)
    page = who.get(visit).content.decode()
    assert "The bill is being read again" in page and "hx-get" in page
    assert who.get(f"{visit}?on=1&seen=behind", headers={"HX-Request": "true"}).status_code == 204


def test_a_refresh_asks_once_and_the_page_waits_for_the_answer(cards: Cards, who: Client) -> None:
    visit, _points = visited(cards)
    answer = who.post(f"{visit}refresh/")
    assert "?asked=" in answer.headers["Location"]
    assert "Asking the loyalty system" in plain(who, answer.headers["Location"])
    [ask] = Ask.objects.filter(kind=Ask.Kind.VISIT)
    Ask.objects.filter(pk=ask.pk).update(state=Ask.State.FAILED, refusal_code="no_answer", next_at=None)
    text = plain(who, answer.headers["Location"])
    assert "The loyalty system is not answering" in text and "The bill" in text


def test_nobody_is_referred_by_their_own_number_or_by_nobody(cards: Cards, who: Client) -> None:
    row = cards.appointment()
    cards.bill(row)
    for ids, words in (([], "Nobody has this number there"), ([cards.customer.external_id], "own number")):
        ask = cards.referrer()
        Ask.objects.filter(pk=ask.pk).update(result={"ids": ids})
        path = f"/loyalty/visits/{row.pk}/referral/{ask.pk}/"
        assert words in plain(who, path)
        assert who.post(path).status_code == 409
    assert not Act.objects.filter(operation__kind="loyalty.referral").exists()


def test_what_they_have_comes_before_what_they_could_get(cards: Cards, who: Client) -> None:
    row = cards.client("منى")
    cards.card(customer=row, type_id="8230")
    path = f"/loyalty/customers/{row.pk}/issue/{cards.types(row).pk}/"
    page = who.get(path).content.decode()
    assert "This customer has a card already." in page and 'name="type"' not in page
    refused = who.post(path, {"type": cards.type.pk})
    assert refused.status_code == 422 and not Act.objects.filter(operation__kind="loyalty.issue_card").exists()
    assert who.post(path, {"type": cards.type.pk, "beside": "yes"}).status_code == 302


@pytest.mark.parametrize(("typed", "status"), [("7400 2231-8890", 302), ("٧٤٠٠٢٢٣١", 302), ("12", 422), ("abc", 422)])
def test_a_number_is_read_as_it_is_printed(cards: Cards, who: Client, typed: str, status: int) -> None:
    row = cards.client("منى")
    path = f"/loyalty/customers/{row.pk}/issue/{cards.types(row).pk}/"
    assert who.post(path, {"type": cards.type.pk, "number": typed}).status_code == status


def test_a_card_is_not_removed_without_a_reason(world: World, cards: Cards) -> None:
    boss, card = world.client("supervisor"), cards.card("60")
    path = f"/loyalty/cards/{card.pk}/remove/"
    text = plain(boss, path)
    assert "Lost with the card" in text and "60.00 points" in text and "This cannot be undone." in text
    assert boss.post(path).status_code == 422
    assert boss.post(path, {"reason": "other"}).status_code == 422
    assert boss.post(path, {"reason": "other", "words": "The dog ate it"}).status_code == 302


def test_a_whole_number_is_shown_once_and_noted(cards: Cards, who: Client) -> None:
    path = f"/loyalty/customers/{cards.customer.pk}/"
    assert "501234567" not in who.get(path).content.decode()
    assert "+966501234567" in who.post(f"{path}phone/").content.decode()
    assert Change.objects.filter(pgh_label="phone_shown").exists()
