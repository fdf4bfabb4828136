"""A shop whose programs may do everything at one branch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from branches.models import Branch
from partners.models import Partner
from tests.loyalty.conftest import salon
from tests.partners.caller import Caller, caller, issued, working
from tests.providers.scripted_server import ScriptedServer, answer, serving
from tests.reservations.conftest import book, booking_account, clinic, elsewhere, reservation
from tests.scene import CODE

# A clinic that books and keeps cards, as the tests of bookings and of cards have it: pytest finds fixtures by their names here.
__all__ = ["book", "booking_account", "clinic", "elsewhere", "reservation", "salon"]


@pytest.fixture
def shop(olaya: Branch) -> Caller:
    return caller(olaya)


@pytest.fixture
def workers(quick: None) -> Iterator[None]:
    with working():
        yield


@pytest.fixture
def impatient(settings: Any) -> None:
    """An answer that does not wait for a worker."""
    settings.API_WAIT_SECONDS = 0


@pytest.fixture
def sale() -> dict[str, Any]:
    """200 of 600 SAR with the voucher of the documentation."""
    return {
        "branch": "olaya",
        "provider": "alreaaiaa",
        "codes": [CODE],
        "services_total": "600.00",
        "paid": "400.00",
        "currency": "SAR",
        "external_ref": "bill-1",
    }


@pytest.fixture
def partner(olaya: Branch) -> Partner:
    return issued(olaya)[0].partner


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with serving(answer("", 204)) as running:
        yield running
