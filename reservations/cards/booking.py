"""The cards before a booking is sent: whose, what, when, confirm."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from branches.models import Branch
from customers.models import ProviderCustomer
from customers.selectors import with_phone
from providers.badges import SLOW
from providers.models import State
from providers.normalise import mask_phone
from reservations import selectors
from reservations.cards.around import CONFIRM, PERSON, TIME, WHAT, steps
from reservations.models import Act, Ask, Product
from reservations.outcomes import refusal
from reservations.selectors import Slot
from reservations.selectors.catalogue import MOST
from reservations.services import Choice

DAYS = 3  # of a question about free times: in the evening before a weekend the nearest one is not even tomorrow's


@dataclass(frozen=True, slots=True)
class Taken:
    """One service at one of the times that were offered for it."""

    ask: Ask
    number: int
    slot: Slot
    product: Product

    @property
    def name(self) -> str:
        return f"{self.ask.pk.hex}-{self.number}"

    @property
    def answers(self) -> dict[str, str]:
        """Those that were kept when the card was left, by question."""
        return dict(self.ask.given.get("answers", {}).get(str(self.number), {}))

    def choice(self, answers: Mapping[str, str]) -> Choice:
        wanted = tuple(self.ask.given["practitioners"])
        return Choice(self.product, self.slot.price_id, self.slot, self.ask.given["quantity"], wanted, answers)


def waits(ask: Ask, now: dt.datetime) -> dict[str, Any]:
    """The part of a card that waits for an answer."""
    waiting = ask.state == Ask.State.WAITING
    age = now - ask.created_at
    return {
        "ask": ask,
        "polls": waiting,
        "slow": waiting and age > SLOW,
        "seconds": int(age.total_seconds()),
        "failed": refusal(ask.refusal_code) if ask.state == Ask.State.FAILED else None,
        "old": not waiting and now > ask.expires_at,
    }


def person(ask: Ask, user: Any, *, now: dt.datetime, error: str = "", typed: str = "") -> dict[str, Any]:
    """The mirror's customers at once; theirs as soon as they have answered, which the mirror knows then."""
    phone = ask.given["phone"]
    rows = [row for row in with_phone(user, phone) if row.account_id == ask.account_id]
    return waits(ask, now) | {
        "steps": steps(PERSON),
        "phone": mask_phone(phone),
        "rows": rows,
        "unknown": not rows and ask.state == Ask.State.ANSWERED,
        "standing": f"{ask.state} {len(rows)}",
        "error": refusal(error) if error else None,
        "typed": typed,
    }


def what(
    customer: ProviderCustomer,
    branch: Branch,
    kind: str,
    today: dt.date,
    after: Act | None,
    taken: Sequence[Taken] = (),
) -> dict[str, Any]:
    """Every price of every product that is booked here, the one of before chosen where something is tried once more. Beside
    what is taken already the day is the same."""
    products = [row for row in selectors.products_of(branch, kind) if row.account_id == customer.account_id]
    return {
        "steps": steps(WHAT),
        "customer": customer,
        "offers": list(_offers(products, branch)),
        "practitioners": _practitioners(products),
        "today": today,
        "after": after,
        "chosen": _chosen(after, products, len(taken)),
        "typed": {"day": _day(taken, branch, today).isoformat(), "practitioner": _with(after, len(taken))},
    }


def _offers(products: Iterable[Product], branch: Branch) -> Iterable[dict[str, Any]]:
    for product in products:
        for price in product.price_list[:MOST]:
            yield {
                "value": f"{product.pk}:{price.stable_id or price.price_id}",
                "product": product,
                "price": price,
                "named": price.name if len(product.prices) > 1 else "",
                "currency": branch.currency,
            }


def _practitioners(products: Iterable[Product]) -> list[tuple[str, str]]:
    found = {one["id"]: one["name"] for product in products for one in product.practitioners if one["id"]}
    return sorted(found.items(), key=lambda pair: pair[1])


def _day(taken: Sequence[Taken], branch: Branch, today: dt.date) -> dt.date:
    return taken[-1].slot.starts_at.astimezone(branch.zone).date() if taken else today


def _asked(after: Act | None, place: int) -> dict[str, Any]:
    """The item of what was asked for before that stands in this place."""
    items: list[dict[str, Any]] = after.asked.get("items", []) if after else []
    return items[place] if place < len(items) else {}


def _chosen(after: Act | None, products: Iterable[Product], place: int) -> str:
    item = _asked(after, place)
    same = (row.pk for row in products if row.external_id == item.get("product"))
    return f"{next(same, '')}:{item.get('price', '')}"


def _with(after: Act | None, place: int) -> str:
    return next(iter(_asked(after, place).get("with", [])), "")


