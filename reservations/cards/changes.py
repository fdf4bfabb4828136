"""The cards of small changes: what it is about, what will be different, and whether that can be taken back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.shortcuts import resolve_url
from django.urls import NoReverseMatch
from django.utils.translation import gettext_lazy as _

from branches.models import Branch
from customers.models import ProviderCustomer
from customers.selectors import customer_in
from reservations.cards.around import where_work_goes_on
from reservations.models import Ask, Reservation, Subscription
from reservations.outcomes import Text
from reservations.selectors import Slot, days_of, practitioner_ids_of, who_gives


@dataclass(frozen=True, slots=True)
class Verb:
    """A change that asks for nothing more than a yes."""

    title: Text
    button: Text
    statuses: tuple[str, ...]  # in which it makes sense
    final: bool = False  # cannot be taken back


ALIVE = ("pending", "confirmed")
VERBS: Mapping[str, Verb] = {
    "confirm": Verb(_("Confirm the appointment"), _("Confirm the appointment"), ("pending",)),
    "finish": Verb(_("End the visit"), _("The visit is done"), ("confirmed",), final=True),
    "check_in": Verb(_("Check in"), _("Check in"), ALIVE),
    "check_out": Verb(_("Check out"), _("Check out"), (*ALIVE, "done")),
}
VISITS: Mapping[str, Verb] = {
    "check_in": Verb(_("Check in"), _("Check in"), ("active",)),
    "check_out": Verb(_("Check out"), _("Check out"), ("active", "paused")),
}


def of_reservation(row: Reservation, branch: Branch) -> dict[str, Any]:
    return {
        "row": row,
        "branch": branch,
        "statuses": dict(Reservation.STATUSES)[row.status],
        "practitioners": ", ".join(one["name"] for one in row.practitioners),
        "minutes": int((row.ends_at - row.starts_at).total_seconds() // 60),
        "back": back_to("reservations:reservation", row.pk),
    }


@dataclass(frozen=True, slots=True)
class CanDo:
    """Somebody who is free at a time. `key` is '' for whom it is with now."""

    key: str
    name: str
    chosen: bool


def others_of(row: Reservation) -> list[dict[str, str]]:
    """Who gives this service, too."""
    here = {one["name"] for one in row.practitioners} | {one["id"] for one in row.practitioners}
    return [one for one in who_gives(row) if not {one["id"], one["name"]} & here]


def who_can(row: Reservation, slot: Slot, ask: Ask) -> list[CanDo]:
    """Whom it is with now, if they are free then, and the others who are. Where the slot names nobody, nobody is left out.
    Chosen is who was asked for, else who it is with."""
    here, asked = practitioner_ids_of(row), ask.given["practitioners"]
    free = set(slot.practitioner_ids)
    wanted = asked[0] if asked and asked != here else ""
    others = [one for one in others_of(row) if not free or one["id"] in free]
    found = [(one["id"], one["name"]) for one in others]
    names = ", ".join(one["name"] for one in row.practitioners)
    if not free or asked == here or set(here) <= free or not found:
        found.insert(0, ("", names))
    keys = [key for key, _name in found]
    chosen = wanted if wanted in keys else next(iter(keys), "")
    return [CanDo(key, name, key == chosen) for key, name in found]


def of_subscription(row: Subscription, branch: Branch, now: dt.datetime) -> dict[str, Any]:
    customer = customer_in(row.account_id, row.customer_id)
    return {
        "row": row,
        "branch": branch,
        "customer": customer,
        "contents": ", ".join(item["product"] or item["name"] for item in row.items),
        "days": days_of(row, branch, now),
        "back": back_to("reservations:subscription", row.pk),
    }


def back_to(name: str, key: object) -> str:
    """The page of the row; where it has none, where work goes on."""
    try:
        return resolve_url(name, key)
    except NoReverseMatch:
        return where_work_goes_on()


def back_to_customer(customer: ProviderCustomer) -> str:
    return back_to("customers:customer", customer.pk)
