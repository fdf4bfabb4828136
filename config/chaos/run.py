"""The main run, and what every run ends with: healing, the look at night, the books compared."""

from __future__ import annotations

import random
import statistics
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db import OperationalError, connections
from django.db.models.functions import Now

from config.chaos import books, checker, clinic, faults
from config.chaos.clinic import Sale
from config.chaos.site import Setting, Site, Twin
from config.chaos.staff import Shift
from config.chaos.trouble import Trouble
from config.chaos.windows import CHAOS
from providers.models import Attempt, Discrepancy, Operation
from providers.windows import Windows

RATE = 0.35  # of all provider requests but logins
EVENING = 20.0  # seconds of faults after the last sale has begun
KINDS = {"plain": 0.7, "scanned": 0.1, "pressed_twice": 0.1, "two_tills": 0.1}
POINTS = ("K1", "K2", "K3", "K4", "K5", "K6", "K7", "K8", "K9")
OPEN = ["created", "preparing", "sending", "unknown"]

Say = Callable[[str], None]


@dataclass
class Result:
    name: str
    redemptions: int = 0
    seconds: float = 0.0
    findings: list[str] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    stories: list[str] = field(default_factory=list)  # of what the findings are about, for who has to understand them

    @property
    def passed(self) -> bool:
        return not self.findings


def main_run(site: Site, count: int, seed: int, kills: int, pace: float, minutes: float, say: Say) -> Result:
    """Everything at once, then a quiet minute in which all of it must come to an end."""
    began, twin, windows = time.monotonic(), site.twins[0], CHAOS
    site.fresh_database()
    site.forget_kills()
    twin.control.reset("empty")
    twin.control.rules(site.trade.slug, second_use="accepted")  # a provider that doubles whenever it is asked twice
    place = clinic.opened(site.trade, twin, 1)
    dice = random.Random(seed)
    sales = clinic.sales(place, twin, count, dice, KINDS)
    chance = f"{max(kills * 2 / count, 0.001):.4f}"
    points = ",".join(f"{point}@{chance}" for point in POINTS) if kills else ""
    twin.control.seed_mode(
        seed, RATE, faults.kinds(windows, site.trade.most), spare=faults.SPARED, rates=site.trade.rates
    )
    site.start(Setting(windows, kills=points, most=kills))
    shift = Shift(site.port, place, sales, patience=180 + count, opens_for=minutes * 60)
    with Trouble(site, seed, pace, windows.lease * 1.6) as trouble:
        shift.work(_Evening(shift, count, twin, say))
    healed = heal(site, twin, windows)
    result = Result("chaos", shift.done, time.monotonic() - began)
    result.findings = [*judged(site, sales, windows), *healed.findings]
    result.facts = {**_counts(site.trade.slug, twin), **_times(), "kills": site.kills(), "deaths": dict(site.deaths)}
    result.facts |= {"trouble": dict(trouble.done), "healed_in": round(healed.seconds, 1)}
    result.facts["gave_up"] = dict(Counter(sale.kind for sale in sales if sale.gave_up))
    site.stop()
    return result


class _Evening:
    """Called again and again while people work: tells how far they are. When the last sale has begun, things go wrong for
    a while yet, and then no more: what is open by then is to end as it would on a day that gets better."""

    def __init__(self, shift: Shift, count: int, twin: Twin, say: Say) -> None:
        self._shift, self._count, self._twin, self._say = shift, count, twin, say
        self._told = time.monotonic()
        self._calm_at = 0.0

    def __call__(self) -> None:
        now = time.monotonic()
        if now - self._told > 10:
            self._told = now
            self._say(f"  {self._shift.done} of {self._count}")
        if not self._calm_at and self._shift.all_begun:
            self._calm_at = now + EVENING
        if self._calm_at and now > self._calm_at:
            self._calm_at = float("inf")
            self._twin.control.clear_faults()


def heal(site: Site, twin: Twin, windows: Windows, *, waits_for_people: bool = False) -> Result:
    """Faults end; within a settle window, a re-send's and ten seconds, nothing may be open. `waits_for_people`: something may
    have been changed by somebody else meanwhile, and that goes to a person when its time for looking is over, not before."""
    twin.control.clear_faults()
    twin.control.down(site.trade.slug, False)
    patience = windows.lease + 2 * (windows.settle + windows.second_look) + 10
    return until_final(max(patience, windows.review + 10) if waits_for_people else patience)


def until_final(patience: float) -> Result:
    began = time.monotonic()
    while (left := _open_operations()) and time.monotonic() - began < patience:
        time.sleep(0.2)
    result = Result("healing", seconds=time.monotonic() - began)
    if left:
        result.findings.append(f"I6 {left} not final {patience:.0f} s after everything was well again")
    return result


def _open_operations() -> int:
    for _ in range(50):
        try:
            return Operation.objects.filter(state__in=OPEN).count()
        except OperationalError:  # PostgreSQL has just been restarted
            connections["default"].close()
            time.sleep(0.2)
    raise SystemExit("chaos: PostgreSQL does not come back")


def judged(site: Site, sales: list[Sale], windows: Windows) -> list[str]:
    """Look again at all that was judged not done, as the night does, then compare the books."""
    look_at_night()
    found = books.read(site.trade, sales, site.twins, windows)
    return checker.findings(found) + [f"I11 {text}" for text in site.violations()]


def look_at_night() -> None:
    """The watch of every operation that was judged not done, or in part, tonight's; until each has been looked at."""
    rows = Operation.objects.filter(state__in=["not_applied", "partial"], next_at__isnull=False)
    before = dict(rows.values_list("pk", "looks"))
    rows.update(next_at=Now())
    until = time.monotonic() + 20 + len(before) / 20
    while time.monotonic() < until:
        # A look is counted when it begins; when it has been recorded nobody holds the row.
        over = dict(Operation.objects.filter(pk__in=before, claim_token=None).values_list("pk", "looks"))
        if all(over.get(pk, 0) > looks for pk, looks in before.items()):
            return
        time.sleep(0.2)


def _counts(provider: str, twin: Twin) -> dict[str, Any]:
    requests = twin.control.requests(provider)
    met = sum(bool(seen.fault) for seen in requests)
    states = Counter(Operation.objects.values_list("state", flat=True))
    return {
        "requests": len(requests),
        "faults": round(met / max(len(requests), 1), 3),
        "kinds": len({seen.fault for seen in requests} - {""}),
        "writes": sum(seen.endpoint == "redeem" for seen in requests),
        "effects": len(twin.control.ledger(provider)),
        "operations": sum(states.values()),
        "sent_again": Attempt.objects.filter(n__gt=1).count(),
        "states": dict(states),
        "inferred": Operation.objects.filter(evidence_level="inferred", state="succeeded").count(),
        "late_found": Discrepancy.objects.filter(kind="late_effect").count(),
    }


def _times() -> dict[str, Any]:
    """Seconds from the intent to the end, of those that had no clear answer."""
    rows = Operation.objects.filter(finished_at__isnull=False, transitions__after="unknown").distinct()
    taken = sorted((end - begin).total_seconds() for begin, end in rows.values_list("created_at", "finished_at") if end)
    if len(taken) < 2:
        return {}
    cuts = statistics.quantiles(taken, n=100, method="inclusive")
    return {
        "unknown": len(taken),
        "settle": {"p50": round(cuts[49], 1), "p95": round(cuts[94], 1), "max": round(taken[-1], 1)},
    }
