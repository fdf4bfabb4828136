"""Chaos over loyalty cards: the main run and its short ones. What is checked afterwards is in `carded_checker.py`."""

from __future__ import annotations

import random
import time
from collections import Counter as Count
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Any

from django.utils import timezone

from branches.models import User
from branches.roles import Role
from branches.services import add_staff
from config.chaos import carded_checker, clinic, faults
from config.chaos.acts import stories
from config.chaos.card_guests import CardLives, Holder
from config.chaos.clinic import Clinic
from config.chaos.guests import Counter, Script
from config.chaos.mutants import MUTANTS
from config.chaos.run import POINTS, Result, heal, look_at_night
from config.chaos.site import Setting, Site, Twin
from config.chaos.trouble import Trouble
from config.chaos.windows import CHAOS, HARSH
from loyalty.models import Act, Limit
from loyalty.sync import cards_of, store_seen
from providers.models import Attempt, Discrepancy, Operation
from providers.operations.journal import Journal
from providers.operations.reread import Pace, reread
from providers.registry import loyalty_for
from providers.windows import Windows

SLUG = "altegio"
RATE = 0.36
FIRST_CLIENT, FIRST_CARD = 50_000_000, 60_000_000  # of the many that the twin makes when they are asked for
HAVE_POINTS = 100  # so many on the card of the client with this number
PEOPLE = 16
CHIEF = "chaos-chief"
LAG = 6.0  # seconds that their list of transactions lags behind: longer than a settle window and two looks
LAGGING = 40  # times that it is read so: everybody's looks before sending are among them
# What a short run is about, guest by guest: each rule has its turn.
PLANS = (
    ("take_ten", "give"),
    ("pay", "cancel"),
    ("give_lagging", "take"),
    ("withdraw", "cancel"),
    ("program", "refer"),
)


def opened(site: Site, twin: Twin) -> tuple[Clinic, Counter, Any]:
    place = clinic.opened(site.trade, twin, 1)
    add_staff(username=CHIEF, role=Role.SUPERVISOR, branches=[place.branch], password=None)
    for role in (Role.RECEPTIONIST, Role.SUPERVISOR):  # what waits for a second person sends nothing, and tries nothing
        Limit.objects.create(branch=place.branch, role=role, alone=Decimal(10_000), a_day=Decimal(1_000_000))
    client = loyalty_for(place.account, Journal(place.account))
    store_seen(place.account, [*client.card_types(), *client.programs()], timezone.now())
    counter = Counter(
        port=site.port + 40,
        product="",
        price="",
        plan="",
        clerks=[person.username for person in place.staff if person.username != CHIEF],
        tills=[till.pk for till in place.tills],
        chief=User.objects.get(username=CHIEF).username,
    )
    return place, counter, client


def holders(place: Clinic, twin: Twin, client: Any, count: int, *, planned: bool = False) -> list[Holder]:
    """The many clients of the twin, from the first one with points on its card."""
    twin.control.act(SLUG, "generate", count=count + HAVE_POINTS, seed=1)
    found = []
    for n in range(HAVE_POINTS, HAVE_POINTS + count):
        who, card = FIRST_CLIENT + n, FIRST_CARD + n
        made = [twin.control.act(SLUG, "visit", client=who) for _ in range(3)]
        visits = [(str(one["record"]), str(one["visit"])) for one in made]
        found.append(Holder(str(who), str(card), visits, PLANS[n % len(PLANS)] if planned else ()))
    for holder in found:
        people = client.search_clients(f"96655{int(holder.client) - FIRST_CLIENT:07d}")
        mine = [one for one in people if one.external_id == holder.client]
        store_seen(place.account, [*mine, cards_of(client, holder.client)], timezone.now())
    return found


def begin(site: Site, setting: Setting) -> None:
    site.start(setting)
    site.add("counter", ["-m", "config.chaos.card_counter", str(site.port + 40)], setting)


def main_run(site: Site, count: int, seed: int, kills: int, pace: float, say: Callable[[str], None]) -> Result:
    """So many clients, everything at once, then a quiet minute in which all of it must come to an end."""
    began, twin, windows = time.monotonic(), site.twins[0], CHAOS
    site.fresh_database()
    site.forget_kills()
    place, counter, client = _ready(site, twin)
    people = holders(place, twin, client, count)
    first = max((seen.sequence for seen in twin.control.requests(SLUG)), default=0)
    chance = f"{max(kills / count / 3, 0.001):.4f}"
    points = ",".join(f"{point}@{chance}" for point in POINTS) if kills else ""
    twin.control.seed_mode(seed, RATE, faults.kinds(windows), spare=["auth"])
    begin(site, Setting(windows, kills=points, most=kills))
    lives = CardLives(counter, people, seed, patience=60 + 3 * count)
    with Trouble(site, seed, pace, windows.lease * 1.6) as trouble:
        lives.live(PEOPLE)
    result = _ended(site, twin, "cards", windows, lives, first, began)
    result.facts |= {"kills": site.kills(), "deaths": dict(site.deaths), "trouble": dict(trouble.done)}
    site.stop()
    return result


