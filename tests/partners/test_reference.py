"""What a developer reads is true: every example of the reference is sent, and the program of the guide is run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from partners.examples import Example, examples
from providers.models import Account
from providers.sandbox.running import RunningSandbox
from tests.loyalty.salon import Salon
from tests.partners.caller import API, Caller
from tests.reservations.clinic import Clinic
from tests.scene import CODE, effects

ROOT = Path(__file__).parents[2]
PROGRAM = ROOT / "docs/examples/redeem.py"
GUIDE = ROOT / "docs/partners.md"


def test_the_reference_needs_no_other_host_and_no_script() -> None:
    answer = Client().get(f"{API}docs/")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "<script" not in page and " style=" not in page and "<style" not in page
    assert all(link.startswith(("/", "data:", "#")) for link in re.findall(r'(?:href|src)="([^"]*)"', page))
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    for one in examples():
        assert one.told.summary in page


def test_every_link_within_the_reference_leads_somewhere() -> None:
    page = Client().get(f"{API}docs/").content.decode()
    there = set(re.findall(r' id="([^"]*)"', page))
    assert set(re.findall(r'href="#([^"]*)"', page)) <= there


@pytest.mark.parametrize("example", list(examples()), ids=lambda one: f"{one.method} {one.path}")
def test_an_example_of_the_reference_is_answered_as_it_says(
    example: Example,
    shop: Caller,
    account: Account,
    clinic: Clinic,
    reservation: Any,
    salon: Salon,
    workers: None,
    settings: Any,
) -> None:
    settings.API_WAIT_SECONDS = 5
    theirs = clinic.book.add_subscription("cust-1", clinic.nine[0])
    if example.path.endswith("/resume"):
        clinic.book.change_subscription(theirs, is_paused=True)
    plan = clinic.known_subscription(theirs)
    path = example.address.removeprefix(API).replace("{reservation_id}", str(reservation.pk))
    path = path.replace("{subscription_id}", str(plan.pk)).replace("{card_id}", str(salon.card().pk))
    once = "" if example.told.is_effect else None
    send = {"GET": shop.get, "DELETE": shop.delete}.get(example.method)
    answer = send(path) if send else shop.post(path, example.body, once=once)
    assert answer.status_code in example.told.answers, answer.content


def test_the_program_of_the_guide_redeems_once_however_often_it_is_run(
    live_server: Any, shop: Caller, workers: None, account: Account, twin: RunningSandbox
) -> None:
    order = ["olaya", "alreaaiaa", CODE, "600.00", "400.00", "SAR", "bill-1042"]
    env = os.environ | {"WASL_URL": live_server.url, "WASL_KEY": shop.key, "NO_PROXY": "*"}
    said = [
        subprocess.run(
            [sys.executable, PROGRAM, *order], env=env, capture_output=True, text=True, timeout=60, check=True
        )
        for _ in range(2)
    ]
    assert said[0].stdout == said[1].stdout and said[0].stdout.startswith("succeeded W-")
    assert len(effects(twin)) == 1


def test_the_program_is_in_the_guide_and_short() -> None:
    lines = [line for line in PROGRAM.read_text().split('"""', 2)[2].splitlines() if line.strip()]
    assert len(lines) <= 32
    assert "examples/redeem.py" in GUIDE.read_text()


def test_the_guide_names_every_scope_and_every_status() -> None:
    from partners.scopes import SCOPES
    from providers.standing import STATUSES

    text = GUIDE.read_text()
    assert all(f"`{word}`" in text for word in (*SCOPES, *STATUSES))
