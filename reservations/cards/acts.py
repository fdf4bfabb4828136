"""The card of one act, from the first moment to its end."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

import segno
from django.shortcuts import resolve_url
from django.utils.translation import gettext as _

from branches.roles import Permission
from customers.models import ProviderCustomer
from customers.selectors import customer_in
from providers.badges import ICONS, SHORT, SLOW, is_so_already, tone_of
from providers.models import Operation, State
from providers.registry import provider_name
from providers.timeline import labelled
from reservations.cards.around import RESULT, steps
from reservations.models import Act, Reservation, Subscription
from reservations.models.catalogue import localised
from reservations.outcomes import kind_of, words_for

DONE = (State.SUCCEEDED, State.RESOLVED_APPLIED, State.PARTIAL)
AGAIN = (State.NOT_SENT, State.NOT_APPLIED, State.RESOLVED_NOT_APPLIED)
GONE = (State.REFUSED, *AGAIN)
NOT_YET_READ = dt.timedelta(seconds=60)  # how long the page waits for what was made to be read
LINK = "payment_link"
VERBS = {
    "booking.confirm": "reservations:confirm",
    "booking.cancel": "reservations:cancel",
    "booking.done": "reservations:finish",
    "booking.reschedule": "reservations:reschedule",
    "booking.pause": "reservations:pause",
    "booking.resume": "reservations:resume",
}
ATTENDING = {
    ("reservation", "check_in"): "reservations:check_in",
    ("reservation", "check_out"): "reservations:check_out",
    ("subscription", "check_in"): "reservations:check_in_subscription",
    ("subscription", "check_out"): "reservations:check_out_subscription",
}
Row = Reservation | Subscription | ProviderCustomer


def result(act: Act, row: Row | None, rights: frozenset[str], *, now: dt.datetime) -> dict[str, Any]:
    """`row` as `row_of` gives it, `rights` of the person at the branch of the act."""
    operation = act.operation
    slow = now - operation.created_at > SLOW
    words = words_for(operation, slow=slow)
    tone = tone_of(operation, words.tone)
    may_book = Permission.BOOK in rights
    references = operation.outcome.get("references", {})
    link = str(references.get(LINK, "")) if operation.state in DONE else ""
    customer = _customer(act)
    return {
        "steps": steps(RESULT) if operation.kind == "booking.book" else [],
        "act": act,
        "operation": operation,
        "branch": operation.branch,
        "provider": provider_name(operation.account.provider),
        "title": kind_of(operation).name,
        "words": words,
        "tone": "done" if tone == "done" else words.tone,
        "icon": ICONS[tone],
        "short": SHORT[tone],
        "who": act.asked.get("customer") or act.asked.get("name") or (customer.name if customer else ""),
        "asked": facts_of(act),
        "seconds": int(((operation.finished_at or now) - operation.created_at).total_seconds()),
        "counts": operation.is_open and operation.state != State.NEEDS_REVIEW,
        "polls": polls(act, row, now),
        "standing": standing(operation, row, now),
        "slow": slow,
        "applied": operation.state in DONE,
        "row": row,
        "customer": customer,
        "again": again(act, row, customer) if may_book else "",
        "undo": may_book and is_to_undo(act),
        "may_check_in": may_book and may_come_in(act, row, now),
        "link": link,
        "qr": segno.make_qr(link, error="m").svg_data_uri(scale=4, border=3) if link else "",
        "references": labelled({name: value for name, value in references.items() if name != LINK}),
    }


def row_of(act: Act) -> Row | None:
    """What it is about, or what it made, as our mirror has it; None until a worker has read it."""
    external_id = act.subject_id or next(iter(act.made_ids), "")
    account = act.operation.account_id
    if not external_id:
        return None
    if act.subject == Act.Subject.CUSTOMER:
        return customer_in(account, external_id)
    if act.subject == Act.Subject.SUBSCRIPTION:
        return Subscription.objects.filter(account=account, external_id=external_id).first()
    return Reservation.objects.filter(account=account, external_id=external_id).first()


def _customer(act: Act) -> ProviderCustomer | None:
    return customer_in(act.operation.account_id, act.customer_id) if act.customer_id else None


def polls(act: Act, row: Row | None, now: dt.datetime) -> bool:
    """Until it has an end, and then until what it made has been read: only then can one go on with it."""
    operation = act.operation
    if operation.is_open:
        return operation.state != State.NEEDS_REVIEW
    finished = operation.finished_at
    fresh = finished is not None and now - finished < NOT_YET_READ
    return row is None and operation.state in DONE and fresh


def standing(operation: Operation, row: Row | None, now: dt.datetime) -> str:
    """What a page shows of it, in a word: as long as it stays, there is nothing new to show."""
    tone = words_for(operation, slow=now - operation.created_at > SLOW).tone
    return f"{operation.state}-{tone}{'-read' if row else ''}"


def facts_of(act: Act) -> list[dict[str, Any]]:
    """What was asked for: label, kind (text, time, day), value."""
    asked, found = act.asked, []
    for item in asked.get("items", []):
        found.append(_fact(_("Service"), "text", localised(tuple(item["names"]))))
        if "starts" in item:
            found.append(_fact(_("Appointment"), "time", dt.datetime.fromisoformat(item["starts"])))
    labels = {
        "from": (_("Until now"), "time"),
        "to": (_("New time"), "time"),
        "were_with": (_("Practitioner until now"), "names"),
        "with_names": (_("Practitioner"), "names"),
        "first": (_("Pause begins"), "day"),
        "on": (_("Goes on again"), "day"),
        "starts": (_("Begins"), "day"),
        "reason": (_("Reason"), "text"),
        "number": (_("Reservation"), "text"),
        "code": (_("Subscription"), "text"),
    }
    if asked.get("only_who"):
        labels["from"] = (_("Appointment"), "time")
        del labels["to"]
    if "first" in asked:  # of a pause; the "until" of another time is its end
        labels["until"] = (_("Goes on again"), "day")
    for name, (label, kind) in labels.items():
        if asked.get(name):
            found.append(_fact(label, kind, _read(kind, asked[name])))
    if "direction" in asked:
        word = _("Check-in") if asked["direction"] == "check_in" else _("Check-out")
        found.insert(0, _fact(_("What"), "text", word))
    if "notify" in asked:
        found.append(_fact(_("Message to the customer"), "text", _("Yes") if asked["notify"] else _("No")))
    return found


def _fact(label: str, kind: str, value: Any) -> dict[str, Any]:
    return {"label": label, "kind": kind, "value": value}


def _read(kind: str, text: Any) -> Any:
    readers: dict[str, Any] = {"names": ", ".join, "time": dt.datetime.fromisoformat, "day": dt.date.fromisoformat}
    return readers[kind](text) if kind in readers else text


# What can be done next ------------------------------------------------------------------------------------------------


def again(act: Act, row: Row | None, customer: ProviderCustomer | None) -> str:
    """Where a new attempt begins, where one is safe: nothing was sent, it was refused before anything was sent, or two looks
    and the waiting time say that nothing happened. '' elsewhere."""
    operation = act.operation
    looked_before = operation.state == State.REFUSED and operation.sends == 0 and not is_so_already(operation)
    if operation.state not in AGAIN and not looked_before:
        return ""
    if operation.kind == "booking.create_customer":
        return resolve_url("reservations:book")
    if operation.kind in ("booking.book", "booking.subscribe"):
        return _make_again(act, customer)
    name = VERBS.get(operation.kind) or ATTENDING[act.subject, act.asked["direction"]]
    if row is None or (act.follows_id and operation.kind == "booking.attend"):
        return ""
    after = f"?{urlencode({'after': act.pk})}" if operation.kind == "booking.reschedule" else ""
    return resolve_url(name, row.pk) + after


def _make_again(act: Act, customer: ProviderCustomer | None) -> str:
    if customer is None:
        return ""
    name = "reservations:book_what" if act.operation.kind == "booking.book" else "reservations:subscribe"
    return f"{resolve_url(name, customer.pk)}?{urlencode({'after': act.pk})}"


def is_to_undo(act: Act) -> bool:
    """A check-in or check-out of ours that was done, that undoes none itself, and that nobody is undoing."""
    return _was_attended(act) and not act.followed_by.exclude(operation__state__in=GONE).exists()


def attendance_to_undo(acts: Sequence[Act]) -> Act | None:
    """The last check-in or check-out among all that was done to one of theirs, newest first, if `is_to_undo`: what undoes it
    is among them."""
    last = next((act for act in acts if act.operation.kind == "booking.attend"), None)
    if last is None or not _was_attended(last):
        return None
    undone = any(act.follows_id == last.pk and act.operation.state not in GONE for act in acts)
    return None if undone else last


def _was_attended(act: Act) -> bool:
    return act.operation.kind == "booking.attend" and act.operation.state in DONE and not act.follows_id


def may_come_in(act: Act, row: Row | None, now: dt.datetime) -> bool:
    """The customer of a booking for today may be standing there."""
    if act.operation.kind != "booking.book" or not isinstance(row, Reservation) or act.operation.state not in DONE:
        return False
    branch = act.operation.branch
    return row.status in ("pending", "confirmed") and branch.business_date(row.starts_at) == branch.business_date(now)
