"""What happens to a customer who books, in a chaos run: from the first booking to the last check-out."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from config.chaos.guests import Lives


@dataclass(frozen=True)
class Guest:
    customer: str
    subscription: str  # one that runs, '' for none
    slots: Sequence[
        tuple[str, str]
    ]  # the times that are hers alone: to book at, then one beside it, and one to move to
    booked: str = ""  # what she has booked before the run begins
    plan: Sequence[str] = ()  # and what becomes of that


class BookedLives(Lives[Guest]):
    def _look_after(self, guest: Guest, dice: random.Random, number: int) -> None:
        clerk = {"person": self._counter.clerks[number % len(self._counter.clerks)]}
        chief = {"person": self._counter.chief}
        if guest.subscription:
            self._visits(guest.subscription, clerk, chief, dice, number)
        if dice.random() < 0.3:
            phone = f"+9665{dice.randrange(10**8):08}"
            self._wish("create", clerk, dice, phone=phone)
        booked = guest.booked or self._booked(guest, clerk, dice, two=number % 4 == 2)
        on = {"of": "reservation", "id": booked}
        plan = guest.plan or self._plan(dice)
        for do in plan if booked else ():
            if do == "reschedule":
                self._wish(do, clerk, dice, slot=guest.slots[-1], price=self._counter.price, **on)
            elif do == "cancel":
                self._wish(do, chief, dice, notify=True, **on)
            else:
                self._wish(do, clerk, dice, **on)
        if not guest.subscription and dice.random() < 0.5:
            self._wish("subscribe", clerk, dice, customer=guest.customer, product=self._counter.plan)

    def _visits(
        self, subscription: str, clerk: dict[str, str], chief: dict[str, str], dice: random.Random, number: int
    ) -> None:
        of = {"of": "subscription", "id": subscription}
        self._wish("came", clerk, dice, **of)
        if self._wish("pause", chief, dice, days=3 + number, **of) == "succeeded":
            self._wish("resume", chief, dice, **of)

    def _plan(self, dice: random.Random) -> list[str]:
        begun = ["confirm", *(["reschedule"] if dice.random() < 0.6 else [])]
        return begun + (["cancel"] if dice.random() < 0.4 else ["came", "went", "done"])

    def _booked(self, guest: Guest, clerk: dict[str, str], dice: random.Random, *, two: bool) -> str:
        """Another time whenever the last one did not work, as people do. `two`: with a second service in the same booking."""
        *slots, beside, _last = guest.slots
        for slot in slots:
            asked: dict[str, Any] = {"customer": guest.customer, "product": self._counter.product}
            asked |= {"price": self._counter.price, "also": beside if two else None}
            self._wish("book", clerk, dice, slot=slot, **asked)
            made = self._made_for.pop(guest.customer, "")
            if made:
                return made
        return ""
