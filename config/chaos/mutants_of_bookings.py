"""Rules about bookings, switched off."""

from __future__ import annotations

from typing import Any


def sends_again_what_accumulates() -> None:
    from reservations.effects import EFFECTS

    for effect in EFFECTS:
        effect.setting = True


def compares_with_nothing() -> None:
    """A new booking is told without what was there before, so somebody's older one is taken for ours."""
    from reservations.effects import attending, making

    mine: Any
    for mine in (making, attending):
        mine.before_of = lambda operation: {}


def overwrites_anothers_change() -> None:
    """Neither where it was nor where we wanted it: taken for not moved, and moved again."""
    from dataclasses import replace as other

    from providers.operations import Verdict
    from reservations.effects.moving import Reschedule

    look_since = Reschedule.look_since

    def careless(self: Any, client: Any, request: Any, operation: Any) -> Any:
        look = look_since(self, client, request, operation)
        return other(look, verdict=Verdict.CLEAR, code="") if look.code == "changed_by_another" else look

    Reschedule.look_since = careless  # type: ignore[method-assign]  # what a mutant is for


def tells_the_customer_again() -> None:
    from reservations.effects.standing import Cancel

    Cancel.send_again = Cancel.send  # type: ignore[method-assign]  # what a mutant is for
