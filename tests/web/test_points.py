"""Points by hand on the screen: a form, a confirm card, an act or a proposal, and who may decide about it (S10)."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from branches.models import User
from branches.roles import Role
from loyalty.models import Act, Card, Limit, Proposal
from providers.models import State
from tests.signed_in import sign_in
from tests.web.card_corner import Cards, open_cards
from tests.web.test_queries import MOST, questions
from tests.web.world import World, browser

MOST_TO_DECIDE = 14  # with what was done to the card before
FORM = {"amount": "20", "reason": "goodwill", "scope": "location"}


@pytest.fixture
def cards(world: World) -> Cards:
    User.objects.update(language="en")
    return open_cards(world.ours)


def clerk(world: World, ago: int = 0) -> Client:
    return sign_in(browser(), world.ours.clerk, ago=ago)


def address(card: Card, verb: str = "give") -> str:
    return reverse(f"loyalty:{verb}", args=[card.pk])


def body(client: Client, path: str) -> str:
    return client.get(path).content.decode()


def press(client: Client, card: Card, verb: str = "give", **more: str) -> Any:
    return client.post(address(card, verb), {**FORM, "token": str(uuid.uuid4()), **more})


def page_of(proposal: Proposal) -> str:
    return reverse("loyalty:proposal", args=[proposal.pk])


# The form -------------------------------------------------------------------------------------------------------------


def test_the_form_says_what_is_on_the_card_and_what_one_may_still_move(world: World, cards: Cards) -> None:
    text = body(clerk(world), address(cards.card("60")))
    for words in ("60.00", "You alone, at once", "50.00", "You may still move today", "200.00"):
        assert words in text


def test_the_first_press_changes_nothing_and_shows_what_it_will_be(world: World, cards: Cards) -> None:
    response = press(clerk(world), cards.card("60"))
    text = response.content.decode()
    assert (response.status_code, Act.objects.count()) == (200, 0)
    for words in ("Give", "20.00", "On the card then", "80.00", "Left for you today afterwards", "180.00"):
        assert words in text
    assert "second person" not in text


def test_the_second_press_opens_one_act_however_often_it_is_pressed(world: World, cards: Cards) -> None:
    card, client, token = cards.card("60"), clerk(world), str(uuid.uuid4())
    for _press in range(2):
        response = press(client, card, yes="1", token=token)
        assert response.headers["Location"] == reverse("loyalty:act", args=[Act.objects.get().pk])
    assert Act.objects.get().requested == 20


def test_taking_has_its_own_button_and_nobody_types_a_sign(world: World, cards: Cards) -> None:
    card, client = cards.card("60"), clerk(world)
    assert press(client, card, amount="-20").status_code == 422
    press(client, card, "take", yes="1")
    assert Act.objects.get().requested == -20


@pytest.mark.parametrize("typed", ["", "0", "-1", "1.234", "abc", "1e5", "100000.01", "٠", "9" * 39])
def test_an_amount_that_is_none_is_said_beside_it(world: World, cards: Cards, typed: str) -> None:
    response = press(clerk(world), cards.card(), amount=typed)
    assert response.status_code == 422
    assert "Type a number above zero, with two decimals at most." in response.content.decode()


def test_arabic_digits_are_read(world: World, cards: Cards) -> None:
    press(clerk(world), cards.card(), amount="٢٠٫٥", yes="1")
    assert Act.objects.get().requested == Decimal("20.5")


def test_another_reason_needs_a_note(world: World, cards: Cards) -> None:
    card, client = cards.card(), clerk(world)
    response = press(client, card, reason="other")
    assert (response.status_code, "Write in the note what the reason is." in response.content.decode()) == (422, True)
    press(client, card, reason="other", note="The till was down", yes="1")
    assert Act.objects.get().note == "The till was down"


def test_what_was_typed_is_still_there_after_a_problem_and_on_the_way_back(world: World, cards: Cards) -> None:
    card, client = cards.card("60"), clerk(world)
    for more in ({"amount": "x"}, {"change": "1"}):
        text = press(client, card, note="Long wait", reason="missed", **more).content.decode()
        assert 'value="Long wait"' in text and 'value="missed" required checked' in text


def test_more_than_the_card_has_is_not_taken(world: World, cards: Cards) -> None:
    response = press(clerk(world), cards.card("10"), "take")
    assert response.status_code == 422
    assert "There are not as many points on the card." in response.content.decode()


def test_more_than_a_day_allows_is_said_with_figures(world: World, cards: Cards) -> None:
    response = press(clerk(world), cards.card(), amount="201")
    assert response.status_code == 422
    text = response.content.decode()
    assert "This is more than you may move today." in text and "200.00" in text


def test_where_nobody_may_agree_nothing_is_proposed(world: World, cards: Cards) -> None:
    for role in (Role.SUPERVISOR, Role.MANAGER):
        Limit.objects.create(branch=world.ours.branch, role=role, alone=1, a_day=1)
    response = press(clerk(world), cards.card(), amount="60", yes="1")
    assert response.status_code == 422
    assert "Nobody at this branch may agree to so many points." in response.content.decode()
    assert not Proposal.objects.exists()


# A second person ------------------------------------------------------------------------------------------------------


def test_over_the_limit_it_says_before_sending_that_a_second_person_must_agree(world: World, cards: Cards) -> None:
    card, client, token = cards.card("60"), clerk(world), str(uuid.uuid4())
    text = press(client, card, amount="60", token=token).content.decode()
    for words in ("A second person must agree first.", "Who may agree:", "Propose", "50.00"):
        assert words in text
    for _press in range(2):
        response = press(client, card, amount="60", token=token, yes="1")
        assert response.headers["Location"] == page_of(Proposal.objects.get())
    assert not Act.objects.exists()


def test_whoever_proposed_it_sees_that_somebody_else_decides_and_may_take_it_back(world: World, cards: Cards) -> None:
    proposal, client = cards.proposal(), clerk(world)
    text = body(client, page_of(proposal))
    assert "Nobody agrees to their own proposal: somebody else decides." in text
    assert "Agree, and give" not in text and "Decline" not in text
    client.post(reverse("loyalty:take_back", args=[proposal.pk]))
    proposal.refresh_from_db()
    assert proposal.state == "withdrawn"


def test_a_supervisor_does_not_agree_to_her_own(world: World, cards: Cards) -> None:
    proposal = cards.proposal(actor=world.people["supervisor"], amount="400")
    client = world.client("supervisor")
    assert "Agree, and give" not in body(client, page_of(proposal))
    response = client.post(reverse("loyalty:agree", args=[proposal.pk]))
    assert response.status_code == 409
    assert "Nobody agrees to their own proposal" in response.content.decode()


def test_the_decision_has_everything_in_view(world: World, cards: Cards) -> None:
    proposal = cards.proposal()
    text = body(world.client("supervisor"), page_of(proposal))
    for words in ("Waited for an hour", "Goodwill after a complaint", "100.00", "160.00", str(proposal.actor)):
        assert words in text
    assert "Moved by this person today" in text and "Agree, and give" in text


def test_who_agrees_proves_who_she_is_and_then_it_is_sent(world: World, cards: Cards) -> None:
    proposal = cards.proposal()
    path = reverse("loyalty:agree", args=[proposal.pk])
    stale = sign_in(browser(), world.people["supervisor"], ago=11 * 60)
    assert stale.post(path).headers["Location"].startswith("/accounts/again/?next=/loyalty/proposals/")
    assert not Act.objects.exists()
    response = world.client("supervisor").post(path)
    assert response.headers["Location"] == reverse("loyalty:act", args=[Act.objects.get().pk])
    assert Act.objects.get().operation.actor == world.ours.clerk


def test_over_her_own_limit_she_reads_so_and_the_button_is_not_there(world: World, cards: Cards) -> None:
    text = body(world.client("supervisor"), page_of(cards.proposal(amount="400")))
    assert "This is more than you may agree to." in text and "Agree, and give" not in text
    assert "Decline" in text


def test_who_declines_says_why_and_it_comes_back_as_a_notice(world: World, cards: Cards) -> None:
    proposal, boss = cards.proposal(), world.client("supervisor")
    path = reverse("loyalty:decline", args=[proposal.pk])
    assert boss.post(path).status_code == 422
    boss.post(path, {"note": "She got them in June"})
    desk = body(clerk(world), "/")
    assert "She got them in June" in desk and "Declined" in desk
    clerk(world).post(reverse("loyalty:proposal_aside", args=[proposal.pk]))
    assert "She got them in June" not in body(clerk(world), "/")


def test_it_waits_on_the_desk_and_in_the_menu_of_who_may_decide(world: World, cards: Cards) -> None:
    cards.proposal()
    cards.proposal(actor=world.people["supervisor"], amount="400")
    desk = body(world.client("supervisor"), "/")
    assert 'id="proposal-count">1</span>' in desk
    assert "Waits for you or another supervisor." in desk and "Somebody else decides." in desk
    assert "proposal-count" not in body(clerk(world), "/")
    assert "Points for a second person" in body(world.client("supervisor"), reverse("loyalty:proposals"))


def test_a_poll_of_a_waiting_proposal_says_nothing_until_it_is_decided(world: World, cards: Cards) -> None:
    proposal, client = cards.proposal(), clerk(world)
    path = f"{page_of(proposal)}?part&seen=waiting"
    assert client.get(path, headers={"HX-Request": "true"}).status_code == 204
    world.client("supervisor").post(reverse("loyalty:agree", args=[proposal.pk]))
    assert client.get(path, headers={"HX-Request": "true"}).status_code == 200


# All pages ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["ar", "fr", "en"])
def test_every_page_asks_few_questions(world: World, cards: Cards, language: str) -> None:
    User.objects.update(language=language)
    client, proposal = world.client("manager"), cards.proposal()
    cards.points(State.SUCCEEDED)
    for _n in range(3):
        cards.movement(cards.card())
    pages = [page_of(proposal), reverse("loyalty:proposals"), reverse("loyalty:owed"), reverse("loyalty:owed_rows")]
    pages += [address(cards.card(), verb) for verb in ("give", "take")]
    pages += [f"{reverse('loyalty:owed_rows')}?what={what}" for what in ("given", "used", "person", "cards")]
    client.get("/")
    for path in pages:
        response, asked = questions(client.get, path)
        assert response.status_code == 200, path
        most = MOST_TO_DECIDE if path == page_of(proposal) else MOST
        assert len(asked) <= most, (path, len(asked), asked)


def test_no_day_is_as_long_as_a_proposal_that_nobody_decides(world: World, cards: Cards) -> None:
    proposal = cards.proposal(expires_at=timezone.now())
    text = body(world.client("supervisor"), page_of(proposal))
    assert "Nobody decided in time" in text and "Agree, and give" not in text
