"""What the ledger shows, to whom, and what it asks the database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone, translation

from branches.models import Membership, User
from branches.roles import Role
from providers.models import State
from tests.vouchers.ledger.reading import PATH, listed, page, text_of
from tests.vouchers.ledger.rows import FORMULA, in_part, redeemed, references, renamed
from tests.web.test_queries import questions
from tests.web.world import World
from tests.web.years import fill
from vouchers import services
from vouchers.models import Redemption
from vouchers.outcomes import GROUP_WORDS

MOST_QUESTIONS = 16


# What it shows ----------------------------------------------------------------------------------------------------------


def test_a_row_says_what_happened_and_leads_to_it(world: World, books: Client) -> None:
    row = redeemed(world.ours)
    shown = page(books)
    body, text = shown.content.decode(), text_of(shown)
    assert f'href="/vouchers/redemptions/{row.pk}/"' in body
    for words in (row.operation.reference, "Alreaaiaa", f"••••{row.lines.get().code_last4}", "سارة", "clerk-ours"):
        assert words in text
    for words in ("Till 1", "600.00 SAR", "200.00 SAR", "400.00 SAR", "Used"):
        assert words in text


def test_a_redemption_of_several_codes_is_one_row_that_counts_them(world: World, books: Client) -> None:
    row = in_part(world.ours)
    text = text_of(page(books))
    assert text.count(row.operation.reference) == 1
    assert f"••••{row.lines.first().code_last4} +1" in text
    assert "Used in part" in text
    assert "150.00 SAR" in text and "450.00 SAR" in text, "only the code that was used came off"


def test_every_state_has_its_word(world: World, books: Client) -> None:
    for state in (State.CREATED, State.SENDING, State.UNKNOWN, State.NEEDS_REVIEW, State.REFUSED, State.NOT_SENT):
        redeemed(world.ours, state)
    text = text_of(page(books))
    for words in ("Sending", "Being checked", "Needs a person", "Not used"):
        assert words in text


def test_a_hostile_name_is_text(world: World, books: Client) -> None:
    renamed(redeemed(world.ours), f"<script>alert(1)</script>\u202e{FORMULA}")
    body = page(books).content.decode()
    assert "<bdi>&lt;script&gt;alert(1)&lt;/script&gt;\u202e=HYPERLINK" in body
    assert "<script>alert" not in body


def test_an_empty_ledger_says_so_and_offers_a_way_on(books: Client) -> None:
    assert "No redemption fits." in text_of(page(books))


@pytest.mark.parametrize("language", ["ar", "fr"])
def test_its_words_are_the_persons(world: World, books: Client, language: str) -> None:
    User.objects.update(language=language)
    redeemed(world.ours, State.UNKNOWN)
    text = text_of(page(books))
    with translation.override(language):
        assert str(GROUP_WORDS["checking"]) in text
    assert "Being checked" not in text and "Services total" not in text


# Whose ------------------------------------------------------------------------------------------------------------------


def test_another_branchs_rows_are_in_no_list_and_no_sum(world: World, books: Client) -> None:
    ours, theirs = redeemed(world.ours), redeemed(world.theirs)
    assert listed(books) == [ours.operation.reference]
    assert listed(books, reference=theirs.operation.reference) == []
    assert "1 redemption" in text_of(page(books))
    refused = page(books, branch=world.theirs.branch.code)
    assert refused.status_code == 422
    assert theirs.operation.reference not in refused.content.decode()
    assert str(world.theirs.clerk.pk) not in page(books).content.decode(), "nor its people in the choice"


def test_who_works_at_two_branches_reads_both_and_may_choose(world: World, books: Client) -> None:
    Membership.objects.create(user=world.people["accountant"], branch=world.theirs.branch, role=Role.ACCOUNTANT)
    books.cookies["till"] = str(world.ours.till.pk)
    ours, theirs = redeemed(world.ours), redeemed(world.theirs)
    assert set(listed(books)) == references([ours, theirs])
    assert listed(books, branch="theirs") == [theirs.operation.reference]


def test_an_administrator_of_machines_reads_no_ledger(world: World) -> None:
    assert world.client("admin").get(PATH).status_code == 403


# Questions to the database ------------------------------------------------------------------------------------------------


def test_a_thousand_rows_ask_no_more_than_ten(world: World, books: Client, settings: Any) -> None:
    settings.WAITING_LIMIT = 10_000
    counts: dict[str, list[int]] = {}
    pages: dict[str, Callable[[], HttpResponse]] = {
        "ledger": lambda: page(books),
        "filtered": lambda: page(books, status="done", issuer="alreaaiaa", staff=world.ours.clerk.pk),
        "tills": lambda: books.get("/vouchers/ledger/tills/"),
        "day of a till": lambda: books.get(f"/vouchers/ledger/tills/{world.ours.till.pk}/"),
    }
    for more in (10, 990):
        fill(world.ours, world.people["receptionist"], more)
        for name, ask in pages.items():
            response, asked = questions(ask)
            assert response.status_code == 200
            counts.setdefault(name, []).append(len(asked))
            assert len(asked) <= MOST_QUESTIONS, (name, asked)
    assert Redemption.objects.count() == 1000
    assert all(few == many for few, many in counts.values()), counts


def test_a_file_asks_once_more_for_each_five_hundred_rows(world: World, settings: Any) -> None:
    settings.WAITING_LIMIT, counts = 10_000, []
    for more in (10, 990):
        fill(world.ours, world.people["receptionist"], more)
        asked = questions(world.client("manager").post, f"{PATH}export/", {"format": "csv"})[1]
        counts.append(len(asked))
    assert counts[1] == counts[0] + 1 <= MOST_QUESTIONS


# Cases ------------------------------------------------------------------------------------------------------------------


def test_a_disputed_row_says_so_and_stays_as_it_is(world: World, books: Client) -> None:
    case = world.ours.case()
    text = text_of(page(books))
    assert "Disputed" in text and "Taken back by issuers" not in text
    assert f"{case.amount:.2f}" in text


def test_what_an_issuer_takes_back_stands_beside_the_row_and_in_the_days_it_was_decided(
    world: World, books: Client
) -> None:
    case, now = world.ours.case(sent=True), timezone.now()
    ruling = services.Ruling("accepted", "CN-7", timezone.localdate())
    services.close_case(case, world.people["accountant"], ruling, now=now)
    text = text_of(page(books))
    assert "Corrected" in text and "Disputed" not in text
    assert "Taken back by issuers on these days" in text
    gone = world.ours.branch.business_date(now) - dt.timedelta(days=40)
    assert "Taken back by issuers" not in text_of(page(books, since=gone, until=gone + dt.timedelta(days=1)))
