"""Random lives of a few redemptions. A life that ever went wrong is kept in corpus.json and lived again first.

WASL_LIVES=2000 WASL_STEPS=40 bin/test tests/providers/operations/test_state_machine.py     lets it soak
WASL_SEED=7                                                                                    the same lives again
"""

from __future__ import annotations

import json
import os
import random
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from hypothesis.stateful import run_state_machine_as_test

from branches.models import Branch
from branches.roles import Role
from tests.conftest import Hire
from tests.elsewhere import Elsewhere
from tests.providers.operations.happenings import WINDOWS, Scene
from tests.providers.operations.machine import Life
from tests.providers.operations.steps import OPENING, Step, steps_of
from tests.scene import Desk

CORPUS = json.loads(Path(__file__).with_name("corpus.json").read_text())
LIVES = int(os.environ.get("WASL_LIVES", "5"))
LENGTH = int(os.environ.get("WASL_STEPS", "16"))
SEED = int(os.environ.get("WASL_SEED", random.randrange(2**32)))


@pytest.fixture
def life(
    desk: Desk, other_desk: Desk, olaya: Branch, nakheel: Branch, hire: Hire, fresh: Elsewhere, settings: Any
) -> type[Life]:
    settings.WINDOWS = WINDOWS
    reviewers = (hire("amal", Role.SUPERVISOR, olaya, nakheel), hire("badr", Role.MANAGER, olaya, nakheel))

    class Here(Life):
        scene = Scene((desk, other_desk), reviewers, fresh)

    return Here


def live(life: type[Life], steps: list[Step]) -> None:
    machine = life()
    for name, given in steps:
        machine.go(name, given)
        machine.the_books_agree()
    machine.teardown()


@pytest.mark.parametrize("known", CORPUS, ids=[known["why"] for known in CORPUS])
def test_a_life_that_is_known_goes_well(life: type[Life], known: dict[str, Any]) -> None:
    live(life, known["steps"])


def test_a_life_thrown_with_dice_goes_well(life: type[Life]) -> None:
    for seed in range(SEED, SEED + LIVES):
        print(f"WASL_SEED={seed}")  # shown when it fails
        live(life, [*OPENING, *steps_of(seed, LENGTH)])


def test_a_life_that_hypothesis_makes_up_goes_well(life: type[Life]) -> None:
    settings = hypothesis.settings(
        max_examples=max(3, LIVES // 4),
        stateful_step_count=LENGTH,
        phases=[hypothesis.Phase.generate],  # a life that failed is printed as it was; shrinking it would take minutes
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    run_state_machine_as_test(hypothesis.seed(SEED)(life), settings=settings)
