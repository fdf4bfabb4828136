"""The card of one act, from the first moment to its end: what was asked for, what was really moved, what is left to pay."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.shortcuts import resolve_url
from django.utils.translation import gettext as _

from branches.roles import Permission
from customers.models import ProviderCustomer
from customers.selectors import customer_in
from loyalty.models import Act, Appointment, Card
from loyalty.outcomes import DONE, Words, kind_of, words_for
from providers.badges import ICONS, SHORT, SLOW, Badge, badge_of, is_so_already, tone_of
from providers.models import OPEN_STATES, State
from providers.registry import provider_name
from providers.timeline import labelled

AGAIN = (State.NOT_SENT, State.NOT_APPLIED, State.RESOLVED_NOT_APPLIED)
NOT_YET_READ = dt.timedelta(seconds=60)  # how long a page waits for what was changed to be read again
POINTS = "PTS"


@dataclass(frozen=True, slots=True)
class Around:
    """What our mirror has of what an act is about. `card` may be the one that it made."""

    customer: ProviderCustomer | None
    card: Card | None
    appointment: Appointment | None


def around(act: Act) -> Around:
    """Three queries at most."""
    account = act.operation.account_id
    card_id = act.made_id or act.card_id
    cards = (
        Card.objects.filter(account=account, external_id=card_id).defer("payload") if card_id else Card.objects.none()
    )
    record = Appointment.objects.filter(account=account, external_id=act.record_id).defer("payload")
    return Around(
        customer_in(account, act.client_id) if act.client_id else None,
        cards.first() if card_id else None,
        record.first() if act.record_id else None,
    )


def result(act: Act, there: Around, rights: frozenset[str], *, now: dt.datetime) -> dict[str, Any]:
    """`there` as `around` gives it, `rights` of the person at the branch of the act."""
    operation = act.operation
    words = words_of(act, now)
    tone = tone_of(operation, words.tone)
    return {
        "act": act,
        "operation": operation,
        "branch": operation.branch,
        "provider": provider_name(operation.account.provider),
        "title": kind_of(act).name,
        "words": words,
        "tone": "done" if tone == "done" else words.tone,
        "icon": ICONS[tone],
        "short": SHORT[tone],
        "who": there.customer.name if there.customer else "",
        "card_name": card_name(act),
        "page": "visits" if act.visit_id else "customers",
        "amounts": amounts_of(act),
        "asked": facts_of(act),
        "seconds": int(((operation.finished_at or now) - operation.created_at).total_seconds()),
        "counts": operation.is_open and operation.state != State.NEEDS_REVIEW,
        "polls": polls(act, there, now),
        "standing": standing(act, there, now),
        "slow": now - operation.created_at > SLOW,
        "applied": operation.state in DONE,
        "customer": there.customer,
        "card": there.card,
        "appointment": there.appointment,
        "again": again(act, there) if Permission.CARD_USE in rights else "",
        "references": labelled(operation.outcome.get("references", {})),
    }


def words_of(act: Act, now: dt.datetime) -> Words:
    return words_for(act, slow=now - act.operation.created_at > SLOW)


def card_name(act: Act) -> str:
    """Its type and the last four of its number, as it was when it was asked for."""
    tail = str(act.asked.get("card_tail", ""))
    return " · ".join(part for part in (str(act.asked.get("card_type", "")), f"••••{tail}" if tail else "") if part)


def amounts_of(act: Act) -> list[dict[str, Any]]:
    """The largest thing on the card: label, amount, what it counts; of what is not known yet nothing is said."""
    unit, done = unit_of(act), act.operation.state in DONE
    asked = abs(act.requested) if act.requested is not None else None
    applied = abs(act.applied) if act.applied is not None and done else None
    found = [
        (_("Asked for"), asked, unit, ""),
        (_("Really moved"), applied, unit, "xl"),
        (_("Balance before"), act.balance_before, POINTS, ""),
        (_("Balance after"), act.balance_after if done else None, POINTS, ""),
        (_("Left to pay"), act.left_to_pay if done else None, act.operation.currency, "lg"),
    ]
    return [
        {"label": label, "amount": amount, "unit": counted, "size": size}
        for label, amount, counted, size in found
        if amount is not None
    ]


def unit_of(act: Act) -> str:
    """A discount takes money off the bill, everything else moves points."""
    kind = act.operation.kind
    return act.operation.currency if kind.endswith("_program") or kind == "loyalty.referral" else POINTS


def facts_of(act: Act) -> list[tuple[str, str]]:
    """What else was asked for."""
    asked = act.asked
    found = [
        (_("Discount"), str(asked.get("program", ""))),
        (_("Reason"), str(act.get_reason_display()) if act.reason else ""),
        (_("Note"), act.note),
        (_("Booked at"), {"chain": _("The chain"), "location": _("This place")}.get(asked.get("scope", ""), "")),
    ]
    return [(label, value) for label, value in found if value]


def polls(act: Act, there: Around, now: dt.datetime) -> bool:
    """Until it has an end, and then until what it changed has been read: only then can one go on with it."""
    operation = act.operation
    if operation.is_open:
        return operation.state != State.NEEDS_REVIEW
    finished = operation.finished_at
    fresh = finished is not None and now - finished < NOT_YET_READ
    return fresh and operation.state in DONE and bool(act.made_id) and there.card is None


def standing(act: Act, there: Around, now: dt.datetime) -> str:
    """What a page shows of it, in a word: as long as it stays, there is nothing new to show."""
    read = "-read" if act.made_id and there.card else ""
    return f"{act.operation.state}-{words_of(act, now).tone}{read}"


# What can be done next ------------------------------------------------------------------------------------------------


def again(act: Act, there: Around) -> str:
    """Where a new attempt begins, where one is safe: nothing was sent, it was refused before anything was sent, or two looks
    and the waiting time say that nothing happened. '' elsewhere."""
    operation = act.operation
    looked_before = operation.state == State.REFUSED and operation.sends == 0 and not is_so_already(operation)
    if operation.state not in AGAIN and not looked_before:
        return ""
    return page_of(there)


def page_of(there: Around) -> str:
    """Where the thing itself is seen: the visit, the customer, the card. '' where the mirror has none of them."""
    if there.appointment:
        return resolve_url("loyalty:visit", there.appointment.pk)
    if there.customer:
        return resolve_url("loyalty:customer", there.customer.pk)
    return resolve_url("loyalty:card", there.card.pk) if there.card else ""


# In lists -------------------------------------------------------------------------------------------------------------


def act_badge(act: Act, now: dt.datetime) -> Badge:
    return badge_of(act.operation, words_of(act, now).tone)


def told(act: Act, now: dt.datetime) -> dict[str, Any]:
    """One entry of a timeline: what was asked, by whom, where, and what came of it."""
    return {
        "act": act,
        "operation": act.operation,
        "name": kind_of(act).name,
        "words": words_of(act, now),
        "badge": act_badge(act, now),
        "is_open": act.operation.state in OPEN_STATES,
        "asked": abs(act.requested) if act.requested is not None else None,
        "unit": unit_of(act),
        "facts": facts_of(act),
    }


def address_of(act: Act) -> str:
    return resolve_url("loyalty:act", act.pk)
