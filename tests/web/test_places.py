"""Which till this is: chosen once, remembered by the machine, and never one of another branch. And new passwords."""

from __future__ import annotations

import pytest
from django.test import Client

from branches.models import Membership, Till, User
from branches.roles import Role
from providers.models import Operation
from tests.signed_in import sign_in
from tests.web.books import unchanged
from tests.web.test_login import is_in, try_to_sign_in
from tests.web.world import PASSWORD, World, browser, hire

PLACE = "/accounts/place/"


def second_till(world: World) -> Till:
    return Till.objects.create(branch=world.ours.branch, number=2)


def shown(client: Client) -> str:
    """The till that the desk says it is, or where it sends one who has to choose."""
    response = client.get("/")
    if response.status_code == 302:
        return str(response.headers["Location"])
    client.cookies["django_language"] = "en"
    page = client.get("/").content.decode()
    return "2" if "Till 2" in page else "1" if "Till 1" in page else "none"


def test_one_who_works_at_one_till_has_nothing_to_choose(rana: User) -> None:
    client = browser()
    client.force_login(rana)
    assert shown(client) == "1"


def test_the_till_is_chosen_once_and_remembered_by_the_machine(world: World, rana: User) -> None:
    till, rima = second_till(world), hire("rima", Role.RECEPTIONIST, world.ours.branch, password=PASSWORD)
    machine = browser()
    try_to_sign_in("rana", PASSWORD, machine)
    assert shown(machine) == PLACE
    assert machine.post(PLACE, {"till": till.pk}).headers["Location"] == "/"
    assert shown(machine) == "2"
    machine.post("/accounts/logout/")
    assert machine.cookies["till"]["max-age"] == 365 * 24 * 3600
    try_to_sign_in("rima", PASSWORD, machine)
    assert shown(machine) == "2"
    other = browser()
    other.force_login(rima)
    assert shown(other) == PLACE


def test_a_redemption_names_the_till(world: World, rana: User) -> None:
    till, client = second_till(world), browser()
    client.force_login(rana)
    client.post(PLACE, {"till": till.pk})
    client.post(f"/vouchers/lookups/{world.ours.draft().pk}/confirm/")
    assert Operation.objects.get().till == till


@pytest.mark.parametrize("way", ["form", "cookie", "session"])
def test_a_till_of_another_branch_is_refused(world: World, rana: User, way: str) -> None:
    second_till(world)
    client, foreign = browser(), str(world.theirs.till.pk)
    client.force_login(rana)
    with unchanged():
        if way == "form":
            response = client.post(PLACE, {"till": foreign})
            assert response.status_code == 422
            assert "till" not in response.cookies
            assert client.post(PLACE, {"till": foreign}).content.count(b'name="till"') == 2, "only ours to choose from"
        elif way == "cookie":
            client.cookies["till"] = foreign
        else:
            session = client.session
            session["till"] = foreign
            session.save()
        assert shown(client) == PLACE


@pytest.mark.parametrize("remembered", ["²", "٣", "9" * 30, "9" * 5000, "-1", "x", "1;2", "\ufffd", "0", "1e3", "None"])
def test_a_strange_cookie_is_as_none(world: World, rana: User, remembered: str) -> None:
    second_till(world)
    client = browser()
    client.force_login(rana)
    client.cookies["till"] = remembered.encode().decode("latin-1")  # bytes, as a server hands them on
    assert shown(client) == PLACE


def test_a_till_is_forgotten_with_the_membership(world: World, rana: User) -> None:
    client = browser()
    client.force_login(rana)
    client.post(PLACE, {"till": world.ours.till.pk})
    Membership.objects.filter(user=rana).delete()
    assert shown(client) == PLACE
    assert b'name="till"' not in client.get(PLACE).content


# New passwords ----------------------------------------------------------------------------------------------------------


def change(client: Client, new: str, old: str = PASSWORD, again: str | None = None) -> int:
    form = {"oldpassword": old, "password1": new, "password2": new if again is None else again}
    return int(client.post("/accounts/password/", form).status_code)


@pytest.mark.parametrize("new", ["short", "eleven-char", "password1234", "rana-rana-rana", ""])
def test_a_weak_password_is_refused(rana: User, new: str) -> None:
    User.objects.filter(pk=rana.pk).update(first_name="rana-rana-ree")
    client = browser()
    sign_in(client, rana)
    with unchanged():
        assert change(client, new) == 200


def test_the_old_one_and_the_same_one_twice_are_asked_for(rana: User) -> None:
    client = browser()
    sign_in(client, rana)
    with unchanged(but=("branches_userevent", "pghistory_context")):  # a wrong one is a trace, and changes nothing else
        assert change(client, "twelve-chars", old="wrong") == 200
        assert change(client, "twelve-chars", again="twelve-charm") == 200


@pytest.mark.parametrize("new", ["twelve-chars", "كلمة مرور طويلة جدا", "a" * 5 + "longer than anybody types " * 3])
def test_a_new_password_ends_every_other_session(rana: User, new: str) -> None:
    client, elsewhere = browser(), browser()
    for each in (client, elsewhere):
        try_to_sign_in("rana", PASSWORD, each)
    assert change(client, new) == 302
    assert is_in(client)
    assert not is_in(elsewhere)
    assert try_to_sign_in("rana", PASSWORD).status_code == 200
    assert try_to_sign_in("rana", new).status_code == 302
