"""One sandbox for all these tests, as new for each of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from providers.sandbox.running import RunningSandbox, running_sandbox
from tests.providers.sandbox.kenzup import SLUG, Till
from tests.providers.sandbox.wire import Alreaaiaa


@pytest.fixture(scope="session")
def only_box() -> Iterator[RunningSandbox]:
    with running_sandbox() as box:
        yield box


@pytest.fixture
def box(only_box: RunningSandbox) -> RunningSandbox:
    only_box.control.reset("demo")
    return only_box


@pytest.fixture
def center(box: RunningSandbox) -> Alreaaiaa:
    """The documentation's testing account, logged in."""
    return Alreaaiaa(box.base_url("alreaaiaa")).log_in()


@pytest.fixture
def till(box: RunningSandbox) -> Till:
    return Till(box.base_url(SLUG))
