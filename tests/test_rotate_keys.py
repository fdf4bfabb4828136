"""`manage.py rotate_keys`: everything sealed moves to the newest key, and the old one may go."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.apps import apps
from django.db import models

from branches.models import Change
from desk.management.commands import rotate_keys
from desk.management.commands.rotate_keys import sealed_columns, under_newest_key
from providers.accounts import set_secrets
from providers.logins import AccountTokens
from providers.models import Account, AccountToken, Operation
from providers.secrets import Unsealable
from tests.conftest import LOGIN
from tests.scene import CODE, OTHER_CODE, Desk
from tests.terminal import refused, typed
from vouchers.models import Lookup, RedemptionLine

NEXT = {"email": "next@example.com", "password": "canary-Next-3321"}


def stored() -> list[bytes]:
    """Every sealed value there is."""
    found = []
    for model, columns in sealed_columns():
        rows = model._default_manager.values_list(*columns)
        found += [bytes(value) for row in rows for value in row if value]
    return found


@pytest.fixture
def everything(account: Account, desk: Desk, django_now: Any) -> None:
    """A row in every table of a redemption that keeps something sealed."""
    set_secrets(account, NEXT, slot="next", now=django_now)
    desk.look_up(OTHER_CODE)
    desk.redeem()


@pytest.fixture
def django_now() -> Any:
    from django.utils import timezone

    return timezone.now()


@pytest.fixture
def rotated(everything: None, settings: Any) -> list[str]:
    """The keys before; a new one has been put first."""
    old = list(settings.FIELD_KEYS)
    settings.FIELD_KEYS = [Fernet.generate_key().decode(), *old]
    return old


def test_it_knows_every_sealed_column() -> None:
    known = {model._meta.label: set(columns) for model, columns in sealed_columns()}
    assert known == {
        "customers.Search": {"sealed_typed"},
        "loyalty.Ask": {"sealed_given"},
        "partners.Receiver": {"sealed_secret", "sealed_before"},
        "providers.Account": {"sealed_current", "sealed_next"},
        "providers.AccountToken": {"sealed"},
        "providers.Hook": {"sealed_body"},
        "providers.HookAddress": {"sealed_key"},
        "providers.Operation": {"sealed_request"},
        "providers.Quarantined": {"sealed_row"},
        "reservations.Ask": {"sealed_given"},
        "vouchers.Lookup": {"sealed_typed", "sealed_code", "sealed_cards"},
        "vouchers.RedemptionLine": {"sealed_code"},
    }


def test_no_binary_column_escapes_it_by_its_name() -> None:
    """Hashes, and the ids that a run has met, are binary and no secret."""
    columns = {
        (model, field.name)
        for model in apps.get_models()
        for field in model._meta.fields
        if isinstance(field, models.BinaryField)
        and not field.name.endswith("_hash")
        and field.name not in ("ids", "hashes")
    }
    assert columns == {(model, name) for model, names in sealed_columns() for name in names}


def test_every_value_moves_to_the_newest_key_and_still_opens_without_the_old(rotated: list[str], settings: Any) -> None:
    assert len(stored()) >= 8 and not any(under_newest_key(value) for value in stored())
    said = typed("rotate_keys")
    assert all(under_newest_key(value) for value in stored())
    assert f"all: {len(stored())} rotated, 0 current, 0 unreadable" in said
    settings.FIELD_KEYS = settings.FIELD_KEYS[:1]  # the old key is retired
    account = Account.objects.get()
    assert account.secrets() == LOGIN and account.secrets("next") == NEXT
    assert AccountTokens(account).read()
    assert {lookup.code for lookup in Lookup.objects.all()} == {CODE, OTHER_CODE}
    assert RedemptionLine.objects.get().code == CODE
    assert any(lookup.cards for lookup in Lookup.objects.all())


def test_running_it_again_changes_nothing(rotated: list[str]) -> None:
    typed("rotate_keys")
    before = stored()
    assert f"all: 0 rotated, {len(before)} current, 0 unreadable" in typed("rotate_keys")
    assert stored() == before


def test_it_goes_on_where_a_killed_run_stopped(rotated: list[str]) -> None:
    rotate_keys.rotate(Lookup, ["sealed_typed", "sealed_code", "sealed_cards"], size=1)  # row by row
    assert 0 < sum(under_newest_key(value) for value in stored()) < len(stored())
    typed("rotate_keys")
    assert all(under_newest_key(value) for value in stored())


def test_a_value_that_no_key_opens_is_counted_named_and_left(rotated: list[str]) -> None:
    token = AccountToken.objects.get()
    AccountToken.objects.update(sealed=Fernet(Fernet.generate_key()).encrypt(b"lost"))
    lost = bytes(AccountToken.objects.get().sealed)
    assert "none of FIELD_KEYS" in refused("rotate_keys")
    assert bytes(AccountToken.objects.get(pk=token.pk).sealed) == lost
    assert sum(not under_newest_key(value) for value in stored()) == 1, "the others moved all the same"


def test_a_value_replaced_meanwhile_is_not_overwritten(rotated: list[str]) -> None:
    account = Account.objects.get()
    old = bytes(account.sealed_current)
    account.seal_secrets({"email": "a", "password": "b"})
    account.save()
    assert rotate_keys._rotate_one(Account, account.pk, "sealed_current", old) == "current"
    assert Account.objects.get().secrets() == {"email": "a", "password": "b"}


def test_a_value_moved_to_another_row_does_not_open_there(rotated: list[str]) -> None:
    typed("rotate_keys")
    account = Account.objects.get()
    account.sealed_next = account.sealed_current
    with pytest.raises(Unsealable):
        account.secrets("next")


def test_it_says_nothing_of_what_it_moves_and_leaves_no_trace_in_the_audit(rotated: list[str]) -> None:
    before = Change.objects.count()
    said = typed("rotate_keys")
    assert CODE not in said and LOGIN["password"] not in said and NEXT["password"] not in said
    assert Change.objects.count() == before, "nothing that a person decided has changed"


def test_operations_stay_sendable(rotated: list[str], desk: Desk) -> None:
    from tests.scene import finish

    typed("rotate_keys")
    assert finish(Operation.objects.get()).state == "succeeded"
