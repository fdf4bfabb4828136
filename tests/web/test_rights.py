"""Rights that are taken away, and that differ from place to place. What each role may do is in test_authorization.py."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from branches.models import Branch, Membership, User
from branches.roles import Role
from providers.models import State
from tests.web.world import World, browser, dismiss, hire


def status_of(client: Client, path: str) -> tuple[int, str]:
    response = client.get(path)
    return response.status_code, response.headers.get("Location", "").partition("?")[0]


def test_a_removed_membership_is_gone_at_the_next_request(world: World) -> None:
    lookup = world.ours.found()
    client, path = world.client("receptionist"), f"/vouchers/lookups/{lookup.pk}/"
    assert status_of(client, path) == (200, "")
    dismiss(world.people["receptionist"])
    assert status_of(client, path) == (302, "/accounts/place/")
    assert status_of(client, "/") == (302, "/accounts/place/")
    posted = client.post(f"{path}person/", {"person": "316"})
    assert (posted.status_code, posted.headers["Location"]) == (302, "/accounts/place/")
    lookup.refresh_from_db()
    assert lookup.person == ""


def test_a_disabled_person_is_out_at_the_next_request(world: World) -> None:
    client = world.client("manager")
    assert status_of(client, "/review/") == (200, "")
    User.objects.filter(username="manager").update(is_active=False)
    assert status_of(client, "/review/") == (302, "/accounts/login/")


def test_a_lesser_role_counts_at_the_next_request(world: World) -> None:
    client = world.client("supervisor")
    assert status_of(client, "/review/") == (200, "")
    Membership.objects.filter(user__username="supervisor").update(role=Role.RECEPTIONIST)
    assert status_of(client, "/review/") == (403, "")


def test_a_closed_branch_shows_nothing_at_the_next_request(world: World) -> None:
    client = world.client("manager")
    row = world.ours.redemption(State.SUCCEEDED)
    Branch.objects.filter(pk=world.ours.branch.pk).update(is_active=False)
    assert status_of(client, f"/vouchers/redemptions/{row.pk}/") == (302, "/accounts/place/")


def at(client: Client, till: Any) -> Client:
    assert client.post("/accounts/place/", {"till": str(till.pk)}).status_code == 302
    return client


def test_a_right_at_one_branch_gives_none_at_another(world: World) -> None:
    """A supervisor of ours who only keeps the books of theirs: wherever she stands, each branch's own role counts."""
    dana = hire("dana", Role.SUPERVISOR, world.ours.branch)
    Membership.objects.create(user=dana, branch=world.theirs.branch, role=Role.ACCOUNTANT)
    client = browser()
    client.force_login(dana)
    theirs, ours = world.theirs.found(), world.ours.found()
    case = world.theirs.redemption(State.NEEDS_REVIEW)
    done = world.theirs.redemption(State.SUCCEEDED)
    at(client, world.ours.till)
    assert status_of(client, f"/vouchers/lookups/{ours.pk}/")[0] == 200
    assert status_of(client, f"/vouchers/lookups/{theirs.pk}/")[0] == 404
    assert status_of(client, f"/review/{case.pk}/")[0] == 404
    assert status_of(client, f"/vouchers/redemptions/{done.pk}/")[0] == 200
    at(client, world.theirs.till)
    assert status_of(client, "/review/")[0] == 403
    assert status_of(client, f"/vouchers/lookups/{ours.pk}/")[0] == 403


def test_lists_show_rows_of_our_branches_only(world: World) -> None:
    ours, theirs = (corner.redemption(State.NEEDS_REVIEW) for corner in (world.ours, world.theirs))
    world.theirs.discrepancy()
    page = world.client("owner").get("/review/").content.decode()
    assert ours.operation.reference in page
    assert theirs.operation.reference not in page
    assert "/review/discrepancies/" not in page
    desk = world.client("manager").get("/").content.decode()
    assert str(ours.pk) in desk
    assert str(theirs.pk) not in desk


def test_a_form_that_comes_too_late_leads_to_the_desk_not_to_a_blank_page(world: World) -> None:
    response = world.client("anonymous").post("/vouchers/lookups/", {"q": "VCL6C5944NO4058"})
    assert (response.status_code, response.headers["Location"]) == (302, "/accounts/login/")


@pytest.mark.parametrize("path", ["/live/?seen=x&here=y", "/vouchers/lookups/{lookup}/"])
def test_a_poll_sends_the_whole_page_to_the_login(world: World, path: str) -> None:
    path = path.format(lookup=world.ours.found().pk)
    for who, target in (("anonymous", "/accounts/login/"), ("disabled", "/accounts/login/")):
        response = world.client(who).get(path, headers={"HX-Request": "true"})
        assert (response.status_code, response.content) == (200, b"")
        assert response.headers["HX-Redirect"] == target
