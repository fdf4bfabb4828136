"""A client of the twin, in both of the twin's dialects."""

from __future__ import annotations

from typing import Any

import pytest

from providers.rekaz.client import Rekaz
from providers.sandbox.running import RunningSandbox
from tests.providers.rekaz.clinic import DOCUMENTED, SLUG, client_of


@pytest.fixture(params=["measured", "documented"])
def client(request: Any, twin: RunningSandbox) -> Rekaz:
    """Against both of what is known of them: every test below holds for either."""
    twin.control.rules(SLUG, **(DOCUMENTED if request.param == "documented" else {}))
    return client_of(twin)
