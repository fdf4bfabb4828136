"""An account of Altegio: connected by its command, logged in once for all processes, and one budget for all accounts."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.utils import timezone

from branches.models import Branch
from providers.accounts import connect_account, set_secrets
from providers.admin.words import field_name, problem_words
from providers.altegio import SPEC
from providers.altegio.client import Altegio
from providers.budget import Rank, ask, hold, purse_of, turn_for
from providers.errors import Misconfigured, Unavailable
from providers.logins import AccountTokens
from providers.models import Account, AccountToken, Environment
from providers.models.accounts import NEXT
from providers.registry import SPECS, client_for, loyalty_for, source_for, specs_of, vouchers_for
from providers.sandbox.running import RunningSandbox
from tests.providers.altegio.salon import LOGIN, SARA, SLUG
from vouchers.selectors import voucher_accounts

PLACE = {name: LOGIN[name] for name in ("location_id", "chain_id")}
PARTNER = {"partner_token": LOGIN["partner_token"]}
BY_PASSWORD = {name: LOGIN[name] for name in ("login", "password")}


def connected(branch: Branch, twin: RunningSandbox, **changes: str) -> Account:
    url, values = twin.base_url(SLUG), {**LOGIN, **changes}
    return connect_account(
        provider=SLUG, branch=branch, base_url=url, environment=Environment.SANDBOX, values=values
    ).account


@pytest.fixture(autouse=True)
def as_many_as_they_bear(monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin counts here, and so do we."""
    monkeypatch.setitem(SPECS, SLUG, SPEC)


@pytest.fixture
def account(olaya: Branch, twin: RunningSandbox) -> Account:
    return connected(olaya, twin)


def connect(branch: Branch, url: str, **values: str) -> str:
    out = StringIO()
    pairs = [f"{name}={value}" for name, value in values.items()]
    call_command("connect", SLUG, branch=branch.code, base_url=url, environment="sandbox", set=pairs, stdout=out)
    return out.getvalue()


def token_at(account: Account) -> str:
    loyalty_for(account, lambda call: None).chains()
    return (AccountTokens(account).read() or "").rpartition(" ")[2]


def test_the_command_connects_with_a_password_and_with_the_users_token(
    olaya: Branch, nakheel: Branch, twin: RunningSandbox
) -> None:
    said = connect(olaya, twin.base_url(SLUG), **LOGIN)
    assert "the login works; the provider calls us Ruba Clinics" in said and LOGIN["password"] not in said
    token = token_at(Account.objects.get(provider=SLUG))
    said = connect(nakheel, twin.base_url(SLUG), user_token=token, **PARTNER, **PLACE)
    assert "the login works" in said and token not in said


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({**PARTNER}, "needs user_token too"),
        ({**PARTNER, "login": "a"}, "needs"),
        ({**BY_PASSWORD}, "needs partner_token too"),
        ({**PARTNER, **BY_PASSWORD, "timezone": "Mars/Olympus"}, "cannot be used"),
        ({**PARTNER, **BY_PASSWORD, "chain_id": "x"}, "cannot be used"),
    ],
)
def test_half_a_login_and_settings_of_no_use_connect_nothing(
    given: dict[str, str], words: str, olaya: Branch, twin: RunningSandbox
) -> None:
    with pytest.raises(CommandError, match=words):
        connect(olaya, twin.base_url(SLUG), **{**PLACE, **given})
    assert not Account.objects.filter(provider=SLUG).exists()


def test_rights_that_are_missing_are_named(olaya: Branch, twin: RunningSandbox) -> None:
    twin.control.rules(SLUG, right_missing="clients_access")
    with pytest.raises(CommandError, match="Missing: clients_access"):
        connect(olaya, twin.base_url(SLUG), **LOGIN)


def test_one_login_is_for_all_and_the_next_one_takes_over(account: Account, twin: RunningSandbox) -> None:
    for _ in range(2):
        assert loyalty_for(account, lambda call: None).cards_of_phone(SARA)
    assert [seen.endpoint for seen in twin.control.requests(SLUG)].count("auth") == 1
    with pytest.raises(ValidationError):
        set_secrets(account, {"password": "only"}, slot=NEXT, now=timezone.now())
    set_secrets(account, {**PARTNER, **BY_PASSWORD}, slot=NEXT, now=timezone.now())
    account.refresh_from_db()
    account.seal_secrets({**PARTNER, "login": "old", "password": "old"})
    account.save()
    twin.control.revoke_tokens(SLUG)
    assert loyalty_for(account, lambda call: None).cards_of_phone(SARA)
    account.refresh_from_db()
    assert (account.secrets(), account.secrets(NEXT)) == ({**PARTNER, **BY_PASSWORD}, {})


