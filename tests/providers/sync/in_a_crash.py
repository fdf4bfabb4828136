"""Run by itself in a PostgreSQL that keeps its promises (test_deaths starts it): a crash would throw other tests out."""

from __future__ import annotations

import os
import signal

import pytest
from django.db import connection

from tests.providers.sync.conftest import Sync
from tests.providers.sync.shop import Shop, mirror_now, theirs

pytestmark = pytest.mark.usefixtures("quick")


def test_a_database_that_crashes_in_the_middle_is_waited_for(shop: Shop, sync: Sync) -> None:
    """A backend that is killed: PostgreSQL throws all out and recovers, as after a power cut, and empties unlogged tables."""

    def crash(n: int) -> None:
        if n == 3:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                [pid] = cursor.fetchone()
            os.kill(pid, signal.SIGKILL)

    shop.before = crash
    run = sync()
    assert run.status == "green"
    assert mirror_now() == theirs(shop)
