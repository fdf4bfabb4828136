"""Why a voucher cannot be used, by its code."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from vouchers.outcomes.words import Words

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

# Why a redemption is refused, when the look before it says so. Every other refusal is the issuer's answer to it.
SEEN_BEFORE_SENDING = {
    *("not_found", "already_used", "expired", "canceled", "pending", "unseen_status", "value_changed"),
}

# What only programs are told: people choose from a list, and see the sum before they confirm it.
NOBODY_ON_IT = _("Nobody on this voucher has this id.")
WORTH_MORE = _("The vouchers are worth more than the services.")
ADDS_UP = _("services_total less the value of the vouchers is %(left)s.")


def refusal(code: str) -> Words:
    """Texts for a refusal code. A code that only the engine knows means that the issuer could not be reached."""
    return REFUSALS.get(code, REFUSALS["issuer_down"])