def wanted_at(after: Act | None, now: dt.datetime, taken: Sequence[Taken] = ()) -> dt.datetime:
    """The time that was wanted before, else the end of what is taken already, else now."""
    asked = after.asked if after else {}
    text = asked.get("to") or _asked(after, len(taken)).get("starts", "")
    if text:
        return max(dt.datetime.fromisoformat(text), now)
    return max([now, *(one.slot.ends_at for one in taken)])


def times(ask: Ask, *, wanted: dt.datetime, now: dt.datetime, error: str = "", onward: bool = False) -> dict[str, Any]:
    """The nearest free times first, then all of them by day. Each is named by its place in the answer."""
    rows = ask.result.get("slots", [])
    numbers = {(row["from"], row["to"], tuple(row["practitioners"])): n for n, row in enumerate(rows)}

    def entry(slot: Slot) -> dict[str, Any]:
        return {"slot": slot, "n": numbers[slot.wire_from, slot.wire_to, slot.practitioner_ids]}

    zone, free = ask.branch.zone, selectors.slots_of(ask, now)
    days = groupby(free, key=lambda slot: slot.starts_at.astimezone(zone).date())
    first = dt.datetime.fromisoformat(ask.given["starts"]).date()
    product = selectors.product_of(ask)
    problem = ask.result.get("problem", "")
    near = [entry(slot) for slot in selectors.slots_near(ask, wanted, now, onward=onward)]
    return waits(ask, now) | {
        "steps": steps(TIME),
        "branch": ask.branch,
        "product": product,
        "near": near,
        "days": [(day, [entry(slot) for slot in slots]) for day, slots in days],
        "day": first,
        "before": first - dt.timedelta(days=1) if first > ask.branch.business_date(now) else None,
        "next": first + dt.timedelta(days=DAYS),
        "problem": refusal(problem) if problem else None,
        "error": refusal(error) if error else None,
        "standing": f"{ask.state} {len(free)}",
    }


def confirm(customer: ProviderCustomer, taken: Sequence[Taken], after: Act | None, error: str = "") -> dict[str, Any]:
    """The last of them is what the card is about, the others stand beside it."""
    told_of = [told(one) for one in taken]
    amounts = [one["amount"] for one in told_of]
    before = len(after.asked.get("items", ())) if after else 0
    return told_of[-1] | {
        "steps": steps(CONFIRM),
        "customer": customer,
        "phone": mask_phone(customer.phone) if customer.phone else "",
        "count": len(told_of),
        "sum": sum(amounts) if len(amounts) > 1 and None not in amounts else None,
        "missing": max(before - len(told_of), 0),
        "questions": _questions(taken),
        "error": refusal(error) if error else None,
        "again": error == "booked_already",
    }


def told(one: Taken) -> dict[str, Any]:
    """A service at a time, as it is shown before it is booked. The amount may be unknown."""
    price, wanted = selectors.price_of(one.product, one.slot.price_id), one.ask.given["practitioners"]
    return {
        "branch": one.ask.branch,
        "product": one.product,
        "named": price.name if price and len(one.product.prices) > 1 else "",
        "amount": one.slot.total if one.slot.total is not None or price is None else price.discounted,
        "quantity": one.ask.given["quantity"],
        "slot": one.slot,
        "practitioner": next((each["name"] for each in one.product.practitioners if each["id"] in wanted), ""),
    }


def _questions(taken: Sequence[Taken]) -> list[dict[str, Any]]:
    """What the clinic wants to know of every booking, without the field that keeps our own reference. `field` is its name
    on the card: the same question of two services has two answers."""
    required = [
        {
            "field": f"q{place}-{n}",
            "of": one.product,
            "at": one.slot.starts_at,
            "answer": kept.get(row["name"], ""),
            **row,
        }
        for place, one in enumerate(taken, 1)
        for kept in [one.answers]
        for n, row in enumerate(one.product.fields)
        if row["required"]
    ]
    ask = taken[-1].ask
    links = selectors.booking_links(ask.branch) if required else []
    markers = {link.marker for link in links if link.account.pk == ask.account_id}
    return [one for one in required if one["name"] not in markers]


def token_for(ask_id: uuid.UUID, *parts: object) -> uuid.UUID:
    """Of one draft: pressed in two tabs, or twice, it is one act."""
    return uuid.uuid5(ask_id, " ".join(map(str, parts)))


def is_over(act: Act | None) -> bool:
    """Whether an act that is tried once more has had an end without any effect."""
    return act is not None and act.operation.state in (
        State.NOT_SENT,
        State.NOT_APPLIED,
        State.REFUSED,
        State.RESOLVED_NOT_APPLIED,
    )
