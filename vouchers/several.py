"""The states of a redemption in words, where one sale has several vouchers. What is not said here is said as for one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from providers.models import Operation, State
from vouchers.outcomes import IN_PART, SEEN_BEFORE_SENDING, STATES, Words, standing_of, words_for

USED = ngettext_lazy("%(n)s voucher is used", "%(n)s vouchers are used", "n")
CAME_OFF = _("“%(value)s came off with your vouchers. %(to_pay)s is left.”")
UNTOUCHED = _("“The issuer is not answering. Your vouchers are untouched.”")
NOT_USED = _("None of the vouchers was used")
LOOKED_AT = _("Confirmed by looking each voucher up. The issuer’s own answer was lost.")
MAYBE = _("The vouchers may or may not be used. We are looking each one up.")


def _words(state: str, **said: Any) -> Words:
    return replace(STATES[state], **said)


SEVERAL: dict[str, Words] = {
    State.CREATED: _words(State.CREATED, customer=_("“I am redeeming your vouchers. One moment, please.”")),
    State.SUCCEEDED: _words(State.SUCCEEDED, headline=USED, customer=CAME_OFF),
    "inferred": _words("inferred", headline=USED, customer=CAME_OFF, what=LOOKED_AT),
    State.RESOLVED_APPLIED: _words(State.RESOLVED_APPLIED, headline=USED, customer=CAME_OFF),
    State.PARTIAL: _words(
        State.PARTIAL,
        headline=ngettext_lazy("%(used)s of %(n)s voucher is used", "%(used)s of %(n)s vouchers are used", "n"),
        what=_("Each voucher was looked up twice. The others are still unused."),
    ),
    State.UNKNOWN: _words(
        State.UNKNOWN,
        now=_("Do not redeem again. Do not ask for the vouchers’ part yet. You may serve the next customer."),
        customer=_("“We are waiting for the issuer. Your vouchers will not be counted twice.”"),
        what=MAYBE,
    ),
    "overdue": _words("overdue", customer=_("“We will call you today about your vouchers.”"), what=MAYBE),
    State.NOT_APPLIED: _words(
        State.NOT_APPLIED,
        headline=NOT_USED,
        customer=_("“The vouchers were not used. They are still yours. Shall we try again?”"),
        what=_("We looked twice after the waiting time. They are still unused."),
    ),
    State.NOT_SENT: _words(
        State.NOT_SENT,
        now=_("The vouchers are untouched. Try again, or the customer pays the full total."),
        customer=UNTOUCHED,
    ),
    State.NEEDS_REVIEW: _words(
        State.NEEDS_REVIEW, customer=_("“We are looking into your vouchers and call you today.”")
    ),
    State.RESOLVED_NOT_APPLIED: _words(
        State.RESOLVED_NOT_APPLIED,
        headline=NOT_USED,
        customer=_("“The vouchers were not used. They are still yours.”"),
    ),
}
# The look before the burn found one of them used, cancelled or changed: reading them anew shows which.
ONE_OF_THEM = Words(
    _("One of the vouchers cannot be used"),
    _("Nothing was used. Try again: the list shows which one."),
    _("“One of the vouchers cannot be used. I will read them again.”"),
    money="total",
)
SEVERAL[IN_PART] = replace(SEVERAL[State.PARTIAL], what=STATES[IN_PART].what)
SEVERAL[State.PREPARING] = SEVERAL[State.SENDING] = SEVERAL[State.CREATED]


def words_for_several(operation: Operation, *, slow: bool) -> Words:
    if operation.state == State.REFUSED and operation.refusal_code in SEEN_BEFORE_SENDING:
        return ONE_OF_THEM
    return SEVERAL.get(standing_of(operation, slow=slow)) or words_for(operation, slow=slow)
