"""What the ledger shows, to whom, and what it answers to a filter that makes no sense."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db.models import F
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone, translation

from branches.models import Membership, User
from branches.roles import Role
from providers.models import Operation, State
from tests.vouchers.ledger.rows import FORMULA, in_part, on_day, redeemed, references, renamed
from tests.web.hostile import TEXTS
from tests.web.test_queries import questions
from tests.web.world import World, hire
from tests.web.years import fill
from vouchers import services
from vouchers.models import Redemption
from vouchers.outcomes import GROUP_WORDS, GROUPS

REFERENCE = re.compile(r"W-[0-9A-Z]{4}-[0-9A-Z]{4}(?=</bdi></a>)")
PATH = "/vouchers/ledger/"
MOST_QUESTIONS = 16


@pytest.fixture
def books(world: World) -> Client:
    """The accountant of our branch, signed in, in English."""
    User.objects.update(language="en")
    return world.client("accountant")


def page(client: Client, **asked: Any) -> HttpResponse:
    return client.get(f"{PATH}?{urlencode(asked)}")


def listed(client: Client, **asked: Any) -> list[str]:
    response = page(client, **asked)
    assert response.status_code == 200
    return REFERENCE.findall(response.content.decode())


def text_of(response: HttpResponse) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


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


# Filters ----------------------------------------------------------------------------------------------------------------


def test_each_status_shows_its_own_rows(world: World, books: Client) -> None:
    rows = {
        "done": redeemed(world.ours),
        "checking": redeemed(world.ours, State.UNKNOWN),
        "person": redeemed(world.ours, State.NEEDS_REVIEW),
        "part": in_part(world.ours),
        "not_done": redeemed(world.ours, State.REFUSED),
    }
    assert rows.keys() == GROUPS.keys() == GROUP_WORDS.keys()
    for status, row in rows.items():
        assert listed(books, status=status) == [row.operation.reference]


def test_every_state_belongs_to_one_status() -> None:
    assert sorted(state for states in GROUPS.values() for state in states) == sorted(State.values)


def test_by_days_staff_issuer_and_reference(world: World, books: Client) -> None:
    today = world.ours.branch.business_date(timezone.now())
    old, new = on_day(redeemed(world.ours), today - dt.timedelta(40)), redeemed(world.ours)
    other = redeemed(world.ours, actor=world.people["receptionist"])
    assert set(listed(books)) == references([new, other]), "a month, unless it is told otherwise"
    assert listed(books, since=today - dt.timedelta(40), until=today - dt.timedelta(40)) == [old.operation.reference]
    assert set(listed(books, since=today - dt.timedelta(91))) == references([old, new, other])
    assert listed(books, staff=world.people["receptionist"].pk) == [other.operation.reference]
    assert len(listed(books, issuer="alreaaiaa")) == 2
    assert listed(books, reference=old.operation.reference) == [old.operation.reference], "whenever it was"


def test_who_has_left_can_still_be_chosen(world: World, books: Client) -> None:
    leaver = hire("leaver", Role.RECEPTIONIST, world.ours.branch)
    row = redeemed(world.ours, actor=leaver)
    Membership.objects.filter(user=leaver).delete()
    assert listed(books, staff=leaver.pk) == [row.operation.reference]


def test_a_reference_is_read_as_people_write_it(world: World, books: Client) -> None:
    row = redeemed(world.ours)
    plain = row.operation.reference
    arabic = plain.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    for typed in (plain.lower(), plain[2:], plain.replace("-", ""), f"  {plain} \u200f", arabic):
        assert listed(books, reference=typed) == [plain], typed


def test_a_whole_code_is_no_reference_and_is_not_shown_again(books: Client) -> None:
    response = page(books, reference="VCL6C5944NO4058", status="done")
    assert (response.status_code, response.headers["Location"]) == (302, f"{PATH}?reference=x&status=done")
    answer = books.get(response.headers["Location"])
    assert answer.status_code == 422
    assert "This is not a reference of ours." in text_of(answer)


WRONG = {
    "branch": ["nowhere", "' OR 1=1 --", "ours,theirs"],
    "issuer": ["rekaz ", "x" * 5000],
    "staff": ["1", "0d9ff6a5-23f0-4c0c-a8a4-1a2b3c4d5e6f", "null"],
    "status": ["succeeded", "done,person", "٣"],
    "since": ["yesterday", "2026-13-01", "2026-02-30", "99999-01-01", "1e3"],
    "until": ["22/11/2026", "9999-12-31T00:00", "2026-11-22\r\nX: 1", "9" * 5000],
    "reference": ["W-7K2M", "%_%", "../x", "W-7K2M-9QXU", "x" * 41],
    "after": ["x", "1-2", "f" * 14 + "-" + "0" * 31, "f" * 15 + "-" + "0" * 32, "-1-" + "0" * 32, TEXTS["SQL"]],
}


@pytest.mark.parametrize("name", WRONG)
def test_what_makes_no_sense_gets_a_clear_answer(books: Client, name: str) -> None:
    for value in (*WRONG[name], *(text for what, text in TEXTS.items() if what not in ("nothing", "blanks"))):
        response = books.get(f"{PATH}?{urlencode({name: value})}", follow=True)
        assert response.status_code == 422, value[:40]
        assert 'role="alert"' in response.content.decode()


def test_days_at_the_ends_of_the_calendar_are_days(books: Client) -> None:
    for asked in (
        {"since": "0001-01-01"},
        {"until": "0001-01-01"},
        {"since": "9999-12-31"},
        {"since": "9999-12-31", "until": "9999-12-31"},
    ):
        assert page(books, **asked).status_code == 200, asked


def test_more_than_a_quarter_at_once_and_days_in_the_wrong_order_are_refused(books: Client) -> None:
    assert page(books, since="2026-01-01", until="2026-04-02").status_code == 200
    assert "At most 92 days at once." in text_of(page(books, since="2026-01-01", until="2026-04-03"))
    assert "The first day comes after the last." in text_of(page(books, since="2026-01-02", until="2026-01-01"))


# Pages ------------------------------------------------------------------------------------------------------------------


def follow(client: Client, path: str) -> list[list[str]]:
    pages = []
    while path:
        body = client.get(path).content.decode()
        pages.append(REFERENCE.findall(body))
        older = re.search(r'href="(\?[^"]*)" rel="next"', body)
        path = PATH + older[1].replace("&amp;", "&") if older else ""
    return pages


def real_references() -> None:
    """The copies' references are not of our shape."""
    for n, row in enumerate(Operation.objects.order_by("pk")):
        Operation.objects.filter(pk=row.pk).update(reference=f"W-{n:04d}-{n:04d}")


@pytest.mark.parametrize("same_moment", [False, True], ids=["in their order", "all at the same moment"])
def test_the_pages_together_hold_every_row_once(world: World, books: Client, same_moment: bool) -> None:
    fill(world.ours, world.people["receptionist"], 130)
    real_references()
    if not same_moment:
        for n, row in enumerate(Operation.objects.all()):
            Operation.objects.filter(pk=row.pk).update(created_at=F("created_at") - dt.timedelta(microseconds=n * 7))
    else:
        Operation.objects.update(created_at=timezone.now())
    pages = follow(books, PATH)
    assert [len(found) for found in pages] == [50, 50, 30]
    expected = Operation.objects.order_by("-created_at", "pk").values_list("reference", flat=True)
    assert [reference for found in pages for reference in found] == list(expected)


def test_the_filter_goes_with_the_pages(world: World, books: Client) -> None:
    fill(world.ours, world.people["receptionist"], 130)
    real_references()
    pages = follow(books, f"{PATH}?status=done&staff={world.people['receptionist'].pk}")
    assert (
        sum(map(len, pages))
        == Operation.objects.filter(state=State.SUCCEEDED, actor=world.people["receptionist"]).count()
    )


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
