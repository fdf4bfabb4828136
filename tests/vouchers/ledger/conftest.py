"""The ledger reads and adds up, and asks no provider: the world of the pages, in a transaction that is rolled back."""

from __future__ import annotations

import pytest

from tests.vouchers.ledger.rows import far_from_midnight
from tests.web.conftest import clinic, database, language_of_nobody, reception, world
from tests.web.world import World

__all__ = ["clinic", "database", "language_of_nobody", "reception", "world"]


@pytest.fixture(autouse=True)
def no_midnight(world: World) -> None:
    for corner in (world.ours, world.theirs):
        far_from_midnight(corner.branch)
