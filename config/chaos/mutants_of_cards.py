"""Rules about cards and points, switched off."""

from __future__ import annotations

from typing import Any


def moves_points_again() -> None:
    from loyalty.effects import EFFECTS

    for effect in EFFECTS:
        effect.setting = True


def all_is_new() -> None:
    """A transaction is told without what was there before, so what their reception did is taken for ours."""
    from loyalty.effects import points, visits

    mine: Any
    for mine in (points, visits):
        mine.before_of = lambda operation: {}


def reports_what_was_asked() -> None:
    """A clamp is not seen: what was asked for is said to have been taken."""
    from loyalty.effects import shared

    ending = shared.ending_of

    def hopeful(operation: Any) -> dict[str, Any]:
        found = ending(operation)
        asked = operation.loyalty_act.requested
        return found | ({"applied": asked} if asked is not None else {})

    shared.ending_of = hopeful


def cancels_whatever_stands() -> None:
    """What is named is not compared with what stands there now."""
    from dataclasses import replace

    from loyalty.effects.visits import CancelInVisit
    from providers.operations import Verdict

    look = CancelInVisit.look

    def careless(self: Any, client: Any, request: Any) -> Any:
        found = look(self, client, request)
        return replace(found, verdict=Verdict.CLEAR, code="") if found.code == "changed_meanwhile" else found

    CancelInVisit.look = careless  # type: ignore[method-assign]  # what a mutant is for


def need_not_add_up() -> None:
    """A balance that moved, and a list that does not show why: taken for nothing."""
    from loyalty.effects import points

    points._adds_up = lambda balance, moves, operation: True
