"""What happens to a card in a chaos run: points by hand, points and programs in visits and back, another card, its removal."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from config.chaos.guests import Lives

FIXED, TEN_PERCENT = "10993", "18005"  # a type of card, and its program
REFERRER = "+966501234570"


@dataclass(frozen=True)
class Holder:
    """A client with a card, and three visits of today: for points, for a program, for a referral. `plan`: what a short run has
    in mind; without one the dice say."""

    client: str
    card: str
    visits: Sequence[tuple[str, str]]  # (record, visit)
    plan: Sequence[str] = ()


class CardLives(Lives[Holder]):
    def _look_after(self, holder: Holder, dice: random.Random, number: int) -> None:
        clerk = {"person": self._counter.clerks[number % len(self._counter.clerks)]}
        chief = {"person": self._counter.chief}
        whose = {"client": holder.client, "card": holder.card}
        for do in holder.plan or _plan(dice):
            self._do(do, holder, clerk, chief, whose, dice)

    def _do(
        self,
        do: str,
        holder: Holder,
        clerk: dict[str, str],
        chief: dict[str, str],
        whose: dict[str, str],
        dice: random.Random,
    ) -> None:
        (record, visit), second, third = holder.visits
        if do in ("give", "take"):
            self._wish(do, clerk, dice, amount=_amount(dice), **whose)
        elif do == "take_ten":
            self._wish("take", clerk, dice, amount="10.00", about=do, **whose)
        elif do == "give_lagging":
            self._wish("give", clerk, dice, amount=_amount(dice), about=do, **whose)
        elif do == "pay":
            self._wish("withdraw", clerk, dice, amount="20.00", about=do, record=record, visit=visit, **whose)
        elif do in ("withdraw", "cancel"):
            self._wish(do, clerk, dice, amount=f"{dice.randrange(50, 900)}.00", record=record, visit=visit, **whose)
        elif do == "program":
            self._with_program(holder, second, clerk, chief, dice)
        else:
            at = {"record": third[0], "visit": third[1], "phone": REFERRER}
            self._wish("refer", clerk, dice, client=holder.client, **at)

    def _with_program(
        self,
        holder: Holder,
        at: tuple[str, str],
        clerk: dict[str, str],
        chief: dict[str, str],
        dice: random.Random,
    ) -> None:
        """A second card of another type, its program in a visit and back, and the card is lost."""
        self._wish("issue", clerk, dice, client=holder.client, type=FIXED, customer=holder.client)
        made = self._made_for.pop(holder.client, "")
        if not made:
            return
        fields = {"client": holder.client, "card": made, "record": at[0], "visit": at[1], "program": TEN_PERCENT}
        if self._wish("apply", clerk, dice, **fields) == "succeeded" and dice.random() < 0.7:
            self._wish("unapply", clerk, dice, **fields)
        if dice.random() < 0.5:
            self._wish("remove", chief, dice, client=holder.client, card=made)


def _plan(dice: random.Random) -> list[str]:
    begun = ["give", "withdraw", *(["cancel", "withdraw"] if dice.random() < 0.6 else [])]
    rest = ["take", *(["give"] if dice.random() < 0.5 else []), *(["program"] if dice.random() < 0.7 else []), "refer"]
    return begun + rest


def _amount(dice: random.Random) -> str:
    """Never ten: so much is what their reception takes by hand."""
    return f"{dice.randrange(11, 60)}.{dice.randrange(100):02d}"
