"""What a provider says by itself, read and not believed: who is meant, and nothing else of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Told:
    """`subject_kind` is the first word of the event's name, '' for one we do not know. `made_at` is None unless readable.
    `clue`: with what to look for a subject that cannot be read by its id, where they tell it; like the rest it proves nothing.
    """

    event_id: str
    event: str
    subject_kind: str
    subject_id: str | None
    made_at: dt.datetime | None
    clue: str = field(default="", repr=False)
