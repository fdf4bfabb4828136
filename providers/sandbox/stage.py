"""One request on its way through a twin: what a fault may do with it, step by step."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from providers.sandbox.books import Books, Cause
from providers.sandbox.line import Line
from providers.sandbox.shelf import Draft
from providers.sandbox.twin import Answer, Request, Twin

Later = Callable[[float, Callable[[], object]], None]


@dataclass(frozen=True, slots=True)
class Stage:
    twin: Twin
    request: Request
    books: Books
    line: Line
    cause: Cause
    clock: Callable[[], dt.datetime]
    later: Later  # run something after so many seconds, unless the sandbox has stopped by then

    @property
    def codes(self) -> tuple[str, ...]:
        return self.twin.codes_of(self.request)

    @property
    def is_read(self) -> bool:
        return self.twin.endpoint_of(self.request) in self.twin.reads

    def perform(self) -> Answer:
        """The provider does what it is asked, once."""
        with self.books.lock:
            draft = self._draft()
            answer = self.twin.answer(self.request, draft)
            self.books.commit(draft, self.clock(), self.cause)
        return answer

    def perform_partly(self, count: int) -> None:
        """It is done for the first `count` of the request's vouchers, and then the provider dies."""
        with self.books.lock:
            draft = self._draft()
            self.twin.answer(self.request, draft)
            draft.keep_only(self.codes[:count])
            self.books.commit(draft, self.clock(), self.cause)

    def rehearse(self, seconds_ago: float | None = None) -> Answer:
        """The answer the provider would give, or would have given, while nothing happens."""
        as_of = None if seconds_ago is None else self.clock().timestamp() - seconds_ago
        with self.books.lock:
            return self.twin.answer(self.request, self._draft(as_of))

    def answer(self, *, after: bool) -> Answer:
        return self.perform() if after else self.rehearse()

    def about_another(self, answer: Answer) -> Answer:
        with self.books.lock:
            return self.twin.about_another(answer, self.codes, self._draft())

    def use_at_portal(self, code: str) -> None:
        with self.books.lock:
            draft = self._draft()
            self.twin.use_at_portal(code, self.clock(), draft)
            self.books.commit(draft, self.clock(), self.cause)

    def _draft(self, as_of: float | None = None) -> Draft:
        return Draft(self.books.shelf(self.twin.slug), as_of)
