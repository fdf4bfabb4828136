"""Why something cannot be done, by the code with which a service, a look or a question says so."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from decimal import Decimal

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from loyalty.outcomes.figures import points
from loyalty.outcomes.kinds import ASK_FOR_REST, MOMENT, Words

LOOK_AGAIN = _("Read it again, then decide.")
ASK_SUPERVISOR = _("Call the supervisor.")
REFUSALS: dict[str, Words] = {
    # Before anything was opened.
    "not_allowed": Words(_("Your role does not allow this"), ASK_SUPERVISOR, MOMENT),
    "not_here": Words(_("This belongs to another branch"), _("Do it at that branch."), MOMENT),
    "other_account": Words(_("The card and the visit do not belong together"), _("Choose another card."), MOMENT),
    "in_use_here": Words(
        _("Someone is changing this right now"), _("Do not repeat it. Watch the other change."), MOMENT, tone="checking"
    ),
    "provider_down": Words(
        _("The loyalty system is not answering"),
        _("Nothing was sent. Try again in a moment."),
        _("“The loyalty system is not answering. One moment, please.”"),
        tone="plain",
    ),
    "busy": Words(
        _("Too much waits for the loyalty system"), _("Nothing was sent. Try again in a moment."), MOMENT, tone="plain"
    ),
    "holder_unknown": Words(
        _("We do not know whose card this is"), _("Open the customer and refresh their cards."), MOMENT
    ),
    "amount_wrong": Words(
        _("This is not an amount of points"), _("Type a number above zero, with two decimals at most."), MOMENT
    ),
    "no_reason": Words(_("The reason is missing"), _("Choose or type a reason."), MOMENT),
    "no_note": Words(_("The note is missing"), _("Write in the note what the reason is."), MOMENT),
    "balance_too_small": Words(
        _("There are not as many points on the card"),
        _("Take no more than is on it."),
        _("“Your card has fewer points.”"),
    ),
    "daily_limit": Words(
        _("This is more than you may move today"), _("Ask somebody with a higher limit to do it."), MOMENT
    ),
    "nobody_may_agree": Words(
        _("Nobody at this branch may agree to so many points"), _("Choose fewer points, or call the manager."), MOMENT
    ),
    "too_many_at_once": Words(
        _("These are more points than may be moved at once"), _("Move fewer, or ask the clinic."), MOMENT
    ),
    "own_proposal": Words(
        _("Nobody agrees to their own proposal"), _("Somebody else decides. You may take it back."), MOMENT
    ),
    "decided_already": Words(_("This was decided in the meantime"), _("Nothing more to do."), MOMENT, tone="plain"),
    "over_own_limit": Words(
        _("This is more than you may agree to"), _("Somebody with a higher limit decides."), MOMENT
    ),
    "phone_unreadable": Words(
        _("This is not a phone number"),
        _("Type the number as the customer says it, for example 0512345678."),
        _("“What is the phone number, please?”"),
    ),
    "no_phone": Words(
        _("This customer has no phone there"), _("Enter a phone in the loyalty system, then refresh."), MOMENT
    ),
    "number_wrong": Words(_("This is not a card number"), _("Scan the card, or type its 4 to 24 digits."), MOMENT),
    "has_card": Words(
        _("This customer has a card already"),
        _("Use the card that is there."),
        _("“You have a card with us already.”"),
        tone="checking",
    ),
    "type_missing": Words(_("No type of card is chosen"), _("Choose one of the types."), MOMENT),
    "own_number": Words(
        _("This is the customer’s own number"),
        _("Type the number of whoever brought them."),
        _("“Who told you about us?”"),
    ),
    "nobody_there": Words(
        _("Nobody has this number there"), _("Ask for the number once more."), _("“What is the phone number, please?”")
    ),
    "nothing_to_cancel": Words(_("There is nothing to take back"), LOOK_AGAIN, MOMENT),
    "not_on_card": Words(_("This card does not have this discount"), _("Choose another discount."), MOMENT),
    # The look before sending.
    "visit_gone": Words(_("The loyalty system does not know this visit any more"), LOOK_AGAIN, MOMENT),
    "card_gone": Words(_("The customer does not have this card any more"), LOOK_AGAIN, MOMENT),
    "applied_already": Words(
        _("This is on the bill already"),
        _("Take it back first, then apply it anew."),
        _("“This is taken off already.”"),
        tone="checking",
    ),
    "nothing_to_pay": Words(_("Nothing is left to pay"), _("Nothing more to do."), _("“Everything is paid.”")),
    "card_empty": Words(_("There are no points on the card"), ASK_FOR_REST, _("“Your card has no points now.”")),
    "type_not_offered": Words(
        _("This type of card is not offered to this phone"), _("Choose another type of card."), MOMENT
    ),
    "already_done": Words(_("It is like this already"), _("Nothing more to do."), MOMENT, tone="plain"),
    "changed_meanwhile": Words(
        _("Somebody has changed the bill meanwhile"), _("Read the bill again, then decide."), MOMENT, tone="checking"
    ),
    # A question that had no answer.
    "no_answer": Words(
        _("The loyalty system is not answering"),
        _("What you see is older. Try again in a moment."),
        _("“The loyalty system is not answering. One moment, please.”"),
        tone="plain",
    ),
    "unreadable_answer": Words(
        _("The loyalty system gave an answer that we cannot read"), ASK_SUPERVISOR, MOMENT, tone="plain"
    ),
    "provider_refused": Words(_("The loyalty system refused the question"), ASK_SUPERVISOR, MOMENT, tone="plain"),
    "login_refused": Words(
        _("The loyalty system does not accept our login"), _("Call the administrator."), MOMENT, tone="plain"
    ),
    "not_found": Words(_("The loyalty system does not know it any more"), LOOK_AGAIN, MOMENT, tone="plain"),
}


def refusal(code: str) -> Words:
    """Texts for a refusal code. A code that only the engine knows means that they could not be reached."""
    return REFUSALS.get(code, REFUSALS["provider_down"])


def refused_with(code: str, figures: Mapping[str, Decimal]) -> Words:
    """With the figures that the refusal came with, in one line."""
    return dataclasses.replace(refusal(code), figures=_limits(figures))


def _limits(figures: Mapping[str, Decimal]) -> str:
    if "left" in figures and "limit" in figures:
        return _t("%(left)s left today of %(limit)s.") % points(left=figures["left"], limit=figures["limit"])
    if "limit" in figures:
        return _t("Your limit is %(limit)s.") % points(limit=figures["limit"])
    return _t("%(balance)s on the card.") % points(balance=figures["balance"]) if "balance" in figures else ""
