"""Chaos over bookings: the main run and its short ones. What is checked afterwards is in `booked_checker.py`."""

from __future__ import annotations

import datetime as dt
import random
import threading
import time
from collections import Counter as Count
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from http.client import HTTPException
from typing import Any

from django.utils import timezone

from branches.models import User
from branches.roles import Role
from branches.services import add_staff
from config.chaos import booked_checker, clinic, faults
from config.chaos.acts import stories
from config.chaos.booked_guests import BookedLives, Guest
from config.chaos.clinic import Clinic
from config.chaos.guests import Counter, Script
from config.chaos.mutants import MUTANTS
from config.chaos.run import POINTS, Result, heal, look_at_night
from config.chaos.site import Setting, Site, Twin
from config.chaos.trouble import Trouble
from config.chaos.windows import CHAOS, HARSH
from providers.contracts.booking_orders import (
    Attending,
    BookingItem,
    BookingOrder,
    Direction,
    NewCustomer,
    SlotQuery,
    Subject,
)
from providers.contracts.bookings import ProductKind, SubscriptionRecord, SubscriptionStatus
from providers.models import Attempt, Discrepancy, Operation
from providers.operations.journal import Journal
from providers.operations.reread import Pace, reread
from providers.registry import bookings_for
from providers.windows import Windows
from reservations.models import Act
from reservations.sync import store_seen

SLUG = "rekaz"
RATE = 0.36
TOO_LATE = 8.0  # seconds: when two looks have been clear, and it was sent again
SLOTS = 5  # of each guest: three to book at, one for a second service beside it, one to move to
PEOPLE = 16
CHIEF = "chaos-chief"


def opened(site: Site, twin: Twin) -> tuple[Clinic, Counter, Any]:
    place = clinic.opened(site.trade, twin, 1)
    add_staff(username=CHIEF, role=Role.SUPERVISOR, branches=[place.branch], password=None)
    client = bookings_for(place.account, Journal(place.account))
    products = client.products()
    store_seen(place.account, [*client.places(), *client.practitioners(), *products], timezone.now())
    booked = next(one for one in products if one.kind == ProductKind.RESERVATION and one.minutes == 60)
    plan = next(one for one in products if one.kind == ProductKind.SUBSCRIPTION)
    clerks = [person.username for person in place.staff if person.username != CHIEF]
    counter = Counter(
        port=site.port + 40,
        product=booked.external_id,
        price=booked.prices[0].external_id,
        plan=plan.external_id,
        clerks=clerks,
        tills=[till.pk for till in place.tills],
        chief=User.objects.get(username=CHIEF).username,
    )
    return place, counter, client


def guests(
    place: Clinic, counter: Counter, client: Any, count: int, dice: random.Random, booked: bool = False
) -> list[Guest]:
    """Their times are theirs alone, and spread over weeks. `booked`: for a short run every second one has a booking already,
    and who has a subscription has come once before."""
    phones = [f"+96650{dice.randrange(10**7):07}" for _ in range(count)]
    made = [client.create_customer(NewCustomer(f"Guest {n}", phones[n])).references["customer"] for n in range(count)]
    store_seen(place.account, [client.customer(one) for one in made], timezone.now())
    plans, times, found = _running(client), _times(client, counter.price), []
    for n, customer in enumerate(made):
        mine = [times[n * SLOTS + k] for k in range(SLOTS)]
        mine[-1] = times[-1 - n]  # weeks away: whoever moves it at the portal, hour by hour, never gets there
        item = BookingItem(counter.price, 1, *mine[0])
        had = client.book(BookingOrder(customer, "", (item,))).references["reservations"] if booked and n % 2 else ""
        plan = plans.pop() if plans and not had else None
        if plan and booked:
            for way in Direction:
                client.attend(Attending(Subject.SUBSCRIPTION, way, plan.external_id, plan.customer_id))
        # Not both on one: what waits for a person is not cancelled meanwhile.
        then = (("cancel",) if n % 4 == 1 else ("reschedule",)) if had else ()
        found.append(Guest(customer, plan.external_id if plan else "", mine, had, then))
    return found


def _running(client: Any) -> list[SubscriptionRecord]:
    """Of the people that the twin begins with."""
    rows = [row for one in _stocked(client) for row in client.subscriptions_of(one.external_id)]
    return [row for row in rows if row.status == SubscriptionStatus.ACTIVE and not row.paused_at]


def _stocked(client: Any) -> list[Any]:
    return [
        row for phone in ("+966501234567", "+966555010203", "+966540112233") for row in client.customers_with(phone)
    ]


def _times(client: Any, price: str) -> list[tuple[str, str]]:
    """Of three weeks, so that nobody's is taken before the run begins."""
    day = dt.datetime.combine(timezone.localdate() + dt.timedelta(days=9), dt.time())
    found = client.slots(SlotQuery(price, day, day + dt.timedelta(days=40)))
    hours: dict[str, str] = {}
    last = ""
    for slot in sorted(found, key=lambda one: one.wire_from):
        if slot.wire_from >= last:  # one after the other: a free time must not depend on its neighbour
            hours[slot.wire_from], last = slot.wire_to, slot.wire_to
    return list(hours.items())


def begin(site: Site, setting: Setting) -> None:
    site.start(setting)
    site.add("counter", ["-m", "config.chaos.counter", str(site.port + 40)], setting)


