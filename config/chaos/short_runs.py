"""Runs of a minute: effects that come too late, reads that lag, a dead provider beside a living one, and the mutants."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from django.db import connections, transaction

from config.chaos import books, checker, clinic, faults
from config.chaos.clinic import Clinic, Sale
from config.chaos.mutants import MUTANTS
from config.chaos.run import Result, heal, judged, until_final
from config.chaos.site import Setting, Site
from config.chaos.staff import Shift
from config.chaos.windows import CHAOS, HARSH, LIVENESS
from providers.models import Discrepancy, Evidence, Operation

HARSH_RATE = 0.5
HARSH_KINDS = {"plain": 0.8, "pressed_twice": 0.1, "two_tills": 0.1}
HUNTS = 3
FATED = 18  # so many sales of such a run have a fate of their own
LAG = 5.5  # seconds that reads lag behind: longer than a settle window and two looks, shorter than three of them
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


# Reads that lag ---------------------------------------------------------------------------------------------------------


def lagging_run(site: Site, count: int, seed: int, mutant: str = "") -> Result:
    """The first send does it and its answer is lost; reads show it only after two clear looks. So it is sent again, and
    refused, because it was done. A refusal that came second proves nothing, and the next looks find the truth."""
    began, twin = time.monotonic(), site.twins[0]
    windows = replace(HARSH, send_before=60)  # who waits long for a sender may be sent again, too
    site.fresh_database()
    twin.control.reset("empty")
    twin.control.rules(site.trade.slug, order_replay="refused", order_conflict="422")
    place = clinic.opened(site.trade, twin, 1)
    place = replace(place, trade=replace(site.trade, most=1))
    sales = clinic.sales(place, twin, count, random.Random(seed), {"plain": 1})
    for sale in sales:
        twin.control.fault("drop_after", endpoint="redeem", code=sale.codes[0])
    twin.control.fault("stale_read", endpoint="find", seconds=LAG, times="forever")
    site.start(Setting(windows, mutant=mutant, senders=2))
    Shift(site.port, place, sales, patience=30).work()
    healed = until_final(15)
    result = Result(mutant or "lagging reads", count)
    result.findings = [*judged(site, sales, windows), *healed.findings]
    refused = Evidence.objects.filter(source="response", verdict="refused").count()
    result.facts = {"states": dict(Counter(Operation.objects.values_list("state", flat=True))), "refused": refused}
    if not refused and not mutant:
        result.findings.append("void: nothing was refused when it was sent again, so this run has tried nothing")
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
    if name and MUTANTS[name].lagging:
        return lagging_run(site, 12, seed, name)
    return _harsh_run(site, name, count, seed, faults.kinds(HARSH, site.trade.most))


def export_run(site: Site, count: int, seed: int) -> Result:
    """With the login to their export, which says whose burn it was. Nobody else burns anything: what a stranger has used
    waits for a person then, rightly, and this checker calls it lazy."""
    trade, kinds = site.trade, [kind for kind in faults.kinds(HARSH, site.trade.most) if kind["kind"] != "human"]
    site.trade = replace(trade, without=())
    result = _harsh_run(site, "", count, seed, kinds)
    asked = sum(seen.endpoint == "export" for seen in site.twins[0].control.requests(trade.slug))
    listed = Evidence.objects.filter(source="read", facts__order="listed").count()
    result.name, result.facts = "with their export", result.facts | {"asked": asked, "listed": listed}
    if not listed:
        result.findings.append("void: their export was never needed, so this run has tried nothing")
    site.trade = trade
    return result


def _harsh_run(site: Site, name: str, count: int, seed: int, kinds: list[dict[str, Any]]) -> Result:
    began, twin = time.monotonic(), site.twins[0]
    site.fresh_database(MUTANTS[name].sql if name else ())
    twin.control.reset("empty")
    twin.control.rules(site.trade.slug, second_use="accepted")  # a provider that doubles whenever it is asked twice
    place = clinic.opened(site.trade, twin, 1)
    sales = clinic.sales(place, twin, count, random.Random(seed), HARSH_KINDS)
    fates = faults.fates([sale.codes[0] for sale in sales])
    for fault in [*fates, *faults.parts([sale.codes for sale in sales[FATED:]])]:
        twin.control.fault(**fault)
    twin.control.seed_mode(seed, HARSH_RATE, kinds, spare=faults.SPARED, rates=site.trade.rates)
    site.start(Setting(HARSH, mutant=name, pauses=PAUSES, senders=1))
    shift = Shift(site.port, place, sales, patience=20)
    shift.work(_until_found(site, sales, shift) if name else lambda: None)
    healed = heal(site, twin, HARSH)
    if (
        name and healed.findings
    ):  # what goes round and round ends when nothing may be sent any more, with a wrong figure
        until_final(HARSH.send_before)
    result = Result(name or "as it is", count)
    result.findings = [*judged(site, sales, HARSH), *healed.findings]
    result.facts = {"states": dict(Counter(Operation.objects.values_list("state", flat=True)))}
    result.seconds = time.monotonic() - began
    site.stop()
    return result


def hunt(site: Site, name: str, count: int, seed: int) -> Result:
    return hunted(partial(mutant_run, site, name), count, seed)


def hunted(run: Callable[[int, int], Result], count: int, seed: int) -> Result:
    """Whether a short run meets the rule that is gone is a matter of chance: again with twice as much, and with three times,
    before it has survived."""
    for times in range(1, HUNTS + 1):
        result = run(times * count, seed + times - 1)
        if result.findings:
            break
    return caught(result)


def caught(result: Result) -> Result:
    """A mutant's findings are what we want to see; none is the failure."""
    result.facts = {
        "caught_by": sorted({finding.split()[0] for finding in result.findings}),
        "findings": len(result.findings),
    }
    result.facts["first"] = result.findings[0] if result.findings else ""
    result.stories = []
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
