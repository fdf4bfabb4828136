"""The demo: everything at once, and to what an older version has left only what it did not have yet."""

from __future__ import annotations

import pytest

from branches.models import Branch, User
from desk import demo
from providers.models import Account, BranchAccount, Environment
from vouchers.models import PointsRate


@pytest.fixture
def loaded(db: None) -> None:
    assert demo.load()


def counts() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (Branch, User, Account, BranchAccount, PointsRate))


def test_it_is_loaded_once(loaded: None) -> None:
    before = counts()
    assert not demo.load()
    assert counts() == before == (3, 10, 5, 5, 1)


def test_an_older_demo_gets_what_is_new_and_keeps_what_people_have_made(loaded: None) -> None:
    before = counts()
    BranchAccount.objects.filter(account__provider="afriquia_gaz").delete()
    Account.objects.filter(provider="afriquia_gaz").delete()
    User.objects.filter(username="youssef").delete()
    User.objects.filter(username="reem").update(first_name="Rim")
    assert not demo.load()
    assert counts() == before
    assert User.objects.get(username="reem").first_name == "Rim"
    assert Account.objects.get(provider="afriquia_gaz").environment == Environment.SANDBOX
    assert User.objects.get(username="youssef").check_password(demo.PASSWORD)


@pytest.mark.parametrize("change", ["a live account", "other branches"])
def test_nothing_is_added_to_what_is_no_demo(loaded: None, change: str) -> None:
    User.objects.filter(username="youssef").delete()
    if change == "a live account":
        Account.objects.filter(provider="alreaaiaa").update(environment=Environment.LIVE)
    else:
        Branch.objects.filter(code=demo.OLAYA).update(code="real")
    before = counts()
    assert not demo.load()
    assert counts() == before
