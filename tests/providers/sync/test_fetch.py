"""Pages come a few ahead, in order, and whatever ends them is told after the last one that came."""

from __future__ import annotations

import pytest

from providers.contracts import Page
from providers.errors import Misconfigured
from providers.sync.fetch import TOGETHER, Fetcher
from providers.sync.rows import raw_hash
from tests.providers.sync.shop import BRISK


def page(n: int, last: int) -> Page:
    return Page([b"%d" % n], last, "" if n == last else str(n + 1))


def fetcher(last: int, fails_at: int = 0) -> Fetcher:
    def fetch(at: str, since: str) -> Page:
        if fails_at and int(at or 1) == fails_at:
            raise Misconfigured("login_refused", "No.")
        return page(int(at or 1), last)

    return Fetcher(fetch, BRISK, waiting=lambda: None, close=lambda: None)


@pytest.mark.parametrize("last", [1, TOGETHER - 1, TOGETHER, TOGETHER + 1, 5 * TOGETHER + 2])
def test_every_page_comes_once_and_in_order_with_the_hashes_of_its_rows(last: int) -> None:
    with fetcher(last) as pages:
        found = list(pages.pages(""))
    assert [fetched.page.rows for fetched in found] == [[b"%d" % n] for n in range(1, last + 1)]
    assert [fetched.hashes for fetched in found] == [[raw_hash(b"%d" % n)] for n in range(1, last + 1)]


@pytest.mark.parametrize("fails_at", [1, TOGETHER, TOGETHER + 1, TOGETHER + 3])
def test_pages_before_one_that_fails_are_taken_first(fails_at: int) -> None:
    found = []
    with fetcher(100, fails_at) as pages, pytest.raises(Misconfigured):
        for fetched in pages.pages(""):
            found.append(fetched.page.next)
    assert found == [str(n + 1) for n in range(1, fails_at)]


def test_whoever_stops_in_the_middle_is_not_waited_for() -> None:
    with fetcher(1_000_000) as pages:
        assert next(pages.pages("")).page.next == "2"
