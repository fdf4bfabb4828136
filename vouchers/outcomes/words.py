"""What a card says, in one shape."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Words:
    """`money` names the figure that is the largest thing on the card: zero, value, to_pay, total, or ''."""

    headline: Text
    now: Text
    customer: Text
    what: Text = ""  # one line under the headline
    money: str = ""
    tone: str = "refused"
