"""What an ended reading has to say of its collection: tombstones, drift, the quarantine."""

from __future__ import annotations

import datetime as dt

from providers.contracts import Reading
from providers.sync import runs
from providers.sync.bad import resolve_unmet
from providers.sync.crawl import Crawl
from providers.sync.decide import Reason, is_far_fewer, is_half_gone, may_bury
from providers.sync.drift import save_shapes
from providers.sync.gone import bury, live_count


def consequences(work: Crawl, reasons: list[str]) -> list[str]:
    """Tombstones, drift, the quarantine: what an ended reading has to say of the collection."""
    found: list[str] = []
    is_diary = work.collection.reading is Reading.DAYS
    proven = (work.run.full or is_diary) and not [one for one in reasons if one != Reason.FILTER_IGNORED]
    if proven:
        found += _bury_days(work) if is_diary else _bury(work)
    learned = proven or (work.asking is not None and not reasons)
    if work.durably(lambda: save_shapes(work.shapes, work.account, work.collection.name, learned, work.now)):
        found.append(Reason.DRIFT)
    work.run.quarantined = runs.open_quarantine(work.account, work.collection.name)
    if work.run.quarantined:
        found.append(Reason.QUARANTINED)
    return found


def _bury(work: Crawl) -> list[str]:
    last = runs.last_complete(work.account, work.collection.name)
    before, seen = last.distinct if last else None, len(work.tally.seen)
    if is_far_fewer(seen, before):
        return [Reason.FAR_FEWER]
    work.run.complete = True
    _let_go_of_unmet(work, last.began_at if last else None)
    if may_bury(proven=True, nameless=work.tally.nameless, seen=seen, last_complete=before):
        work.run.gone = bury(work.mirror, work.run, work.tally.seen, work.alive, work.now, work.durably)
    return []


def _let_go_of_unmet(work: Crawl, before: dt.datetime | None) -> None:
    """In quarantine, and not listed any more. `before`: when the complete run before this one began."""
    name, began = work.collection.name, work.run.began_at
    work.durably(lambda: resolve_unmet(work.account, name, began, before, work.now))


def _bury_days(work: Crawl) -> list[str]:
    """Only of these days is anything known."""
    first, until = map(dt.date.fromisoformat, work.run.since.split("/"))
    within = work.mirror.within(first, until) if work.mirror.within else None
    alive = live_count(work.mirror, work.account, within)
    if within is None or is_half_gone(len(work.tally.seen), alive):
        return [Reason.FAR_FEWER]
    work.run.complete = True
    _let_go_of_unmet(work, None)
    if not work.tally.nameless:
        work.run.gone = bury(work.mirror, work.run, work.tally.seen, alive, work.now, work.durably, within)
    return []
