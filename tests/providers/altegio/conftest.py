"""A client of the twin, in each of the twin's dialects."""

from __future__ import annotations

from typing import Any

import pytest

from providers.altegio.client import Altegio
from providers.sandbox.running import RunningSandbox
from tests.providers.altegio.salon import DIALECTS, SLUG, client_of


@pytest.fixture
def quiet(twin: RunningSandbox) -> RunningSandbox:
    """A twin that counts no requests."""
    twin.control.rules(SLUG, limits="off")
    return twin


@pytest.fixture(params=DIALECTS)
def client(request: Any, quiet: RunningSandbox) -> Altegio:
    """Enveloped and bare, with plain numbers and with odd ones: every test below holds for each."""
    quiet.control.rules(SLUG, **DIALECTS[request.param])
    return client_of(quiet)
