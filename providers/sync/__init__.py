"""The mirror engine: the one way in which a provider's collections become rows of ours (reliability notes §4).

mirrored           a domain registers the table of a collection
sync_collection    one run: pages in, rows out, and what it proves
store_records      rows that came on their own: refresh-this-one, webhooks, after an operation
retry_quarantined  unreadable rows, once more
sync_nightly       what a worker does at night
"""

from providers.sync.engine import NoMirror, Progress, sync_collection
from providers.sync.fetch import Pace
from providers.sync.nightly import due, sync_nightly
from providers.sync.runs import Busy, Superseded
from providers.sync.selectors import Standing, as_of, collections_of, last_run, row_as_of, runs_of, standings
from providers.sync.single import retry_quarantined, store_records
from providers.sync.tables import Listing, Mirror, Subjects, mirror_of, mirrored, mirrors

__all__ = [
    "Busy",
    "Listing",
    "Mirror",
    "NoMirror",
    "Pace",
    "Progress",
    "Standing",
    "Subjects",
    "Superseded",
    "as_of",
    "collections_of",
    "due",
    "last_run",
    "mirror_of",
    "mirrored",
    "mirrors",
    "retry_quarantined",
    "row_as_of",
    "runs_of",
    "standings",
    "store_records",
    "sync_collection",
    "sync_nightly",
]
