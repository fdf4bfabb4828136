"""The ledger reads and adds up, and asks no provider: the world of the pages, in a transaction that is rolled back."""

from __future__ import annotations

import pytest
from django.test import Client

from branches.models import User
from tests.web.conftest import clinic, database, language_of_nobody, reception, world
from tests.web.world import World, far_from_midnight

__all__ = ["clinic", "database", "language_of_nobody", "reception", "world"]


@pytest.fixture(autouse=True)
def no_midnight(world: World) -> None:
    for corner in (world.ours, world.theirs):
        far_from_midnight(corner.branch)


@pytest.fixture
def books(world: World) -> Client:
    """The accountant of our branch, signed in, in English."""
    User.objects.update(language="en")
    return world.client("accountant")
