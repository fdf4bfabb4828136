"""A counter that is wrong itself ends a run of chaos: whoever presses there must not take it for the chaos."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import OperationalError

from config.chaos.counter import HOST, Desk, Handler
from config.chaos.guests import BROKEN, Counter, Fallen, Lives


class Pressing(Lives[str]):
    def _look_after(self, guest: str, dice: Any, number: int) -> None:
        self._wish("give", {"person": guest}, dice)


@contextmanager
def counter(answer: Callable[[dict[str, Any]], dict[str, Any]]) -> Iterator[Counter]:
    desk = Desk((HOST, 0), type("Handler", (Handler,), {"answered": staticmethod(answer)}))
    threading.Thread(target=desk.serve_forever, daemon=True).start()
    try:
        yield Counter(desk.server_address[1], "", "", "", ["reem"], [1, 2], "huda")
    finally:
        desk.shutdown()
        desk.server_close()


def wrong(asked: dict[str, Any]) -> dict[str, Any]:
    raise AttributeError("no such attribute")


def without_database(asked: dict[str, Any]) -> dict[str, Any]:
    raise OperationalError("the database is being restarted")


def test_what_is_wrong_in_the_counter_ends_the_run_by_its_name() -> None:
    with counter(wrong) as there, pytest.raises(Fallen, match="no such attribute"):
        Pressing(there, ["reem"], seed=1, patience=20).live(2)


def test_a_database_that_is_being_restarted_is_asked_again() -> None:
    with counter(without_database) as there:
        for _ in range(2):
            with pytest.raises(BROKEN):
                there.ask(do="give")


def test_a_run_in_which_nobody_is_shown_anything_has_tried_nothing() -> None:
    with counter(lambda asked: {"no": "card_empty"}) as there, pytest.raises(Fallen, match="nobody was shown anything"):
        Pressing(there, ["reem"], seed=1, patience=5).live(1)
