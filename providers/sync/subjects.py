"""A collection that is listed for one subject at a time, read as if it were one list: each subject is a page of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from providers.contracts import MirrorSource, Page
from providers.errors import Rejected
from providers.sync.tables import Listing


class Asking:
    """`at` is the place of a subject among those that are asked about."""

    def __init__(self, subjects: Sequence[str]) -> None:
        self.subjects = subjects
        self.current = ""  # who is being asked about
        self.refused: list[str] = []

    def page(self, source: MirrorSource, collection: str, at: str) -> Page:
        number = int(at or 0)
        self.current = self.subjects[number]
        found = self._answer(source, collection)
        following = str(number + 1) if number + 1 < len(self.subjects) else ""
        return replace(found, next=following)

    def _answer(self, source: MirrorSource, collection: str) -> Page:
        """Whom they do not know has nothing. A no about one subject is not one about the next."""
        try:
            return replace(source.page(collection, self.current), of=self.current)
        except Rejected as refusal:
            if refusal.code == "not_there":
                return Page((), None, "", lambda: [], of=self.current)
            self.refused.append(self.current)
            return Page((), None, "", lambda: [])

    def listing(self, page: Page, at: dt.datetime) -> list[Listing]:
        """None of a page with a row that has no id: it may be any."""
        ids = page.ids() if page.of else None
        return [] if ids is None else [Listing(page.of, ids, at)]
