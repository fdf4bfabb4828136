"""A badge says what became of it, whatever the words beside it sound like."""

from __future__ import annotations

import pytest

from providers.badges import ICONS, SHORT, TONES, badge_of, tone_of
from providers.models import OPEN_STATES, Operation, State

NOT_DONE = [state for state, tone in TONES.items() if tone == "refused"]


def test_every_state_has_a_tone_and_every_tone_an_icon_and_a_word() -> None:
    assert set(TONES) == set(State)
    assert set(TONES.values()) == set(ICONS) == set(SHORT)


@pytest.mark.parametrize("state", NOT_DONE)
@pytest.mark.parametrize("tone", [tone for tone in ICONS if tone != "refused"])
def test_what_was_not_done_is_called_so_however_its_refusal_is_told(state: str, tone: str) -> None:
    badge = badge_of(Operation(state=state, refusal_code="changed_meanwhile"), tone)
    assert (badge.tone, badge.icon, badge.text) == ("refused", "refused", SHORT["refused"])


def test_what_was_like_that_before_is_done() -> None:
    assert tone_of(Operation(state=State.REFUSED, refusal_code="already_done"), "plain") == "done"


@pytest.mark.parametrize("state", OPEN_STATES)
def test_while_it_is_open_no_badge_says_that_it_is_over(state: str) -> None:
    assert badge_of(Operation(state=state), "done").tone in ("now", "checking", "person")


def test_what_was_done_in_part_is_called_so() -> None:
    """Less was moved than was asked for."""
    assert badge_of(Operation(state=State.SUCCEEDED), "plain").text == SHORT["plain"]