def test_a_changed_password_is_ours_to_mend(account: Account, twin: RunningSandbox) -> None:
    loyalty_for(account, lambda call: None).chains()
    account.seal_secrets({**PARTNER, "login": "old", "password": "old"})
    account.save()
    twin.control.revoke_tokens(SLUG)
    with pytest.raises(Misconfigured, match="login_refused"):
        loyalty_for(account, lambda call: None).chains()


def test_the_token_is_nowhere_but_sealed(account: Account, twin: RunningSandbox) -> None:
    calls: list[Any] = []
    loyalty_for(account, calls.append).chains()
    row = AccountToken.objects.get(account=account)
    token = token_at(account)
    assert len(token) == 32 and token.encode() not in bytes(row.sealed)
    assert [word for word in (token, *PARTNER.values(), *BY_PASSWORD.values()) if word in repr(calls)] == []


def test_the_registry_gives_what_was_asked_for(account: Account, olaya: Branch) -> None:
    source, close = source_for(account, lambda call: None)
    close()
    clients: list[Any] = [source, *(build(account, lambda call: None) for build in (client_for, loyalty_for))]
    assert all(isinstance(client, Altegio) for client in clients)
    with pytest.raises(LookupError):
        vouchers_for(account, lambda call: None)
    assert voucher_accounts(olaya) == []
    assert SLUG not in specs_of("vouchers") and SLUG in specs_of("loyalty")


def test_every_field_and_every_reason_has_words_for_an_administrator() -> None:
    for name in (*SPEC.all_secret_fields, *SPEC.setting_fields):
        assert field_name(name) != name
    for code in ("tokens_incomplete", "other_clock", "place_unknown"):
        assert problem_words(Misconfigured(code, "Asia/Riyadh")) != problem_words(Misconfigured("nobody_knows"))


# The budget


def test_all_accounts_at_one_address_have_one_budget(account: Account, nakheel: Branch, twin: RunningSandbox) -> None:
    """Five at once, and the next one not: whichever account it is. The twin, which counts as they do, turns nobody away."""
    other = connected(nakheel, twin)
    purses = {purse_of(one.pk, one.base_url, SPEC) for one in (account, other)}
    assert len(purses) == 1 and purse_of(account.pk, "https://api.alteg.io/api/v1", SPEC) not in purses
    (purse,) = purses
    while not ask(purse, SPEC, Rank.RESOLVER):
        pass
    clients = [loyalty_for(one, lambda call: None) for one in (account, other)]
    for client in clients * 4:
        client.card_types()
    statuses = {seen.endpoint for seen in twin.control.requests(SLUG)}
    assert statuses == {"auth", "card_types"}


def test_what_they_ask_us_to_wait_holds_every_account(account: Account, nakheel: Branch, twin: RunningSandbox) -> None:
    other = connected(nakheel, twin)
    loyalty_for(account, lambda call: None).chains()
    fault = {"status": 429, "body": "json", "retry_after": 30}
    twin.control.fault("status", provider=SLUG, endpoint="card_types", **fault)
    with pytest.raises(Unavailable) as raised:
        loyalty_for(account, lambda call: None).card_types()
    assert (raised.value.code, raised.value.retry_after) == ("rate_limited", 30)
    purse = purse_of(other.pk, other.base_url, SPEC)
    assert 25 < ask(purse, SPEC, Rank.RESOLVER) <= 30
    with pytest.raises(Unavailable, match="budget_spent"):
        loyalty_for(other, lambda call: None).card_types()
    hold(purse, 0)  # nobody after us is to wait for what happened here


def test_a_wish_is_kept_for_a_minute_at_most_and_forgotten_without_valkey(settings: Any) -> None:
    hold("nobody@nowhere", 86_400)
    assert 50 < ask("nobody@nowhere", SPEC, Rank.RESOLVER) <= 60
    settings.BROKER_URL = "redis://127.0.0.1:1/0"
    hold("nobody@nowhere", 5)
    turn_for("nobody@nowhere", SPEC, Rank.PERSON)()
