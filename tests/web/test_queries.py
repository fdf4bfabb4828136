"""A page asks the database the same few questions whether a branch is new or has worked for years."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from providers.models import State
from tests.web.world import Corner, World
from tests.web.years import fill
from vouchers.models import Lookup, Redemption

MOST = 12
MOST_WITH_EVIDENCE = 18  # calls, looks, sends and decisions of one operation are four tables
WITH_EVIDENCE = {"result", "success", "review", "evidence", "case", "closing", "result with a case"}
OF_OTHERS = {"review", "evidence", "cases", "case", "closing", "letter", "new case"}
FEW, MANY = 12, 500
POLL = {"HX-Request": "true"}
BESIDE = ("SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO SAVEPOINT", 'UPDATE "branches_session"')


def questions(ask: Callable[..., HttpResponse], *args: Any, **kwargs: Any) -> tuple[HttpResponse, list[str]]:
    """The answer, and the statements it took, without the borders of transactions, and without the note that somebody is
    there: that is written once a minute, whenever that is."""
    with CaptureQueriesContext(connection) as captured:
        response = ask(*args, **kwargs)
    return response, [query["sql"] for query in captured if not query["sql"].startswith(BESIDE)]


def steps(corner: Corner, who: Client) -> Iterator[tuple[str, HttpResponse, list[str]]]:
    """The whole way of a redemption, page by page, and what is polled meanwhile."""
    found = corner.found()
    draft, case, overdue = corner.draft(), corner.redemption(State.NEEDS_REVIEW), corner.overdue()
    lookup, result = f"/vouchers/lookups/{found.pk}/", f"/vouchers/redemptions/{overdue.pk}/"
    done = f"/vouchers/redemptions/{corner.redemption(State.SUCCEEDED).pk}/"
    yield "desk", *questions(who.get, "/")
    yield "poll of the desk", *questions(who.get, "/live/", headers=POLL)
    yield "scan", *questions(who.post, "/vouchers/lookups/", {"q": corner.new_code()})
    yield "scan of nonsense", *questions(who.post, "/vouchers/lookups/", {"q": "../x"})
    yield "wait", *questions(who.get, f"/vouchers/lookups/{corner.waiting().pk}/")
    yield "poll of the wait", *questions(who.get, f"/vouchers/lookups/{corner.waiting().pk}/", headers=POLL)
    yield "refusal", *questions(who.get, f"/vouchers/lookups/{corner.refused().pk}/")
    yield "card", *questions(who.get, lookup)
    yield "person", *questions(who.post, f"{lookup}person/", {"person": "316"})
    yield "amounts", *questions(who.get, f"{lookup}amounts/")
    yield "total", *questions(who.post, f"{lookup}amounts/", {"services_total": "600"})
    yield "wrong total", *questions(who.post, f"/vouchers/lookups/{draft.pk}/amounts/", {"services_total": "1"})
    yield "confirmation", *questions(who.get, f"{lookup}confirm/")
    yield "result", *questions(who.get, result)
    yield "poll of the result", *questions(who.get, result, headers=POLL)
    yield "success", *questions(who.get, done)
    yield "slip", *questions(who.get, f"{done}slip/")
    yield "review", *questions(who.get, "/review/")
    yield "evidence", *questions(who.get, f"/review/{case.pk}/")
    standing, sent = corner.case(), corner.case(sent=True)
    page = f"/vouchers/cases/{standing.pk}/"
    yield "cases", *questions(who.get, "/vouchers/cases/")
    yield "case", *questions(who.get, page)
    yield "closing", *questions(who.get, f"/vouchers/cases/{sent.pk}/")
    yield "letter", *questions(who.get, f"{page}letter/")
    yield "new case", *questions(who.get, f"/vouchers/cases/new/{done.split('/')[3]}/")
    yield "result with a case", *questions(who.get, f"/vouchers/redemptions/{standing.redemption_id}/")


def count(world: World, number: int) -> dict[tuple[str, str], list[str]]:
    """What each page asks for each role, with so many redemptions and look-ups in the branch before it."""
    before = transaction.savepoint()
    fill(world.ours, world.people["receptionist"], number)
    assert (Redemption.objects.count(), Lookup.objects.filter(redemption=None).count()) == (number, number)
    found = {}
    for role in ("receptionist", "manager"):
        for name, response, asked in steps(world.ours, world.client(role)):
            forbidden = name in OF_OTHERS and role == "receptionist"
            assert response.status_code == 403 if forbidden else response.status_code in (200, 302, 422), name
            found[role, name] = asked
    transaction.savepoint_rollback(before)
    return found


def test_every_page_asks_few_questions_and_no_more_after_years(world: World, settings: Any) -> None:
    settings.WAITING_LIMIT = 10 * MANY  # years of work, none of which a worker has seen
    few, many = count(world, FEW), count(world, MANY)
    assert {page: len(asked) for page, asked in many.items()} == {page: len(asked) for page, asked in few.items()}
    for (role, name), asked in many.items():
        most = MOST_WITH_EVIDENCE if role == "manager" and name in WITH_EVIDENCE else MOST
        assert len(asked) <= most, (role, name, asked)


def test_a_poll_that_finds_nothing_new_says_nothing(world: World, reception: Client) -> None:
    seen = re.search(r"/live/\?seen=(\w+)", reception.get("/").content.decode())
    assert seen
    response, asked = questions(reception.get, "/live/", {"seen": seen[1]}, headers=POLL)
    assert (response.status_code, response.content) == (204, b"")
    assert len(asked) <= MOST
