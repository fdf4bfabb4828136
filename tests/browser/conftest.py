"""A real browser before the real stack: PostgreSQL, web, Celery workers, and the provider's twin over its socket."""

from __future__ import annotations

import os
import subprocess
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, connections
from playwright.sync_api import Browser, expect, sync_playwright

from branches.models import User
from providers.sandbox.running import RunningSandbox
from tests.browser import clinic as clinics
from tests.browser import site
from tests.browser.clinic import Clinic
from tests.browser.screen import PATIENCE, Screen, seated
from tests.scene import eventually

os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright keeps an event loop in this thread
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
)
Seat = Callable[..., Screen]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if os.environ.get("WASL_NO_BROWSER") != "1":
        return
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.skip(reason="WASL_NO_BROWSER=1: there is no Chromium"))


@pytest.fixture(scope="package")
def twin_of_all(only_twin: RunningSandbox) -> RunningSandbox:
    """Not reset between tests: each has vouchers of its own, and workers may still look at those of an earlier one."""
    only_twin.control.reset("demo")
    return only_twin


@pytest.fixture(scope="package")
def transactional_db(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """In place of pytest-django's: not emptied after each test, because workers and browsers never rest while the database
    is emptied under them. Each test has a clinic of its own instead."""
    with django_db_blocker.unblock():
        yield
        let_go_of_the_database()
        call_command("flush", interactive=False)


def let_go_of_the_database() -> None:
    """The threads of the web server and the killed workers let go of it a moment after they end. Whoever does not is named and
    cut off: what stays in the tables would spoil the tests of other files."""
    try:
        eventually(lambda: not others_connected())
    except AssertionError:
        warnings.warn(f"still connected: {others_connected()}", stacklevel=1)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT pg_terminate_backend(pid) {OTHERS}")
        eventually(lambda: not others_connected())


OTHERS = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


def others_connected() -> list[tuple[str, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT state, application_name, left(query, 80), now() - state_change {OTHERS}")
        return cursor.fetchall()


@pytest.fixture(scope="package")
def address(transactional_db: None) -> Iterator[str]:
    with site.serving() as address:
        yield address


class Power:
    """One sender and one settler, and the switch of the room they stand in."""

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._running: list[subprocess.Popen[bytes]] = []

    def on(self) -> None:
        names = {} if self._running else {"sender": site.SENDER, "settler": site.SETTLER}
        self._running += [site.start_worker(queues, self._logs / f"{name}.log") for name, queues in names.items()]

    def off(self) -> None:
        site.kill(self._running)
        self._running = []


@pytest.fixture(scope="package")
def power(transactional_db: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Power]:
    power = Power(tmp_path_factory.mktemp("workers"))
    yield power
    power.off()


@pytest.fixture
def workers(power: Power) -> None:
    """Both kinds, at work."""
    power.on()


@pytest.fixture(scope="package")
def browser(transactional_db: None) -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE * 1000)
    with sync_playwright() as playwright:
        path = os.environ.get("CHROMIUM", "/usr/bin/chromium")
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()
        connections.close_all()  # Django keeps one for this thread while Playwright's loop runs in it, and one for after


@pytest.fixture
def clinic(transactional_db: None, twin_of_all: RunningSandbox) -> Clinic:
    return clinics.opened(twin_of_all)


@pytest.fixture
def seat(browser: Browser, address: str) -> Iterator[Seat]:
    """seat(clinic, user) puts somebody who is signed in before a till; seat() is a browser that nobody has signed in to."""
    screens: list[Screen] = []

    def seat(clinic: Clinic | None = None, user: User | None = None, till: int = 1, **options: Any) -> Screen:
        session = clinic.session(user, till) if clinic and user else ""
        screens.append(seated(browser, address, session, **options))
        return screens[-1]

    yield seat
    for screen in screens:
        screen.context.close()
    assert not [trouble for screen in screens for trouble in screen.troubles]