def main_run(site: Site, count: int, seed: int, kills: int, pace: float, say: Callable[[str], None]) -> Result:
    """So many customers, everything at once, then a quiet minute in which all of it must come to an end."""
    began, twin, windows, dice = time.monotonic(), site.twins[0], CHAOS, random.Random(seed)
    site.fresh_database()
    site.forget_kills()
    twin.control.reset("demo")
    place, counter, client = opened(site, twin)
    people = guests(place, counter, client, count, dice)
    first = max((seen.sequence for seen in twin.control.requests(SLUG)), default=0)
    twin.control.rules(SLUG, second_use="accepted")  # a provider that does it again whenever it is asked again
    chance = f"{max(kills / count / 3, 0.001):.4f}"
    points = ",".join(f"{point}@{chance}" for point in POINTS) if kills else ""
    twin.control.seed_mode(seed, RATE, faults.kinds(windows))
    begin(site, Setting(windows, kills=points, most=kills))
    lives = BookedLives(counter, people, seed, patience=60 + 3 * count)
    with Trouble(site, seed, pace, windows.lease * 1.6) as trouble:
        lives.live(PEOPLE)
    result = _ended(site, twin, "bookings", windows, lives, first, began)
    result.facts |= {"kills": site.kills(), "deaths": dict(site.deaths), "trouble": dict(trouble.done)}
    site.stop()
    return result


def _ended(site: Site, twin: Twin, name: str, windows: Windows, lives: BookedLives, first: int, began: float) -> Result:
    healed = heal(site, twin, windows, waits_for_people=True)
    look_at_night()
    reread(Pace(pause=0))
    books = booked_checker.read(lives.pressed, twin, first, windows)
    findings = [*booked_checker.findings(books), *healed.findings, *(f"I11 {text}" for text in site.violations())]
    requests = [seen for seen in twin.control.requests(SLUG) if seen.sequence > first]
    result = Result(
        name, Act.objects.count(), time.monotonic() - began, findings, stories=stories(findings, books.rows)
    )
    result.facts = {
        "requests": len(requests),
        "faults": round(sum(bool(seen.fault) for seen in requests) / max(len(requests), 1), 3),
        "kinds": len({seen.fault for seen in requests} - {""}),
        "writes": sum(seen.method != "GET" for seen in requests),
        "effects": sum(effect.request > first for effect in twin.control.ledger(SLUG)),
        "sent_again": Attempt.objects.filter(n__gt=1).count(),
        "acts": dict(Count(Operation.objects.values_list("kind", flat=True))),
        "states": dict(Count(Operation.objects.values_list("state", flat=True))),
        "inferred": Operation.objects.filter(evidence_level="inferred", state="succeeded").count(),
        "late_found": Discrepancy.objects.filter(kind="late_effect").count(),
    }
    return result


def harsh_run(site: Site, name: str, count: int, seed: int) -> Result:
    """The same half minute for the engine as it is and for each mutant; what chance would deal too seldom is dealt."""
    began, twin, dice = time.monotonic(), site.twins[0], random.Random(seed)
    windows = replace(HARSH, send_before=30, review=8)
    site.fresh_database(MUTANTS[name].sql if name else ())
    twin.control.reset("demo")
    place, counter, client = opened(site, twin)
    people = guests(place, counter, client, count, dice, booked=True)
    first = max((seen.sequence for seen in twin.control.requests(SLUG)), default=0)
    twin.control.rules(SLUG, second_use="accepted")
    twin.control.seed_mode(seed, 0.2, faults.kinds(windows))
    begin(site, Setting(windows, mutant=name, senders=1))
    lives = BookedLives(counter, people, seed, 25, scripted(twin, dice))
    lives.live(PEOPLE)
    result = _ended(site, twin, name or "as it is", windows, lives, first, began)
    site.stop()
    return result


def scripted(twin: Twin, dice: random.Random) -> Script:
    """Lost before and after, errors that did it, effects that come late, and somebody at the portal between two sends."""
    ends = {"done": "finish", "came": "attend", "went": "attend", "create": "create_customer"}

    def spoil(do: str, fields: dict[str, Any]) -> None:
        fault, subject = twin.control.fault, str(fields.get("id", ""))
        endpoint, code = ends.get(do, do), {"code": subject} if subject else {}
        if do == "reschedule":
            fault("drop_before", endpoint=endpoint, **code)
            threading.Thread(target=_moved_by_hand, args=(twin, subject), daemon=True).start()
        elif do == "cancel":
            fault("late_effect", endpoint=endpoint, seconds=TOO_LATE, answer="504", **code)
        elif do == "came":
            fault("drop_before", endpoint=endpoint, **code)
        elif dice.random() < 0.6:
            kind = dice.choice(("drop_before", "drop_after", "late_effect", "status"))
            more: dict[str, Any] = {"seconds": 1.2, "answer": "504"} if kind == "late_effect" else {}
            more |= {"status": 500, "after": True} if kind == "status" else {}
            fault(kind, endpoint=endpoint, **code, **more)

    return spoil


def _moved_by_hand(twin: Twin, subject: str) -> None:
    """When our move has been sent, and lost: somebody at the portal moves the same booking before our next look."""
    until = time.monotonic() + 15
    with suppress(OSError, HTTPException):  # the run is over, and the twin with it
        while time.monotonic() < until:
            if any(one.endpoint == "reschedule" and one.code == subject for one in twin.control.requests(SLUG)):
                twin.control.fault("human", endpoint="reservation", code=subject, when="before")
                return
            time.sleep(0.1)


def hunt(site: Site, name: str, count: int, seed: int) -> Result:
    from config.chaos.short_runs import hunted

    return hunted(partial(harsh_run, site, name), count, seed)
