from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from branches.models import Branch
from providers import hooks
from providers.accounts import connect_account
from providers.models import Account, Environment, Hook
from providers.sandbox.running import RunningSandbox
from reservations.models import Reservation
from tests.providers.hooks.tell import Post, Tell
from tests.web.world import browser


@pytest.fixture
def rekaz(olaya: Branch, twin: RunningSandbox) -> Account:
    values = dict(twin.box.twins["rekaz"].login())
    connected = connect_account(
        provider="rekaz",
        branch=olaya,
        base_url=twin.base_url("rekaz"),
        environment=Environment.SANDBOX,
        values=values,
    )
    return connected.account


@pytest.fixture
def path(rekaz: Account) -> str:
    return f"/hooks/rekaz/{hooks.new_address(rekaz, timezone.now())}"


@pytest.fixture
def post(path: str) -> Post:
    """As Rekaz does it: no cookie, no token."""
    client: Client = browser(csrf=True)

    def post(body: bytes, to: str = "", **more: Any) -> Any:
        return client.post(to or path, body, content_type="application/json", **more)

    return post


@pytest.fixture
def tell(post: Post) -> Tell:
    return Tell(post)


@pytest.fixture
def work() -> Callable[[], list[str]]:
    """What the next scan of a worker does."""

    def work() -> list[str]:
        return [hooks.take_hook(key) for key in hooks.hooks_due()]

    return work


@pytest.fixture
def booked(twin: RunningSandbox) -> str:
    """A reservation there, which we have never read."""
    return str(twin.control.act("rekaz", "insert", count=1)["ids"][0])


@pytest.fixture(autouse=True)
def nothing_left(database: None, quick: None) -> Iterator[None]:
    yield
    assert not Hook.objects.filter(state=Hook.State.WAITING).exclude(token=None).exists()
    assert not Reservation.objects.filter(gone_at__isnull=False).exists()  # an event buries nothing
