"""Pages are tested in a transaction that is rolled back: nothing here asks a provider, so nothing has to be committed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import translation

from branches.models import User
from branches.roles import Role
from tests.web.world import PASSWORD, World, build, hire


@pytest.fixture
def database(db: None) -> None:
    """In place of the shared one, which commits and empties every table afterwards."""


@pytest.fixture(scope="module")
def clinic(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """The world that the tests of a module share; it is rolled back after the last of them."""
    with django_db_blocker.unblock():
        block = transaction.atomic()
        block._from_testcase = True  # what Django's own tests say, so that a durable transaction may begin inside
        with block:
            yield build()
            transaction.set_rollback(True)


@pytest.fixture
def world(clinic: World, database: None) -> World:
    """As new for each test: what it changes is taken back."""
    return clinic


@pytest.fixture
def reception(world: World) -> Client:
    """The receptionist of our branch, signed in."""
    return world.client("receptionist")


@pytest.fixture(autouse=True)
def language_of_nobody() -> Iterator[None]:
    """A test that renders outside a request leaves no language behind."""
    with translation.override("ar"):
        yield


@pytest.fixture
def rana(world: World) -> User:
    """A receptionist of our branch who signs in with a password."""
    return hire("rana", Role.RECEPTIONIST, world.ours.branch, password=PASSWORD)
