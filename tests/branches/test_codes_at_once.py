"""Codes that come at the same moment, by whatever process, are taken one by one."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from branches.models import Branch, Change
from branches.roles import Role
from tests.conftest import Hire
from tests.scene import at_once
from tests.signed_in import sign_in
from tests.web.phone import SECOND, enrol

PASSWORD = "a-good-long-password"


def half_in() -> Client:
    client = Client()
    assert client.post("/accounts/login/", {"login": "rana", "password": PASSWORD}).headers["Location"] == SECOND
    return client


def race(codes: list[str]) -> int:
    """How many came in."""
    clients = [half_in() for _ in codes]

    def guess(client: Client, code: str) -> Any:
        return client.post(SECOND, {"code": code}).headers.get("Location")

    answers = at_once([lambda c=c, k=k: guess(c, k) for c, k in zip(clients, codes, strict=True)])
    assert set(answers) <= {"/", None}, answers
    return answers.count("/")


@pytest.mark.parametrize("times", [8])
def test_a_code_opens_once_and_guesses_are_counted_one_by_one(olaya: Branch, hire: Hire, times: int) -> None:
    phone = enrol(sign_in(Client(), hire("rana", Role.RECEPTIONIST, olaya, password=PASSWORD)))
    assert race([phone.code()] * times) == 1
    failed = Change.objects.filter(pgh_label="code_failed").count()
    locked = Change.objects.filter(pgh_label="code_locked").count()
    assert (failed, locked) == (5, times - 1 - 5)
