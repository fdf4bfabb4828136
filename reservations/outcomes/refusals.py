"""Why something cannot be done, by its code."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from reservations.outcomes.kinds import ASK_SUPERVISOR, BOOK_ANOTHER, LOOK_AGAIN, MOMENT, Words

REFUSALS: dict[str, Words] = {
    # Before anything was opened.
    "not_allowed": Words(_("Your role does not allow this"), ASK_SUPERVISOR, MOMENT),
    "not_here": Words(_("This belongs to another branch"), _("Do it at that branch."), MOMENT),
    "in_use_here": Words(
        _("Someone is changing this right now"), _("Do not repeat it. Watch the other change."), MOMENT, tone="checking"
    ),
    "provider_down": Words(
        _("The booking system is not answering"),
        _("Nothing was sent. Try again in a moment."),
        _("“The booking system is not answering. One moment, please.”"),
        tone="plain",
    ),
    "busy": Words(
        _("Too much waits for the booking system"), _("Nothing was sent. Try again in a moment."), MOMENT, tone="plain"
    ),
    "phone_unreadable": Words(
        _("This is not a phone number"),
        _("Type the number as the customer says it, for example 0512345678."),
        _("“What is your phone number, please?”"),
    ),
    "name_missing": Words(_("The name is missing"), _("Type the customer’s name."), _("“What is your name, please?”")),
    "customer_blocked": Words(_("This customer is blocked there"), ASK_SUPERVISOR, MOMENT),
    "no_customer": Words(_("No customer is named here"), ASK_SUPERVISOR, MOMENT),
    "booked_already": Words(
        _("They are booked at this time already"),
        _("Look at that booking first. Book again only if it is meant."),
        _("“You are booked at this time already. Is this for somebody else?”"),
        tone="checking",
    ),
    "slot_missing": Words(_("No time is chosen"), _("Choose a free time."), _("“Which time suits you?”")),
    "slot_past": Words(_("This time has begun"), BOOK_ANOTHER, _("“Which other time suits you?”")),
    "practitioner_wrong": Words(
        _("This practitioner is not free then"), _("Choose another practitioner, or another time."), MOMENT
    ),
    "too_many_items": Words(_("No more fits into one booking"), _("Book the rest as a second booking."), MOMENT),
    "quantity_wrong": Words(_("This number cannot be booked"), _("Type another number."), MOMENT),
    "field_missing": Words(_("An answer is missing"), _("Fill in what the product asks for."), MOMENT),
    "not_offered": Words(
        _("This is not offered here now"), _("Choose something else."), _("“We do not have this here at the moment.”")
    ),
    "withdrawn": Words(
        _("One of these services is no longer offered"),
        _("It was taken out. Choose something else, or book the rest."),
        _("“We do not have this here at the moment.”"),
    ),
    "no_reason": Words(_("The reason is missing"), _("Choose or type a reason."), MOMENT),
    "nothing_chosen": Words(_("Nothing is chosen"), _("Choose a subscription."), MOMENT),
    "day_past": Words(_("This day is over"), _("Choose today or a later day."), MOMENT),
    "days_wrong": Words(_("These days do not fit"), _("The pause begins today or later, and ends after that."), MOMENT),
    "nothing_to_undo": Words(_("There is nothing to undo"), LOOK_AGAIN, MOMENT),
    "undone_already": Words(_("This was undone before"), LOOK_AGAIN, MOMENT),
    # The look before sending.
    "customer_exists": Words(
        _("Somebody has this phone number already"),
        _("Choose the customer from the list and book for them."),
        _("“Your number is known to us. What is your name?”"),
    ),
    "slot_taken": Words(
        _("This time has just been taken"),
        _("Choose one of the nearest free times."),
        _("“Which other time suits you?”"),
    ),
    "not_found": Words(_("The booking system does not know it any more"), LOOK_AGAIN, MOMENT),
    "cancelled": Words(_("It is cancelled"), LOOK_AGAIN, _("“This appointment is cancelled.”")),
    "done": Words(_("The visit is done already"), LOOK_AGAIN, MOMENT),
    "confirmed": Words(_("It is confirmed already"), LOOK_AGAIN, MOMENT),
    "already_done": Words(_("It is like this already"), _("Nothing more to do."), MOMENT, tone="plain"),
    "changed_meanwhile": Words(
        _("Somebody has moved it meanwhile"), _("Look at the new time, then decide."), MOMENT, tone="checking"
    ),
    "unseen_status": Words(_("It has a status that we do not know"), ASK_SUPERVISOR, MOMENT),
    "not_checked_in": Words(_("Nobody is checked in here"), LOOK_AGAIN, MOMENT),
    "no_visit_left": Words(_("No visit is left"), LOOK_AGAIN, _("“Your subscription has no visit left.”")),
    "not_running": Words(_("This subscription is not running"), LOOK_AGAIN, MOMENT),
    "paused_already": Words(_("It is paused already"), LOOK_AGAIN, MOMENT),
    "not_paused": Words(_("It is not paused"), LOOK_AGAIN, MOMENT),
    # A question that had no answer.
    "no_answer": Words(
        _("The booking system is not answering"),
        _("What you see is older. Try again in a moment."),
        _("“The booking system is not answering. One moment, please.”"),
        tone="plain",
    ),
    "unreadable_answer": Words(
        _("The booking system gave an answer that we cannot read"), ASK_SUPERVISOR, MOMENT, tone="plain"
    ),
    "provider_refused": Words(_("The booking system refused the question"), ASK_SUPERVISOR, MOMENT, tone="plain"),
    "login_refused": Words(
        _("The booking system does not accept our login"), _("Call the administrator."), MOMENT, tone="plain"
    ),
}


def refusal(code: str) -> Words:
    """Texts for a refusal code. A code that only the engine knows means that they could not be reached."""
    return REFUSALS.get(code, REFUSALS["provider_down"])
