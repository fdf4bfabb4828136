"""Runs of a minute: effects that come too late, a dead provider beside a living one, and the mutants."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.db import connections, transaction

from config.chaos import books, checker, clinic, faults
from config.chaos.clinic import Clinic, Sale
from config.chaos.mutants import MUTANTS
from config.chaos.run import Result, heal, judged, until_final
from config.chaos.site import Setting, Site
from config.chaos.staff import Shift
from config.chaos.windows import CHAOS, HARSH, LIVENESS
from providers.models import Discrepancy, Operation

HARSH_RATE = 0.5
HARSH_KINDS = {"plain": 0.8, "pressed_twice": 0.1, "two_tills": 0.1}
PAUSES = {"K6": (0.1, 3.6), "K8": (0.12, 2.4)}  # longer than the send window, and than the lease

# Late effects -----------------------------------------------------------------------------------------------------------


def late_run(site: Site, count: int, seed: int, mutant: str = "") -> Result:
    """F10: the effect comes after every window. Judged not done, rightly by the evidence; the night must find each one."""
    began, twin = time.monotonic(), site.twins[0]
    windows = replace(CHAOS, settle=1.2, second_look=0.3, send_before=6)
    site.fresh_database()
    twin.control.reset("empty")
    place = clinic.opened(site.trade, twin, 1)
    sales = clinic.sales(place, twin, count, random.Random(seed), {"late": 1})
    for sale in sales:
        twin.control.fault("late_effect", endpoint="redeem", code=sale.codes[0], times=3, seconds=16, answer="504")
    site.start(Setting(windows, mutant=mutant, senders=1))
    shift = Shift(site.port, place, sales, patience=60)
    shift.work()
    until_final(30)
    negative = Operation.objects.filter(state="not_applied").count()
    while len(twin.control.ledger(site.trade.slug)) < count and time.monotonic() - began < 90:
        time.sleep(0.3)
    result = Result(mutant or "late effects", count)
    result.findings = judged(site, sales, windows)
    found = Discrepancy.objects.filter(kind="late_effect").count()
    result.facts = {"judged_not_done": negative, "effects": len(twin.control.ledger(site.trade.slug)), "found": found}
    if found < negative or not negative:
        result.findings.append(f"F10 {negative} late effects, {found} found by the night")
    result.seconds = time.monotonic() - began
    site.stop()
    return result


# Liveness ---------------------------------------------------------------------------------------------------------------


def liveness_run(site: Site, count: int, seed: int) -> Result:
    """One provider is dead for ever (it takes the call and never answers). Alone and beside it, the other one's times."""
    began = time.monotonic()
    alone, beside = _race(site, count, seed, dead=False), _race(site, count, seed, dead=True)
    result = Result("liveness", 2 * count, time.monotonic() - began)
    result.findings = [*alone.findings, *beside.findings]
    result.facts = {"alone": alone.facts, "beside_a_dead_one": beside.facts}
    return result


def _race(site: Site, count: int, seed: int, *, dead: bool) -> Result:
    site.fresh_database()
    twins, dice = site.twins[:2], random.Random(seed)
    for twin in twins:
        twin.control.reset("empty")
    places = [clinic.opened(site.trade, twin, n) for n, twin in enumerate(twins, start=1)]
    all_sales = [
        clinic.sales(place, twin, count, dice, {"plain": 1}) for place, twin in zip(places, twins, strict=True)
    ]
    if dead:
        twins[1].control.fault("hang_before", times="forever", seconds=30, endpoint="find")
    site.start(Setting(LIVENESS, senders=1))
    shifts = [Shift(site.port, place, sales, patience=40) for place, sales in zip(places, all_sales, strict=True)]
    _together(shifts)
    result = until_final(LIVENESS.send_before + 10)
    result.findings += judged(site, [sale for sales in all_sales for sale in sales], LIVENESS)
    result.facts = {"living": _account_times(places[0]), "other": _account_times(places[1])}
    if result.facts["living"]["states"] != {"succeeded": count}:
        result.findings.append(f"liveness: the others noticed, {result.facts['living']}")
    site.stop()
    return result


def _together(shifts: list[Shift]) -> None:
    threads = [threading.Thread(target=shift.work) for shift in shifts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _account_times(place: Clinic) -> dict[str, Any]:
    rows = Operation.objects.filter(account=place.account)
    taken = sorted((end - begin).total_seconds() for begin, end in rows.values_list("created_at", "finished_at") if end)
    states = dict(Counter(rows.values_list("state", flat=True)))
    if not taken:
        return {"states": states}
    return {"states": states, "p50": round(taken[len(taken) // 2], 2), "p95": round(taken[int(len(taken) * 0.95)], 2)}


# Mutants ----------------------------------------------------------------------------------------------------------------


def mutant_run(site: Site, name: str, count: int, seed: int) -> Result:
    """The same harsh minute for the engine as it is ('') and for each mutant: quick windows, long pauses, half of all
    requests spoiled."""
    if name and MUTANTS[name].late:
        return late_run(site, 12, seed, name)
    began, twin = time.monotonic(), site.twins[0]
    site.fresh_database(MUTANTS[name].sql if name else ())
    twin.control.reset("empty")
    twin.control.rules(site.trade.slug, second_use="accepted")  # a provider that doubles whenever it is asked twice
    place = clinic.opened(site.trade, twin, 1)
    sales = clinic.sales(place, twin, count, random.Random(seed), HARSH_KINDS)
    for fault in faults.fates([sale.codes[0] for sale in sales]):
        twin.control.fault(**fault)
    twin.control.seed_mode(
        seed, HARSH_RATE, faults.kinds(HARSH, site.trade.most), spare=faults.SPARED, rates=site.trade.rates
    )
    site.start(Setting(HARSH, mutant=name, pauses=PAUSES, senders=1))
    shift = Shift(site.port, place, sales, patience=20)
    shift.work(_until_found(site, sales, shift) if name else lambda: None)
    healed = heal(site, twin, HARSH)
    result = Result(name or "as it is", count)
    result.findings = [*judged(site, sales, HARSH), *healed.findings]
    result.facts = {"states": dict(Counter(Operation.objects.values_list("state", flat=True)))}
    result.seconds = time.monotonic() - began
    site.stop()
    return result


def hunt(site: Site, name: str, count: int, seed: int) -> Result:
    """Whether a short run meets the rule that is gone is a matter of chance: once more, with twice the sales, before it has
    survived."""
    result = mutant_run(site, name, count, seed)
    if not result.findings:
        result = mutant_run(site, name, 2 * count, seed + 1)
    return caught(result)


def caught(result: Result) -> Result:
    """A mutant's findings are what we want to see; none is the failure."""
    result.facts = {
        "caught_by": sorted({finding.split()[0] for finding in result.findings}),
        "findings": len(result.findings),
    }
    result.facts["first"] = result.findings[0] if result.findings else ""
    result.findings = [] if result.findings else ["it survived: nothing in the evidence shows that this rule is gone"]
    return result


def _until_found(site: Site, sales: list[Sale], shift: Shift) -> Callable[[], None]:
    """A mutant that shows need not go on: everybody goes home, and the books are compared when all is quiet."""
    last = [time.monotonic()]

    def look() -> None:
        if time.monotonic() - last[0] < 2:
            return
        with transaction.atomic():
            connections["default"].cursor().execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            found = checker.findings(books.read(site.trade, sales, site.twins, HARSH))
        last[0] = time.monotonic()
        if site.violations() or any(not text.startswith(("I6", "I9")) for text in found):
            shift.close()

    return look
