"""Texts for an act, whatever its state."""

from __future__ import annotations

import dataclasses

from django.utils.translation import gettext as _

from loyalty.models import Act
from loyalty.outcomes.figures import clamped, figures_of, takes
from loyalty.outcomes.kinds import KINDS, STATES, STATES_TAKEN, TAKEN, Kind, Words
from loyalty.outcomes.refusals import REFUSALS, refusal
from providers.badges import standing_of
from providers.models import State


def words_for(act: Act, *, slow: bool) -> Words:
    """Texts for an act's state. `slow`: it has been on its way longer than a person likes to wait."""
    operation = act.operation
    looked = operation.state == State.REFUSED and not operation.sends  # what was sent and refused is in their words
    if looked and operation.refusal_code in REFUSALS:
        return refusal(operation.refusal_code)
    states = STATES_TAKEN if takes(act) else STATES[operation.kind]
    words = dataclasses.replace(states[standing_of(operation, slow=slow)], figures=figures_of(act))
    return _clamped(words, act) if clamped(act) else words


def kind_of(act: Act) -> Kind:
    return TAKEN if takes(act) else KINDS[act.operation.kind]


def _clamped(words: Words, act: Act) -> Words:
    if act.applied:
        told = _("“Your points have paid a part. The rest remains to be paid.”")
        return dataclasses.replace(words, headline=_("Only a part was taken"), customer=told, tone="plain")
    told = _("“Your card could not pay this. It remains to be paid.”")
    return dataclasses.replace(words, headline=kind_of(act).not_done, customer=told, tone="refused")
