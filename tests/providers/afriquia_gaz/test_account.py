"""An account at a provider without a log-in: connecting it, trying its key, and giving way to the next key."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from branches.models import Branch, User
from branches.roles import Role
from desk import demo
from providers.accounts import connect_account, set_secrets
from providers.contracts import VoucherStatus
from providers.errors import Misconfigured
from providers.logins import AccountKeys
from providers.models import Account, AccountHealth, Call, Environment
from providers.models.accounts import NEXT
from providers.registry import client_for
from providers.sandbox.box import all_twins
from providers.sandbox.running import RunningSandbox
from tests.admin.office import fields_of
from tests.conftest import Hire
from tests.providers.afriquia_gaz.account import DEMO_CODES, KEY, NEXT_KEY
from tests.providers.test_commands import everything_stored
from tests.scene import at_once
from tests.signed_in import sign_in
from tests.terminal import refused, typed

SLUG = "afriquia_gaz"
LOGIN = dict(all_twins()[SLUG].login())
PLACE = {name: LOGIN[name] for name in ("shop_uuid", "terminal_id")}
LINES_OF_THE_KEY = KEY.splitlines()[1:-1]


@pytest.fixture
def shop(maarif: Branch, twin: RunningSandbox) -> Account:
    return connect_account(
        provider=SLUG,
        branch=maarif,
        base_url=twin.base_url(SLUG),
        environment=Environment.SANDBOX,
        values=LOGIN,
    ).account


def connecting(twin: RunningSandbox, *values: str) -> list[str]:
    where = ["--branch", "maarif", "--base-url", twin.base_url(SLUG), "--environment", "sandbox"]
    return ["connect", SLUG, *where, "--set", *(f"{name}={value}" for name, value in PLACE.items()), *values]


# Connecting


def test_a_key_comes_from_a_file_and_is_tried_without_a_login(
    maarif: Branch, twin: RunningSandbox, tmp_path: Path
) -> None:
    file = tmp_path / "key"
    file.write_text(KEY.replace("\n", "\r\n") + "\r\n")
    said = typed(*connecting(twin, f"private_key=@{file}"))
    assert "connected" in said and "the login works\n" in said and "hidden characters" not in said
    account = Account.objects.get()
    assert account.secrets() == {"private_key": KEY}, "its lines are kept"
    assert AccountHealth.objects.get().last_good_at
    assert [call.path for call in Call.objects.all()] == [f"/shops/{PLACE['shop_uuid']}/vouchers/…heck"]


def test_a_key_comes_from_standard_input_with_all_its_lines(maarif: Branch, twin: RunningSandbox) -> None:
    assert "the login works" in typed(*connecting(twin, "private_key=-"), stdin=KEY + "\n")
    assert Account.objects.get().secrets()["private_key"] == KEY


def test_the_login_of_the_export_can_come_later_and_alone(maarif: Branch, twin: RunningSandbox, tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(KEY)
    typed(*connecting(twin, f"private_key=@{file}"))
    typed(*connecting(twin, "export_basic=abc", "--no-test"))
    typed(*connecting(twin, f"private_key=@{file}", "--no-test"))
    assert Account.objects.get().secrets() == {"private_key": KEY, "export_basic": "abc"}


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (["private_key=not-a-key"], "The private key cannot be read"),
        (["export_basic=abc"], "--set needs private_key too"),
        (["private_key="], "empty"),
        (["private_key=x", "terminal_id=a,b"], "twice"),
    ],
)
def test_what_cannot_work_is_one_clear_line(
    maarif: Branch, twin: RunningSandbox, values: list[str], words: str
) -> None:
    assert words in refused(*connecting(twin, *values))
    assert not Call.objects.exists()


def test_a_shop_is_needed(maarif: Branch, twin: RunningSandbox) -> None:
    where = ["--branch", "maarif", "--base-url", twin.base_url(SLUG), "--environment", "sandbox"]
    line = refused("connect", SLUG, *where, "--set", "private_key=x", "terminal_id=POS_1")
    assert "--set needs shop_uuid too" in line


def test_a_stranger_is_told_so(maarif: Branch, twin: RunningSandbox, tmp_path: Path) -> None:
    twin.control.revoke_tokens(SLUG)
    file = tmp_path / "key"
    file.write_text(KEY)
    assert "refused this login" in refused(*connecting(twin, f"private_key=@{file}"))


def test_no_line_of_the_key_is_anywhere_but_sealed(shop: Account) -> None:
    client_for(shop, lambda call: None).find_voucher(DEMO_CODES[0])
    stored = everything_stored()
    assert not [line for line in LINES_OF_THE_KEY if line in stored]


# The next key


@pytest.fixture
def rotating(shop: Account, twin: RunningSandbox) -> Iterator[Account]:
    """The next key waits, and the provider has just revoked the one in use."""
    set_secrets(shop, {"private_key": NEXT_KEY}, slot=NEXT, now=timezone.now())
    twin.control.revoke_tokens(SLUG)
    shop.refresh_from_db()
    yield shop


def test_the_next_key_takes_over_at_the_first_refusal(rotating: Account) -> None:
    found = client_for(rotating, lambda call: None).find_voucher(DEMO_CODES[0])
    assert found is not None and found.status == VoucherStatus.USABLE
    rotating.refresh_from_db()
    assert rotating.secrets() == {"private_key": NEXT_KEY, "export_basic": LOGIN["export_basic"]}
    assert not rotating.sealed_next and rotating.next_set_at is None


def test_a_worker_that_still_has_the_old_key_takes_the_one_that_is_there(rotating: Account) -> None:
    late = Account.objects.get(pk=rotating.pk)
    client_for(rotating, lambda call: None).find_voucher(DEMO_CODES[0])
    calls: list[Any] = []
    assert client_for(late, calls.append).find_voucher(DEMO_CODES[0])
    assert [call.status for call in calls] == [401, 200], "no key was tried again"


def test_many_workers_replace_the_key_once(rotating: Account) -> None:
    def look() -> str:
        account = Account.objects.get(pk=rotating.pk)
        found = client_for(account, lambda call: None).find_voucher(DEMO_CODES[0])
        return found.status if found else ""

    assert at_once([look] * 6) == [VoucherStatus.USABLE] * 6
    rotating.refresh_from_db()
    assert rotating.secrets()["private_key"] == NEXT_KEY and not rotating.sealed_next


def test_a_next_key_that_is_refused_too_stays_where_it_is(shop: Account, twin: RunningSandbox) -> None:
    set_secrets(shop, {"private_key": NEXT_KEY}, slot=NEXT, now=timezone.now())
    for _ in range(2):
        twin.control.revoke_tokens(SLUG)
    with pytest.raises(Misconfigured):
        client_for(shop, lambda call: None).find_voucher(DEMO_CODES[0])
    shop.refresh_from_db()
    assert (shop.secrets()["private_key"], shop.secrets(NEXT)) == (KEY, {"private_key": NEXT_KEY})


def test_without_a_next_key_there_is_nothing_to_replace_it_with(shop: Account) -> None:
    keys = AccountKeys(shop)
    assert keys.replace(keys.read(), lambda secrets: "") is None


# The administration


@pytest.fixture
def office(hire: Hire, maarif: Branch) -> Client:
    person: User = hire("admin", Role.ADMIN, maarif)
    person.language = "en"
    person.save()
    client = Client()
    sign_in(client, person)
    return client


def address(account: Account, name: str = "change") -> str:
    return reverse(f"admin:providers_account_{name}", args=[account.pk])


def test_a_pasted_key_keeps_its_lines_and_is_never_rendered(office: Client, shop: Account) -> None:
    form = fields_of(office, "providers_account_change", shop.pk)
    pasted = NEXT_KEY.replace("\n", "\r\n") + "\r\n"
    mistake = office.post(address(shop), form | {"current_private_key": pasted, "base_url": "https://evil.example"})
    assert mistake.status_code == 200
    assert office.post(address(shop), form | {"current_private_key": pasted}).status_code == 302
    shop.refresh_from_db()
    assert shop.secrets() == {"private_key": NEXT_KEY, "export_basic": LOGIN["export_basic"]}
    page = office.get(address(shop)).content.decode()
    assert '<textarea name="current_private_key"' in page
    for line in NEXT_KEY.splitlines()[1:-1]:
        assert line not in page and line not in mistake.content.decode()


def test_the_optional_login_alone_is_half_a_login(office: Client, shop: Account) -> None:
    response = office.post(
        address(shop), fields_of(office, "providers_account_change", shop.pk) | {"next_export_basic": "abc"}
    )
    assert "Fill in all fields of a login" in response.content.decode()


def test_the_test_button_says_that_the_login_works(office: Client, shop: Account) -> None:
    assert "The login works." in office.post(address(shop, "test"), follow=True).content.decode()


def test_the_test_button_says_what_is_wrong_with_a_key(office: Client, shop: Account) -> None:
    set_secrets(shop, {"private_key": "canary"}, now=timezone.now())
    page = office.post(address(shop, "test"), follow=True).content.decode()
    assert "The private key cannot be read." in page and "canary" not in page


# The demo


def test_the_demo_connects_every_branch_and_has_staff_of_every_role_in_casablanca(
    database: None, twin: RunningSandbox, settings: Any
) -> None:
    settings.SANDBOX_PORT = int(twin.origin.rpartition(":")[2])
    assert demo.load()
    connected = {account.provider: account for account in Account.objects.all() if account.places.count()}
    assert set(connected) == {"alreaaiaa", "rekaz", "altegio", SLUG} and Account.objects.count() == 5
    assert client_for(connected[SLUG], lambda call: None).find_voucher(DEMO_CODES[0]) is not None
    maarif = Branch.objects.get(code="maarif")
    assert (maarif.country, str(maarif.zone), maarif.currency, maarif.shows_hijri) == (
        "MA",
        "Africa/Casablanca",
        "MAD",
        False,
    )
    assert maarif.tills.count() == 2
    roles = {str(role) for _name, _first, _last, role, codes in demo.STAFF if "maarif" in codes}
    assert roles == set(Role.values)
    assert len(demo.LOGINS) == len(demo.STAFF)
