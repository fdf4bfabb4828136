"""Every disguise of an inner address, at each door through which an account's address comes in, and past all of them."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client

from branches.models import Branch, User
from providers import operations
from providers.models import Account, Environment
from providers.sandbox.running import RunningSandbox
from tests.providers.test_http_address import DISGUISES
from tests.scene import Desk, writes
from tests.signed_in import sign_in

FITS = [url for url in DISGUISES if len(url) <= 200]  # of longer ones the column itself wants nothing
# A form takes a blank off, and writes https before an address without a scheme: what is kept then is a good one.
TYPED = [url for url in DISGUISES if url == url.strip(" ") and not url.startswith("//")]


def doors_refuse(url: str, branch: Branch, office: Client) -> None:
    wish = ["--branch", branch.code, "--base-url", url, "--environment", "live", "--no-test"]
    values = ["--set", "email=desk@example.com", "--set", "password=not-shown"]
    with pytest.raises(CommandError):
        call_command("connect", "alreaaiaa", *wish, *values, stdout=io.StringIO(), stderr=io.StringIO())
    form = {"provider": "alreaaiaa", "environment": "live", "label": "x", "base_url": url, "is_active": "on"}
    inline = {"places-TOTAL_FORMS": "0", "places-INITIAL_FORMS": "0"}
    response = office.post("/admin/providers/account/add/", form | inline)
    assert response.status_code == 200, url
    assert "base_url" in response.context["adminform"].form.errors, url


def test_no_disguise_is_saved_by_the_command_or_the_form(olaya: Branch, admin: User) -> None:
    office = sign_in(Client(), admin)
    for url in TYPED:
        doors_refuse(url, olaya, office)
    assert not Account.objects.exists()


def test_a_row_that_was_changed_behind_our_back_is_not_followed(
    desk: Desk, account: Account, twin: RunningSandbox
) -> None:
    """The whole list stands in the database, where no form has checked it; a redemption comes."""
    operation = desk.redeem()
    before = len(twin.control.requests())
    for url in [*FITS, twin.base_url("alreaaiaa")]:  # the twin itself would answer; a live account may not go there
        Account.objects.filter(pk=account.pk).update(base_url=url, environment=Environment.LIVE)
        operations.send_operation(operation.pk)
        operation.refresh_from_db()
        assert operation.state in ("created", "not_sent"), url
        assert (operation.sends, operation.attempts.count()) == (0, 0), url
        if operation.state == "not_sent":
            operation = _once_more(desk, account, twin)
    assert len(twin.control.requests()) - before <= 3 * len(DISGUISES), "only what the fresh look-ups asked"
    assert writes(twin) == []


def _once_more(desk: Desk, account: Account, twin: RunningSandbox) -> Any:
    Account.objects.filter(pk=account.pk).update(base_url=twin.base_url("alreaaiaa"), environment=Environment.SANDBOX)
    return desk.redeem()
