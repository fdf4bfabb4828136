"""What people read when a voucher cannot be used, and at every state of a redemption: in each case what happened, what to do
now, and what to tell the customer. The supervisor's detail is added by the page. Sentences stay under fifteen words."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from providers.models import Operation, State

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


IN_PART = "resolved_in_part"  # a person has said which vouchers were used
SERVE_FULL = _("Do not redeem. Scan another voucher, or the customer pays the full total.")
TRY_LATER = _("Nothing was sent. Try again in a moment, or the customer pays the full total.")

REFUSALS: dict[str, Words] = {
    "malformed": Words(
        _("This does not look like a voucher code"),
        _("Scan it again, or type the code printed on the voucher."),
        _("“I could not read the code. May I scan it again?”"),
    ),
    "no_issuer": Words(
        _("This branch redeems no vouchers yet"),
        _("Ask the administrator to connect a voucher company to this branch."),
        _("“We cannot take vouchers at this branch today.”"),
    ),
    "not_found": Words(
        _("The issuer does not know this code"),
        _("Check the code with the customer. A new voucher may not be confirmed yet."),
        _("“The issuer does not find this code. Is the voucher confirmed in your app?”"),
        money="zero",
    ),
    "already_used": Words(
        _("This voucher was used before"),
        SERVE_FULL,
        _("“The issuer says that this voucher was already used.”"),
        money="zero",
    ),
    "already_used_here": Words(
        _("This voucher was redeemed with us before"),
        SERVE_FULL,
        _("“This voucher was already used at one of our branches.”"),
        money="zero",
    ),
    "in_use_here": Words(
        _("Someone is redeeming this voucher now"),
        _("Do not redeem again. Watch the other redemption, or ask the colleague."),
        _("“This voucher is being redeemed now. One moment, please.”"),
        tone="checking",
    ),
    "expired": Words(
        _("This voucher has expired"),
        SERVE_FULL,
        _("“This voucher has expired. The issuer can tell you more.”"),
        money="zero",
    ),
    "canceled": Words(
        _("The issuer cancelled this voucher"),
        SERVE_FULL,
        _("“The issuer cancelled this voucher. The issuer can tell you why.”"),
        money="zero",
    ),
    "pending": Words(
        _("This voucher is not confirmed yet"),
        _("Do not redeem. The customer can confirm it with the issuer and come back."),
        _("“This voucher is not confirmed yet. The issuer can confirm it.”"),
        money="zero",
    ),
    "unseen_status": Words(
        _("The issuer shows a status that we do not know"),
        _("Do not redeem. The supervisor has been told."),
        _("“We must ask the issuer about this voucher first.”"),
        money="zero",
    ),
    "value_changed": Words(
        _("The value of this voucher has changed"),
        _("Nothing was used. Scan it again and check the new value."),
        _("“The value has changed. I will read the voucher again.”"),
        money="zero",
    ),
    "other_owner": Words(
        _("This voucher belongs to another phone number"),
        _("It is not part of this sale. Take it out, or redeem it for its owner."),
        _("“This voucher belongs to somebody else’s number.”"),
        money="zero",
    ),
    "same_code": Words(
        _("This voucher is in this sale already"),
        _("Scan the next one, or go on."),
        _("“I have this voucher already.”"),
        money="zero",
    ),
    "too_many_codes": Words(
        _("No more vouchers fit into this sale"),
        _("Redeem these first. The others come in a second sale."),
        _("“I redeem these first, then the others.”"),
    ),
    "still_looking": Words(
        _("A voucher is still being looked up"),
        _("Wait for its answer, then go on."),
        _("“One moment, please.”"),
    ),
    "phone_unreadable": Words(
        _("This is not a phone number"),
        _("Type the number as the customer says it, for example 0612345678."),
        _("“What is your phone number, please?”"),
    ),
    "other_phone": Words(
        _("The vouchers belong to another number"),
        _("Check the number with the customer. Only the owner can redeem them."),
        _("“These vouchers belong to another number. Is it the one in your app?”"),
    ),
    "no_rate": Words(
        _("Nobody has set what a point is worth here"),
        _("Do not redeem. Ask the administrator to set the value of a point."),
        _("“We cannot take these points yet.”"),
    ),
    "no_answer": Words(
        _("The issuer is not answering"),
        TRY_LATER,
        _("“The issuer is not answering. One moment, please.”"),
        tone="plain",
    ),
    "issuer_down": Words(
        _("The issuer is not answering"),
        TRY_LATER,
        _("“The issuer is not answering. One moment, please.”"),
        tone="plain",
    ),
    "busy": Words(
        _("Too many vouchers wait for the issuer"),
        _("Nothing was sent. Wait a moment, then try again."),
        _("“Many vouchers are being redeemed right now. One moment, please.”"),
        tone="plain",
    ),
    "issuer_refused": Words(
        _("The issuer refused the question"),
        _("Nothing was used. Call the supervisor."),
        _("“We must ask the issuer about this voucher first.”"),
        tone="plain",
    ),
    "unreadable_answer": Words(
        _("The issuer gave an answer that we cannot read"),
        _("Nothing was used. Try again, or call the supervisor."),
        _("“The issuer is not answering clearly. One moment, please.”"),
        tone="plain",
    ),
    "login_refused": Words(
        _("The issuer does not accept our login"),
        _("Nothing was used. Call the administrator."),
        _("“We cannot reach the issuer at the moment.”"),
        tone="plain",
    ),
    "person_missing": Words(
        _("Choose the person in front of you"),
        _("Choose one name, then continue."),
        _("“Who is the visit for?”"),
    ),
    "total_missing": Words(_("Type the services total"), _("Type the total of the bill."), _("“One moment, please.”")),
    "not_ready": Words(_("This voucher is not ready"), _("Scan it again."), _("“I will read the voucher again.”")),
    "other_currency": Words(
        _("This voucher is in another currency"),
        SERVE_FULL,
        _("“This voucher belongs to another country.”"),
    ),
}

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
# Why a redemption is refused, when the look before it says so. Every other refusal is the issuer's answer to it.
SEEN_BEFORE_SENDING = {
    *("not_found", "already_used", "expired", "canceled", "pending", "unseen_status", "value_changed"),
}
STATES[IN_PART] = replace(STATES[State.PARTIAL], what=STATES[State.RESOLVED_APPLIED].what)
STATES[State.PREPARING] = STATES[State.SENDING] = STATES[State.CREATED]

ICONS = {
    "done": "done",
    "refused": "refused",
    "checking": "checking",
    "person": "person",
    "plain": "partial",
    "now": "clock",
}
SHORT: dict[str, Text] = {
    "done": _("Used"),
    "refused": _("Not used"),
    "checking": _("Being checked"),
    "person": _("Needs a person"),
    "plain": _("Used in part"),
    "now": _("Sending"),
}

# What the ledger, its filter and its files say of a state. A refusal's own words belong to its page.
TONES: dict[str, str] = {
    State.CREATED: "now",
    State.PREPARING: "now",
    State.SENDING: "now",
    State.UNKNOWN: "checking",
    State.NEEDS_REVIEW: "person",
    State.SUCCEEDED: "done",
    State.RESOLVED_APPLIED: "done",
    State.PARTIAL: "plain",
    State.REFUSED: "refused",
    State.NOT_SENT: "refused",
    State.NOT_APPLIED: "refused",
    State.RESOLVED_NOT_APPLIED: "refused",
}
GROUPS: dict[str, tuple[str, ...]] = {
    "done": (State.SUCCEEDED, State.RESOLVED_APPLIED),
    "checking": (State.CREATED, State.PREPARING, State.SENDING, State.UNKNOWN),
    "person": (State.NEEDS_REVIEW,),
    "part": (State.PARTIAL,),
    "not_done": (State.REFUSED, State.NOT_SENT, State.NOT_APPLIED, State.RESOLVED_NOT_APPLIED),
}
GROUP_WORDS: dict[str, Text] = {
    "done": SHORT["done"],
    "checking": SHORT["checking"],
    "person": SHORT["person"],
    "part": SHORT["plain"],
    "not_done": SHORT["refused"],
}

# What only programs are told: people choose from a list, and see the sum before they confirm it.
NOBODY_ON_IT = _("Nobody on this voucher has this id.")
WORTH_MORE = _("The vouchers are worth more than the services.")
ADDS_UP = _("services_total less the value of the vouchers is %(left)s.")


def refusal(code: str) -> Words:
    """Texts for a refusal code. A code that only the engine knows means that the issuer could not be reached."""
    return REFUSALS.get(code, REFUSALS["issuer_down"])


def words_for(operation: Operation, *, slow: bool) -> Words:
    """Texts for an operation's state. `slow`: it has been on its way longer than a person likes to wait."""
    if operation.state == State.REFUSED and operation.refusal_code in SEEN_BEFORE_SENDING:
        return refusal(operation.refusal_code)
    return STATES[standing_of(operation, slow=slow)]


def short_for(operation: Operation, words: Words) -> Text:
    """What its badge says. While it is on its way the words know more than the state does; afterwards their tone says how bad
    it is, and not what became of the voucher."""
    return SHORT[words.tone if operation.is_open else tone_of(operation)]


def tone_of(operation: Operation) -> str:
    return "plain" if operation.in_part else TONES[operation.state]


def standing_of(operation: Operation, *, slow: bool) -> str:
    """The key of STATES: the state, and what else a person sees of it."""
    if operation.state == State.SUCCEEDED and operation.evidence_level == "inferred":
        return "inferred"
    if operation.state == State.UNKNOWN and operation.escalated_at:
        return "overdue"
    if operation.state == State.RESOLVED_APPLIED and operation.in_part:
        return IN_PART
    again = operation.state == State.CREATED and operation.sends
    return State.UNKNOWN if again or (operation.state == State.SENDING and slow) else str(operation.state)
