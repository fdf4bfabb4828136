"""What is read at every state of a redemption."""

from __future__ import annotations

from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from providers.models import State
from vouchers.outcomes.words import Words

IN_PART = "resolved_in_part"  # a person has said which vouchers were used

STATES: dict[str, Words] = {
    State.CREATED: Words(
        _("Sending to the issuer"),
        _("Wait for the answer before closing the bill."),
        _("“I am redeeming your voucher. One moment, please.”"),
        money="value",
        tone="now",
    ),
    State.SUCCEEDED: Words(
        _("The voucher is used"),
        _("Take %(to_pay)s, then give the receipt."),
        _("“%(value)s came off with your voucher. %(to_pay)s is left.”"),
        money="to_pay",
        tone="done",
    ),
    "inferred": Words(
        _("The voucher is used"),
        _("Take %(to_pay)s, then give the receipt."),
        _("“%(value)s came off with your voucher. %(to_pay)s is left.”"),
        _("Confirmed by looking the voucher up. The issuer’s own answer was lost."),
        money="to_pay",
        tone="done",
    ),
    State.UNKNOWN: Words(
        _("No clear answer yet"),
        _("Do not redeem again. Do not ask for the voucher’s part yet. You may serve the next customer."),
        _("“We are waiting for the issuer. Your voucher will not be counted twice.”"),
        _("The voucher may or may not be used. We are checking."),
        money="value",
        tone="checking",
    ),
    "overdue": Words(
        _("Still no clear answer"),
        _("Do not redeem again. Take the customer’s number. The supervisor has been told."),
        _("“We will call you today about your voucher.”"),
        _("The voucher may or may not be used. We go on checking."),
        money="value",
        tone="checking",
    ),
    State.NOT_APPLIED: Words(
        _("The voucher was not used"),
        _("You can try again, or the customer pays the full total."),
        _("“The voucher was not used. It is still yours. Shall we try again?”"),
        _("We looked twice after the waiting time. It is still unused."),
        money="total",
        tone="refused",
    ),
    State.NOT_SENT: Words(
        _("Nothing was sent"),
        _("The voucher is untouched. Try again, or the customer pays the full total."),
        _("“The issuer is not answering. Your voucher is untouched.”"),
        money="total",
        tone="refused",
    ),
    State.REFUSED: Words(
        _("The issuer refused the redemption"),
        _("Nothing was used. The customer pays the full total, or call the supervisor."),
        _("“The issuer does not accept it now. Nothing was taken from you.”"),
        money="total",
        tone="refused",
    ),
    State.PARTIAL: Words(
        _("Only a part was used"),
        _("Take %(to_pay)s. Vouchers that were not used stay with the customer."),
        _("“%(value)s came off with a part of your vouchers. The rest is still yours.”"),
        money="to_pay",
        tone="plain",
    ),
    State.NEEDS_REVIEW: Words(
        _("The supervisor decides"),
        _("Do not redeem again. Take the customer’s number. You may serve the next customer."),
        _("“We are looking into your voucher and call you today.”"),
        _("The evidence is not enough for a machine."),
        money="value",
        tone="person",
    ),
    State.RESOLVED_APPLIED: Words(
        _("The voucher is used"),
        _("Take %(to_pay)s, then give the receipt."),
        _("“%(value)s came off with your voucher. %(to_pay)s is left.”"),
        _("Decided by a person, with the evidence."),
        money="to_pay",
        tone="done",
    ),
    State.RESOLVED_NOT_APPLIED: Words(
        _("The voucher was not used"),
        _("You can try again, or the customer pays the full total."),
        _("“The voucher was not used. It is still yours.”"),
        _("Decided by a person, with the evidence."),
        money="total",
        tone="refused",
    ),
}
STATES[IN_PART] = replace(STATES[State.PARTIAL], what=STATES[State.RESOLVED_APPLIED].what)
STATES[State.PREPARING] = STATES[State.SENDING] = STATES[State.CREATED]
