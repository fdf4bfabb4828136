"""A client of the twin, in both of the twin's dialects, and an account whose collections are mirrored."""

from __future__ import annotations

from typing import Any

import pytest

from branches.models import Branch
from providers.accounts import connect_account
from providers.models import Account, Environment
from providers.rekaz.client import Rekaz
from providers.sandbox.running import RunningSandbox
from tests.providers.rekaz.clinic import DOCUMENTED, SLUG, client_of
from tests.providers.rekaz.mirror import Read, login


@pytest.fixture(params=["measured", "documented"])
def client(request: Any, twin: RunningSandbox) -> Rekaz:
    """Against both of what is known of them: every test below holds for either."""
    twin.control.rules(SLUG, **(DOCUMENTED if request.param == "documented" else {}))
    return client_of(twin)


@pytest.fixture
def rekaz(olaya: Branch, twin: RunningSandbox) -> Account:
    return connect_account(
        provider="rekaz",
        branch=olaya,
        base_url=twin.base_url("rekaz"),
        environment=Environment.SANDBOX,
        values=login(twin),
    ).account


@pytest.fixture
def read(rekaz: Account) -> Read:
    return Read(rekaz)
