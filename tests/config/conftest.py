"""Folders for embedded servers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from config.embedded import running
from tests.config.embedding import NOTHING_SET, folder


@pytest.fixture
def empty() -> Iterator[Path]:
    with folder() as var:
        yield var


@pytest.fixture(scope="module")
def var() -> Iterator[Path]:
    """One that was used before, by the other tests too: making a cluster takes a second."""
    with folder() as var:
        with running(var, fast=True, environ=NOTHING_SET):
            pass
        yield var
