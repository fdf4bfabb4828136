"""A clinic that keeps its cards at Altegio's twin."""

from __future__ import annotations

import pytest

from branches.models import Branch, User
from providers.sandbox.running import RunningSandbox
from tests.loyalty.nights import Nights, nights_at
from tests.loyalty.salon import Salon, salon_at


@pytest.fixture
def salon(twin: RunningSandbox, olaya: Branch, reem: User, huda: User, quick: None) -> Salon:
    return salon_at(twin, olaya, reem, huda)


@pytest.fixture
def nights(twin: RunningSandbox, olaya: Branch, quick: None) -> Nights:
    return nights_at(twin, olaya)