def _ready(site: Site, twin: Twin) -> tuple[Clinic, Counter, Any]:
    """A provider that does it again whenever it is asked again, and does not count how often."""
    twin.control.reset("demo")
    twin.control.rules(SLUG, second_use="accepted", limits="off")
    return opened(site, twin)


def _ended(site: Site, twin: Twin, name: str, windows: Windows, lives: CardLives, first: int, began: float) -> Result:
    healed = heal(site, twin, windows, waits_for_people=True)
    look_at_night()
    reread(Pace(pause=0))
    books = carded_checker.read(lives.pressed, twin, first, windows)
    findings = [*carded_checker.findings(books), *healed.findings, *(f"I11 {text}" for text in site.violations())]
    requests = [seen for seen in twin.control.requests(SLUG) if seen.sequence > first]
    result = Result(
        name, Act.objects.count(), time.monotonic() - began, findings, stories=stories(findings, books.rows)
    )
    result.facts = {
        "requests": len(requests),
        "faults": round(sum(bool(seen.fault) for seen in requests) / max(len(requests), 1), 3),
        "kinds": len({seen.fault for seen in requests} - {""}),
        "writes": sum(seen.endpoint in carded_checker.WRITES for seen in requests),
        "effects": sum(effect.request > first for effect in twin.control.ledger(SLUG)),
        "sent_again": Attempt.objects.filter(n__gt=1).count(),
        "acts": dict(Count(Operation.objects.values_list("kind", flat=True))),
        "states": dict(Count(Operation.objects.values_list("state", flat=True))),
        "inferred": Operation.objects.filter(evidence_level="inferred", state="succeeded").count(),
        "clamped": sum(row.is_clamped for row in books.rows.values()),
        "points_of_ours": str(books.ours()),
        "late_found": Discrepancy.objects.filter(kind="late_effect").count(),
    }
    return result


def harsh_run(site: Site, name: str, count: int, seed: int) -> Result:
    """The same half minute for the engine as it is and for each mutant; what chance would deal too seldom is dealt."""
    began, twin, dice = time.monotonic(), site.twins[0], random.Random(seed)
    # A points' operation is looked up twice before it is sent: nothing here is about a send window that is too short for that.
    windows = replace(HARSH, send_before=30, review=8, send=1.2, settle=2.6)
    site.fresh_database(MUTANTS[name].sql if name else ())
    place, counter, client = _ready(site, twin)
    people = holders(place, twin, client, count, planned=True)
    first = max((seen.sequence for seen in twin.control.requests(SLUG)), default=0)
    # Nobody else by chance: whoever takes ten by hand in the window takes what looks like ours, and says so to nobody.
    kinds = [kind for kind in faults.kinds(windows) if kind["kind"] not in ("human", "stale_read")]
    twin.control.seed_mode(seed, 0.2, kinds, spare=["auth"])
    begin(site, Setting(windows, mutant=name, senders=1))
    lives = CardLives(counter, people, seed, 35, scripted(twin, dice))
    lives.live(PEOPLE)
    result = _ended(site, twin, name or "as it is", windows, lives, first, began)
    site.stop()
    return result


def scripted(twin: Twin, dice: random.Random) -> Script:
    """Lost before and after, errors that did it, effects that come late; and their own reception, at the worst moments."""
    ends = {"give": "by_hand", "take": "by_hand_in_chain", "cancel": "cancel_withdrawal", "unapply": "cancel_program"}
    ends |= {"apply": "apply_program", "refer": "apply_referral"}

    def spoil(do: str, fields: dict[str, Any]) -> None:
        fault, card = twin.control.fault, {"code": fields["card"]} if fields.get("card") else {}
        if do == "take_ten":  # as much was taken there a moment ago, and ours is lost before it is done
            twin.control.act(SLUG, "take", card=fields["card"])
            fault("drop_before", endpoint="by_hand_in_chain", **card)
        elif do == "give_lagging":  # done, its answer lost, and for long their list does not show it
            fault("drop_after", endpoint="by_hand", **card)
            fault("stale_read", endpoint="transactions", seconds=LAG, times=LAGGING)
        elif do == "cancel" and dice.random() < 0.7:  # between our reading of the bill and our look at it
            fault("human", endpoint="details", code=fields["visit"], when="before", skip=1)
        elif do != "pay" and dice.random() < 0.6:
            kind = dice.choice(("drop_before", "drop_after", "late_effect", "status"))
            more: dict[str, Any] = {"seconds": 1.2, "answer": "504"} if kind == "late_effect" else {}
            more |= {"status": 500, "after": True} if kind == "status" else {}
            fault(kind, endpoint=ends.get(do, do), **({} if do == "refer" else card), **more)

    return spoil


def hunt(site: Site, name: str, count: int, seed: int) -> Result:
    from config.chaos.short_runs import hunted

    return hunted(partial(harsh_run, site, name), count, seed)
