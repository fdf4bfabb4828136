"""What is refused is written down, on one line that nobody can forge; and without a database nothing is allowed."""

from __future__ import annotations

import io
import logging
import logging.config
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.conf import settings

from tests.web import matrix
from tests.web.examiner import Examiner, path_to
from tests.web.test_errors import without_a_database
from tests.web.world import World, browser

FORGED = "2026-01-01 00:00:00 INFO desk.errors denied nobody"
BREAKS = ["\n", "\r\n", "\r", "\u2028", "\u0085", "\x0b"]


@contextmanager
def the_log() -> Iterator[Callable[[], list[str]]]:
    """The lines that the site's own formatter writes."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    line = settings.LOGGING["formatters"]["line"]
    config = {"version": 1, "incremental": False, "disable_existing_loggers": False, "formatters": {"line": line}}
    handler.setFormatter(logging.config.DictConfigurator(config).configure_formatter(line))
    logging.getLogger().addHandler(handler)
    try:
        yield lambda: written.getvalue().splitlines()
    finally:
        logging.getLogger().removeHandler(handler)


def test_a_denial_says_who_what_and_from_where(world: World) -> None:
    person = world.people["receptionist"]
    with the_log() as lines:
        assert world.client("receptionist").get("/review/", REMOTE_ADDR="10.0.0.9").status_code == 403
    assert [line for line in lines() if line.endswith(f"denied GET review/ to {person.pk} from 10.0.0.9")]


@pytest.mark.parametrize("breaks", BREAKS)
def test_no_name_writes_a_line_of_its_own(world: World, breaks: str) -> None:
    name = f"reem{breaks}{FORGED}"
    with the_log() as lines:
        for _ in range(6):
            browser().post("/accounts/login/", {"login": name, "password": "wrong"}, headers={"User-Agent": name})
        world.client("receptionist").get("/review/", headers={"X-Forwarded-For": name})
        logging.getLogger("desk").warning("a name: %s", name)
        try:
            raise ValueError(name)
        except ValueError:
            logging.getLogger("desk").exception("it failed for %s", name)
    assert len(lines()) > 3
    assert [line for line in lines() if line.startswith("2026-01-01")] == []


def test_without_a_database_nobody_is_let_in_anywhere(world: World) -> None:
    """Neither to a page nor past a form; of what asks for no right, only that the process is alive."""
    examiner = Examiner(world)
    open_to_all = {"healthz", "readyz", "account_login", "branches:language"}
    for address in matrix.addresses():
        if address.name in open_to_all or address.name.startswith("admin:") or "account_" in address.name:
            continue
        path = path_to(address, examiner.objects["ours"][address.name])
        for ask in ("get", "post"):
            client = world.client("owner")
            response = without_a_database(lambda ask=ask, client=client, path=path: getattr(client, ask)(path))
            assert response.status_code in (404, 405, 503), (ask, path)
            said = "application/problem+json" if address.name.startswith("api:") else "text/html"
            assert response["Content-Type"].startswith(said), (ask, path)
