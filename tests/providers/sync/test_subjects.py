"""One subject after the other, as if they were pages: a no about one of them is not one about the next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import pytest

from providers.contracts import Collection, Page
from providers.errors import Rejected, Unavailable
from providers.sync.subjects import Asking

NOW = dt.datetime(2026, 11, 26, tzinfo=dt.UTC)


class Source:
    def __init__(self, **answers: Any) -> None:
        self.answers = answers

    def collections(self) -> Sequence[Collection]:
        return []

    def page(self, collection: str, at: str, since: str = "") -> Page:
        answer = self.answers[at]
        if isinstance(answer, Exception):
            raise answer
        return Page([b"{}"] * (len(answer) if answer else 1), None, "theirs", lambda: answer)

    def id_of(self, collection: str, row: bytes) -> str:
        return ""

    def decode(self, collection: str, row: bytes) -> Any:
        return None


def test_each_is_followed_by_the_next_and_told_with_its_rows() -> None:
    asking, source = Asking(["ann", "bob"]), Source(ann=["1", "2"], bob=["3"])
    first = asking.page(source, "cards", "")
    last = asking.page(source, "cards", first.next)
    assert (first.of, first.next, last.of, last.next) == ("ann", "1", "bob", "")
    (listing,) = asking.listing(first, NOW)
    assert listing == ("ann", ["1", "2"], NOW)


def test_whom_they_do_not_know_has_nothing() -> None:
    asking = Asking(["ann"])
    page = asking.page(Source(ann=Rejected("not_there")), "cards", "")
    assert [(one.subject, list(one.ids)) for one in asking.listing(page, NOW)] == [("ann", [])]
    assert asking.refused == []


def test_one_that_is_refused_is_put_off_and_the_next_is_asked_about() -> None:
    asking = Asking(["ann", "bob"])
    page = asking.page(Source(ann=Rejected("refused")), "cards", "")
    assert (page.next, asking.listing(page, NOW), asking.refused) == ("1", [], ["ann"])


def test_rows_of_which_one_has_no_id_say_nothing_of_what_is_missing() -> None:
    asking = Asking(["ann"])
    assert asking.listing(asking.page(Source(ann=None), "cards", ""), NOW) == []


def test_an_answer_that_may_come_is_waited_for() -> None:
    asking = Asking(["ann"])
    with pytest.raises(Unavailable):
        asking.page(Source(ann=Unavailable("provider_error")), "cards", "")
    assert (asking.current, asking.refused) == ("ann", [])
