"""What the ledger answers to a filter, to one that makes no sense, and page by page."""

from __future__ import annotations

import datetime as dt
import re
from urllib.parse import urlencode

import pytest
from django.db.models import F
from django.test import Client
from django.utils import timezone

from branches.models import Membership
from branches.roles import Role
from providers.models import Operation, State
from tests.vouchers.ledger.reading import PATH, REFERENCE, listed, page, text_of
from tests.vouchers.ledger.rows import in_part, on_day, redeemed, references
from tests.web.hostile import TEXTS
from tests.web.world import World, hire
from tests.web.years import fill
from vouchers.outcomes import GROUP_WORDS, GROUPS

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
