"""What may happen in a random life, as plain JSON: its names and choices, and two ways to throw the dice."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

from hypothesis import strategies as st

Step = tuple[str, dict[str, Any]]
# Every life begins with three redemptions, and with a draft of somebody else for the first voucher of them.
OPENING: list[Step] = [("look_up", {"code": 0, "till": 0}), *(("redeem", {"code": n, "till": n + 1}) for n in range(3))]
PICK = range(6)  # which of those that there are
STEPS: dict[str, dict[str, Sequence[Any]]] = {}


def step(**choices: Sequence[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """One of what may happen next, any of them as likely as another. (Of rules of its own Hypothesis leaves most out.)"""

    def of(method: Callable[..., None]) -> Callable[..., None]:
        STEPS[method.__name__] = choices
        return method

    return of


def any_step() -> st.SearchStrategy[Step]:
    drawn = {name: {key: st.sampled_from(of) for key, of in choices.items()} for name, choices in STEPS.items()}
    return st.one_of(*(st.tuples(st.just(name), st.fixed_dictionaries(given)) for name, given in drawn.items()))


def steps_of(seed: int, number: int) -> list[Step]:
    """The same for the same number, whatever happens meanwhile."""
    dice = random.Random(seed)
    names = [dice.choice(list(STEPS)) for _ in range(number)]
    return [(name, {key: dice.choice(of) for key, of in STEPS[name].items()}) for name in names]
