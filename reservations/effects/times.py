"""Are two of the provider's times the same? What they mean by a zone is disputed, so three things are compared: the words as
they came, the moments as the account's zone reads them, and, for doubt only, one read as the other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from zoneinfo import ZoneInfo

Agreement = Literal["same", "doubtful", "other"]


@dataclass(frozen=True, slots=True)
class Moment:
    """A time of theirs: verbatim, and aware as their client read it (None where they gave none)."""

    wire: str
    at: dt.datetime | None

    def plain(self) -> dict[str, str]:
        return {"wire": self.wire, "at": self.at.isoformat() if self.at else ""}


def moment_from(row: Mapping[str, Any]) -> Moment:
    return Moment(row["wire"], dt.datetime.fromisoformat(row["at"]) if row["at"] else None)


def agree(wanted: Moment, found: Moment, zone: str) -> Agreement:
    """`doubtful`: equal only if one of the two is wall time of the place and the other is not."""
    ours, theirs = _bare(wanted.wire), _bare(found.wire)
    if (ours is not None and ours == theirs) or (wanted.at is not None and wanted.at == found.at):
        return "same"
    if ours is None and theirs is None and wanted.at is None and found.at is None:
        return "same"  # both say nothing
    if ours is None or theirs is None:
        return "other"
    crossed = _utc(ours) == _wall(theirs, zone) or _wall(ours, zone) == _utc(theirs)
    return "doubtful" if crossed else "other"


def zone_read_in(wanted: Moment, found: Moment, zone: str) -> str:
    """Of two that are `doubtful`: the zone in which theirs, read anew, is ours; '' of any others."""
    ours, theirs = _bare(wanted.wire), _bare(found.wire)
    if ours is None or theirs is None or agree(wanted, found, zone) != "doubtful":
        return ""
    return zone if _utc(ours) == _wall(theirs, zone) else "UTC"


def later(wire: str, by: dt.timedelta) -> str:
    """The same words, so much later. Raises ValueError for what is no time."""
    moved = (dt.datetime.fromisoformat(wire) + by).isoformat()
    return moved.replace("+00:00", "Z") if wire.endswith(("Z", "z")) else moved


def wire_of(moment: dt.datetime, zone: str) -> str:
    """A time of ours in their words: by the clock of the zone that this account's Z stands for."""
    return moment.astimezone(ZoneInfo(zone or "UTC")).strftime("%Y-%m-%dT%H:%M:%SZ")


def worst(*found: Agreement) -> Agreement:
    if "other" in found:
        return "other"
    return "doubtful" if "doubtful" in found else "same"


def _bare(wire: str) -> dt.datetime | None:
    """The clock that the words show, whatever zone they claim."""
    try:
        return dt.datetime.fromisoformat(wire).replace(tzinfo=None)
    except ValueError:
        return None


def _utc(clock: dt.datetime) -> dt.datetime:
    return clock.replace(tzinfo=dt.UTC)


def _wall(clock: dt.datetime, zone: str) -> dt.datetime:
    return clock.replace(tzinfo=ZoneInfo(zone)).astimezone(dt.UTC)
