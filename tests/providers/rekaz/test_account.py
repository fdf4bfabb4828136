"""An account of Rekaz: connected by its command, rotated, and offered to nobody who redeems."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.utils import timezone

from branches.models import Branch
from providers.accounts import connect_account, set_secrets
from providers.models import Account, Environment
from providers.models.accounts import NEXT
from providers.registry import bookings_for, client_for, source_for, specs_of, vouchers_for
from providers.rekaz.client import Rekaz
from providers.sandbox.box import all_twins
from providers.sandbox.running import RunningSandbox
from vouchers.selectors import voucher_accounts

SLUG = "rekaz"
LOGIN = dict(all_twins()[SLUG].login())
TOKEN = "d2FzbC1kZW1vLWtleS0yOndhc2wtZGVtby1zZWNyZXQtMg=="  # of the twin's second pair


@pytest.fixture
def account(olaya: Branch, twin: RunningSandbox) -> Account:
    return connect_account(
        provider=SLUG, branch=olaya, base_url=twin.base_url(SLUG), environment=Environment.SANDBOX, values=LOGIN
    ).account


def connect(branch: Branch, url: str, **values: str) -> str:
    out = StringIO()
    pairs = [f"{name}={value}" for name, value in values.items()]
    call_command("connect", SLUG, branch=branch.code, base_url=url, environment="sandbox", set=pairs, stdout=out)
    return out.getvalue()


def test_the_command_connects_with_key_and_secret_or_with_the_token(olaya: Branch, twin: RunningSandbox) -> None:
    place = {name: LOGIN[name] for name in ("tenant", "branch_id")}
    said = connect(olaya, twin.base_url(SLUG), **LOGIN)
    assert "connected" in said and "the login works; the provider calls us فرع العليا" in said
    assert LOGIN["secret"] not in said
    assert "up to date" in connect(olaya, twin.base_url(SLUG), token=TOKEN, **place)
    assert Account.objects.get(provider=SLUG).secrets() == {"token": TOKEN}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"key": "k"}, "needs secret too"),
        ({}, "needs token too"),
        ({"token": TOKEN, "tenant": ""}, "tenant"),
        ({"token": TOKEN, "wire_timezone": "Mars/Olympus"}, "cannot be used"),
    ],
)
def test_half_a_login_and_settings_of_no_use_connect_nothing(
    given: dict[str, str], words: str, olaya: Branch, twin: RunningSandbox
) -> None:
    place = {name: LOGIN[name] for name in ("tenant", "branch_id")}
    with pytest.raises(CommandError, match=words):
        connect(olaya, twin.base_url(SLUG), **{**place, **given})
    assert not Account.objects.filter(provider=SLUG).exists()


def test_the_next_login_takes_over_and_leaves_nothing_of_the_old_one(account: Account, twin: RunningSandbox) -> None:
    with pytest.raises(ValidationError):
        set_secrets(account, {"key": "only"}, slot=NEXT, now=timezone.now())
    set_secrets(account, {"token": TOKEN}, slot=NEXT, now=timezone.now())
    twin.control.revoke_tokens(SLUG)
    account.refresh_from_db()
    assert bookings_for(account, lambda call: None).places()
    account.refresh_from_db()
    assert (account.secrets(), account.secrets(NEXT)) == ({"token": TOKEN}, {})


def test_the_registry_gives_what_was_asked_for(account: Account) -> None:
    source, close = source_for(account, lambda call: None)
    close()
    clients: list[Any] = [source, *(build(account, lambda call: None) for build in (client_for, bookings_for))]
    assert all(isinstance(client, Rekaz) for client in clients)
    with pytest.raises(LookupError):
        vouchers_for(account, lambda call: None)


def test_nobody_who_redeems_is_offered_a_booking_provider(account: Account, olaya: Branch) -> None:
    assert voucher_accounts(olaya) == []
    assert SLUG not in specs_of("vouchers") and SLUG in specs_of("reservations")
