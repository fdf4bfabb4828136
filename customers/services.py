"""A search is kept for as long as somebody may come back to it, and no longer."""

from __future__ import annotations

import datetime as dt

from branches.models import Branch, User
from customers.models import Search
from customers.selectors import LONGEST

KEEP = dt.timedelta(days=1)


def start_search(typed: str, branch: Branch, actor: User, *, now: dt.datetime) -> Search:
    """What was typed, sealed, under an address that may stand in a history."""
    search = Search(branch=branch, actor=actor, created_at=now)
    search.seal_typed(typed.replace("\x00", "")[:LONGEST])
    search.save(force_insert=True)
    return search


def purge_searches(*, now: dt.datetime) -> int:
    """Returns how many went."""
    return Search.objects.filter(created_at__lt=now - KEEP).delete()[0]
