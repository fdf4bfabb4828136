"""The evidence about a change to a card or in a visit in words of cards and points: nothing of it speaks of vouchers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from providers.models import Discrepancy, Evidence
from providers.timeline import Vocabulary

Text = str | Promise
From, Kind = Evidence.From, Discrepancy.Kind

VERDICTS: dict[str, Text] = {
    "applied": _("It is there"),
    "clear": _("It is not there"),
    "blocked": _("It cannot be done"),
    "partial": _("A part of it is there"),
    "unclear": _("It decides nothing"),
    "no_answer": _("No answer"),
    "unknown": _("No clear answer"),
    "refused": _("The loyalty system refused"),
    "not_sent": _("Nothing left this machine"),
    "not_applied": _("It is not there"),
    "succeeded": _("It is done"),
    "unsent": _("Nothing left this machine"),
}
SOURCES: dict[str, Text] = {From.RESPONSE: _("The loyalty system’s answer")}
DISCREPANCIES: dict[str, Text] = {
    Kind.LATE_EFFECT: _("Done at the loyalty system after we judged that it was not"),
    Kind.MISSING_EFFECT: _("The loyalty system said yes, and does not show it"),
    Kind.ORPHAN_EFFECT: _("Done at the loyalty system, and nothing of ours explains it"),
}
REASONS: dict[str, Text] = {
    "issuer_confirmed": _("The loyalty system’s people confirmed it"),
    "issuer_portal": _("Seen in the loyalty system’s journal"),
    "evidence_agrees": _("The evidence agrees"),
    "customer_confirmed": _("The customer confirmed it"),
}
CODES: dict[str, Text] = {
    "several": _("More than one fits"),
    "whose_is_open": _("It fits, and another change of ours as well"),
    "balance_does_not_add_up": _("The balance and the movements do not add up"),
    "changed_by_another": _("Somebody else has changed it meanwhile"),
    "card_missing": _("Their list does not show the card; one more look must say the same"),
    "cards_missing": _("Their list lacks cards that were there; one more look must say the same"),
    "card_not_seen": _("They said yes, and their list does not show the card"),
    "card_gone": _("The customer does not have this card any more"),
    "other_record": _("They answered with another visit’s bill, or an empty one"),
    "visit_gone": _("The visit is not found any more"),
    "found": _("Found by looking"),
    "already_done": _("It was like this already"),
    "applied_already": _("It is on the bill already"),
    "nothing_to_pay": _("Nothing is left to pay"),
    "card_empty": _("There are no points on the card"),
    "balance_too_small": _("There are not as many points on the card"),
    "has_card": _("This customer has a card already"),
    "type_not_offered": _("This type of card is not offered to this phone"),
    "changed_meanwhile": _("The bill was changed before we sent"),
}
LABELS: dict[str, Text] = {
    "balance": _("Balance"),
    "applied": _("Really moved"),
    "new": _("Number of those that fit"),
    "of": _("Asked for"),
    "more": _("More than asked for"),
    "moves": _("Movements around"),
    "ids": _("Already there"),
    "named": _("Named by them"),
    "total": _("Total of the bill"),
    "left": _("Left to pay"),
    "reference": _("Our reference"),
}


def told(facts: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """The facts of a look, in the order in which they were noted; what is empty says nothing."""
    for name, value in facts.items():
        text = _value(value) if name in LABELS else ""
        if text:
            yield str(LABELS[name]), text


def _value(value: Any) -> str:
    if isinstance(value, (list, Mapping)):
        return str(len(value))
    return str(value)[:160] if isinstance(value, (str, int)) and value != "" else ""


CARDS = Vocabulary(VERDICTS, SOURCES, DISCREPANCIES, REASONS, told, CODES)

# What a person looks for at the provider before deciding. A title that we gave has our reference in it.
LOOK_FOR: dict[str, Text] = {
    "loyalty.points": _("%(provider)s’s journal of this card: does a title contain %(reference)s?"),
    "loyalty.withdraw": _(
        "Open the visit in %(provider)s. Which points of this card stand on the bill, and since when?"
    ),
    "loyalty.cancel_withdrawal": _(
        "Open the visit in %(provider)s. Do points of this card still stand on the bill, and who put them there?"
    ),
    "loyalty.apply_program": _("Open the visit in %(provider)s. Does the discount stand on the bill, and since when?"),
    "loyalty.cancel_program": _(
        "Open the visit in %(provider)s. Does the discount still stand on the bill, and who put it there?"
    ),
    "loyalty.referral": _("Open the visit in %(provider)s. Does a referral stand on the bill, and since when?"),
    "loyalty.issue_card": _("Open the client in %(provider)s. Was a card issued in the minute in which we sent?"),
    "loyalty.remove_card": _("Open the client in %(provider)s. Do they still have this card?"),
}
