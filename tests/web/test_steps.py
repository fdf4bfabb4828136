"""Steps out of order, too late, twice, or of somebody else: the answer leads to the right place, and nothing has changed."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from branches.models import User
from branches.roles import Role
from providers.models import Operation, State
from tests.web.books import unchanged
from tests.web.world import Corner, World, browser, hire
from vouchers import services
from vouchers.models import Lookup, Voucher

STEPS = ("person", "amounts", "confirm")
GOOD = {"person": {"person": "316"}, "amounts": {"services_total": "600"}, "confirm": {}}
FINAL = [State.SUCCEEDED, State.REFUSED, State.NOT_SENT]


@pytest.fixture(autouse=True)
def in_english(world: World) -> None:
    User.objects.update(language="en")


def page_of(lookup: Lookup, step: str = "") -> str:
    return f"/vouchers/lookups/{lookup.pk}/{step and step + '/'}"


def leads_to(response: HttpResponse, target: str) -> bool:
    return (response.status_code, response.headers.get("Location")) == (302, target)


def try_all(client: Client, lookup: Lookup, target: str, steps: tuple[str, ...] = STEPS) -> None:
    for step in steps:
        assert leads_to(client.post(page_of(lookup, step), GOOD[step]), target), f"POST {step}"
        if step != "person":
            assert leads_to(client.get(page_of(lookup, step)), target), f"GET {step}"


# Too early --------------------------------------------------------------------------------------------------------------


def test_amounts_before_the_person(world: World, reception: Client) -> None:
    lookup = world.ours.found()
    with unchanged():
        try_all(reception, lookup, page_of(lookup), ("amounts", "confirm"))


def test_the_confirmation_before_the_total(world: World, reception: Client) -> None:
    lookup = world.ours.found()
    services.choose_person(lookup, "316")
    with unchanged():
        try_all(reception, lookup, page_of(lookup, "amounts"), ("confirm",))


def test_the_confirmation_of_a_total_below_the_voucher(world: World, reception: Client) -> None:
    lookup = world.ours.draft()
    Lookup.objects.filter(pk=lookup.pk).update(services_total=Decimal("199.99"))
    with unchanged():
        try_all(reception, lookup, page_of(lookup, "amounts"), ("confirm",))


@pytest.mark.parametrize("kind", ["waiting", "refused"])
def test_every_step_of_a_look_up_that_found_nothing(world: World, reception: Client, kind: str) -> None:
    lookup = getattr(world.ours, kind)()
    with unchanged():
        try_all(reception, lookup, page_of(lookup))


# Too late, or twice -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [State.CREATED, State.SENDING, State.UNKNOWN, State.NEEDS_REVIEW, *FINAL])
def test_every_step_after_the_redemption(world: World, reception: Client, state: str) -> None:
    done = world.ours.redemption(state)
    lookup, result = done.lookup, f"/vouchers/redemptions/{done.pk}/"
    with unchanged():
        try_all(reception, lookup, page_of(lookup), ("person", "amounts"))
        assert leads_to(reception.get(page_of(lookup)), result)
        assert leads_to(reception.get(page_of(lookup, "confirm")), result)
        assert leads_to(reception.post(page_of(lookup, "confirm")), result)


def test_pressing_twice_is_one_redemption(world: World, reception: Client) -> None:
    lookup = world.ours.draft(world.people["receptionist"])
    first = reception.post(page_of(lookup, "confirm"))
    with unchanged():
        assert reception.post(page_of(lookup, "confirm")).headers["Location"] == first.headers["Location"]
    assert Operation.objects.count() == 1


def test_a_code_that_a_colleague_redeems_now(world: World, reception: Client) -> None:
    mine = world.ours.draft(world.people["receptionist"])
    theirs = services.start_lookup(mine.code, world.ours.place, now=timezone.now())
    for field in ("state", "voucher", "sealed_cards", "person", "services_total", "answered_at", "next_at"):
        setattr(theirs, field, getattr(mine, field))
    theirs.seal_cards(mine.cards)
    theirs.save()
    services.redeem_voucher(theirs, world.ours.place, now=timezone.now())
    with unchanged():
        response = reception.post(page_of(mine, "confirm"))
    assert response.status_code == 409
    assert "Someone is redeeming this voucher now" in response.content.decode()
    assert "clerk-ours" in response.content.decode()


def test_a_voucher_that_has_expired_since(world: World, reception: Client) -> None:
    lookup = world.ours.draft()
    Voucher.objects.update(expires_on=timezone.now().date() - dt.timedelta(2))
    with unchanged():
        for response in (reception.get(page_of(lookup, "confirm")), reception.post(page_of(lookup, "confirm"))):
            assert response.status_code == 409
            assert "This voucher has expired" in response.content.decode()


def test_a_voucher_in_another_currency(world: World, reception: Client) -> None:
    lookup = world.ours.draft()
    Voucher.objects.update(currency="MAD")
    with unchanged():
        for response in (reception.get(page_of(lookup, "confirm")), reception.post(page_of(lookup, "confirm"))):
            assert response.status_code == 409
            assert "This voucher is in another currency" in response.content.decode()


@pytest.mark.parametrize("state", [State.CREATED, State.SENDING, State.UNKNOWN, State.REFUSED])
def test_a_slip_of_what_did_not_happen(world: World, reception: Client, state: str) -> None:
    row = world.ours.redemption(state)
    with unchanged():
        assert leads_to(reception.get(f"/vouchers/redemptions/{row.pk}/slip/"), f"/vouchers/redemptions/{row.pk}/")


def test_an_open_redemption_cannot_be_put_aside(world: World, reception: Client) -> None:
    row = world.ours.redemption(State.UNKNOWN, world.people["receptionist"])
    with unchanged():
        assert leads_to(reception.post(f"/vouchers/redemptions/{row.pk}/done/"), "/")


def test_asking_for_a_look_at_what_is_decided(world: World, reception: Client) -> None:
    row = world.ours.redemption(State.SUCCEEDED)
    with unchanged():
        reception.post(f"/vouchers/redemptions/{row.pk}/check/")


# Of somebody else ---------------------------------------------------------------------------------------------------------


def test_a_colleagues_result_is_not_put_aside_for_her(world: World, reception: Client) -> None:
    row = world.ours.redemption(State.SUCCEEDED)
    with unchanged():
        assert leads_to(reception.post(f"/vouchers/redemptions/{row.pk}/done/"), "/")


def test_a_scan_puts_aside_nothing_but_ones_own_result(world: World, reception: Client) -> None:
    colleagues, foreign_one = world.ours.redemption(State.SUCCEEDED), world.theirs.redemption(State.SUCCEEDED)
    open_one = world.ours.redemption(State.UNKNOWN, world.people["receptionist"])
    with unchanged(but=("vouchers_lookup",)):
        for row in (colleagues, foreign_one, open_one):
            assert reception.post("/vouchers/lookups/", {"q": "x", "after": row.pk}).status_code == 302


def test_a_colleague_at_the_same_branch_may_go_on(world: World, reception: Client) -> None:
    """S3: after a power cut the next person at any till finishes it; the redemption says who pressed, and where."""
    lookup = world.ours.draft()
    assert reception.post(page_of(lookup, "confirm")).status_code == 302
    operation = Operation.objects.get()
    assert (operation.actor, operation.till) == (world.people["receptionist"], world.ours.till)


def test_another_branchs_work_is_not_there(world: World, reception: Client) -> None:
    lookup, done, case, manager = *foreign(world.theirs), world.client("manager")
    with unchanged():
        for step in (*STEPS, "again", "aside"):
            assert reception.post(page_of(lookup, step), GOOD.get(step, {})).status_code == 404
        for what in ("check", "done"):
            assert reception.post(f"/vouchers/redemptions/{done}/{what}/").status_code == 404
        for what in ("decide", "take"):
            form = {"applied": "yes", "reason": "issuer_confirmed"}
            assert manager.post(f"/review/{case}/{what}/", form).status_code == 404


def foreign(corner: Corner) -> tuple[Lookup, str, str]:
    done, case = corner.redemption(State.UNKNOWN), corner.redemption(State.NEEDS_REVIEW)
    return corner.draft(), str(done.pk), str(case.pk)


def test_a_till_of_another_branch_is_not_written_down(world: World) -> None:
    """Somebody who works at both branches and stands at the other one finishes a draft of ours."""
    both = hire("both", Role.SUPERVISOR, world.ours.branch, world.theirs.branch)
    client = browser()
    client.force_login(both)
    client.post("/accounts/place/", {"till": world.theirs.till.pk})
    client.post(page_of(world.ours.draft(), "confirm"))
    operation = Operation.objects.get()
    assert (operation.branch, operation.till, operation.actor) == (world.ours.branch, None, both)


# Polling ----------------------------------------------------------------------------------------------------------------


def test_a_poll_is_told_only_what_is_new(world: World, reception: Client) -> None:
    """The card says what it shows; as long as it would say the same there is no answer to swap in."""
    row = world.ours.redemption(State.UNKNOWN)
    poll = {"HX-Request": "true"}
    address = f"/vouchers/redemptions/{row.pk}/"
    page = reception.get(address, headers=poll).content.decode()
    [next_poll] = re.findall(rf'hx-get="({address}[^"]+)"', page)
    assert reception.get(next_poll, headers=poll).status_code == 204
    assert reception.get(next_poll).status_code == 200, "a person who reloads gets the page"
    Operation.objects.filter(redemption=row).update(escalated_at=timezone.now(), state=State.NEEDS_REVIEW)
    answer = reception.get(next_poll, headers=poll)
    assert (answer.status_code, b"hx-get" in answer.content) == (200, False)
