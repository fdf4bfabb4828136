"""What a page shows of people, what a form may not slip in, and names that attack whoever reads them."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from django.test import Client
from django.utils.html import escape

from branches.models import User
from providers.models import Operation, State
from tests.web.books import unchanged
from tests.web.test_csrf import is_without_inline
from tests.web.world import VALUE, Corner, World
from vouchers.models import Lookup, Redemption, Voucher

ATTACKS = [
    "<img src=x onerror=alert(1)>",
    '"><svg/onload=alert(1)>',
    "احمد<script>alert(1)</script>",
    "Ahmad \u202egnp.exe\u202c Saleh",
    "{{7*7}}{% debug %}",
    "javascript:alert(1)",
    "%(value)s %s {0}",
    "'; DROP TABLE vouchers_voucher; --",
]
SLIPPED_IN = {
    **{"state": "succeeded", "amount": "1", "value": "1", "branch": "x", "actor": "x", "account": "1", "id": "1"},
    **{"is_staff": "on", "is_superuser": "on", "is_active": "", "role": "admin", "username": "root", "password": "x"},
    **{"evidence_level": "person", "client_pays": "0", "voucher": "1", "refusal_code": "", "two_person_limit": "9999"},
}


def pages(corner: Corner, client: Client) -> dict[str, str]:
    """Every page that shows a person, by its name."""
    paths = {"card": f"/vouchers/lookups/{corner.found().pk}/", "desk": "/", "review": "/review/", "live": "/live/"}
    draft, done, case = corner.draft(), corner.redemption(State.SUCCEEDED), corner.redemption(State.NEEDS_REVIEW)
    paths |= {step: f"/vouchers/lookups/{draft.pk}/{step}/" for step in ("amounts", "confirm")}
    paths |= {"result": f"/vouchers/redemptions/{done.pk}/", "slip": f"/vouchers/redemptions/{done.pk}/slip/"}
    paths |= {"evidence": f"/review/{case.pk}/"}
    answers = {name: client.get(path) for name, path in paths.items()}
    assert {name for name, answer in answers.items() if answer.status_code != 200} == set()
    return {name: answer.content.decode() for name, answer in answers.items()}


def test_numbers_are_masked_and_codes_are_in_no_title_or_address(world: World) -> None:
    found = pages(world.ours, world.client("manager"))
    assert "••••4569" in found["card"]
    for name, page in found.items():
        assert not re.search(r"512345678|1012345678|501234569", page), name
        assert "a" * 64 not in page, f"{name}: a keyed hash is of no use to anybody who reads"
        places = re.findall(r'(?:href|action|src|hx-get)="([^"]*)"|<title>(.*?)</title>', page)
        assert not [place for place in places if re.search(r"VCL\d", "".join(place))], name


def test_a_form_takes_nothing_that_it_does_not_ask_for(world: World) -> None:
    client, person = world.client("supervisor"), world.people["supervisor"]
    lookup = world.ours.found()
    path = f"/vouchers/lookups/{lookup.pk}/"
    with unchanged(but=("vouchers_lookup",)):
        assert client.post(f"{path}person/", {"person": "316", **SLIPPED_IN}).status_code == 302
        assert client.post(f"{path}amounts/", {"services_total": "600", **SLIPPED_IN}).status_code == 302
        client.post("/accounts/place/", {"till": world.ours.till.pk, **SLIPPED_IN})
    client.post("/accounts/language/", {"language": "fr", **SLIPPED_IN})
    client.post(f"{path}confirm/", SLIPPED_IN)
    operation, after = Operation.objects.get(), User.objects.get(pk=person.pk)
    assert (operation.state, operation.amount, operation.branch) == (State.CREATED, VALUE, world.ours.branch)
    assert (operation.actor, operation.evidence_level, Redemption.objects.get().client_pays) == (person, "", 400)
    assert (after.is_staff, after.is_superuser, after.username, after.language) == (False, False, "supervisor", "fr")
    assert after.memberships.get().role == "supervisor"
    assert Lookup.objects.get().voucher == Voucher.objects.get()


# Deciding ---------------------------------------------------------------------------------------------------------------


def decide(client: Client, row: Redemption, applied: str = "yes") -> int:
    form = {"applied": applied, "reason": "issuer_confirmed"}
    return int(client.post(f"/review/{row.pk}/decide/", form).status_code)


def test_nobody_decides_about_a_redemption_of_their_own(world: World) -> None:
    own = world.ours.redemption(State.NEEDS_REVIEW, world.people["supervisor"])
    client = world.client("supervisor")
    with unchanged():
        assert decide(client, own) == 409


def test_above_the_limit_one_person_is_not_two(world: World) -> None:
    row = world.ours.redemption(State.NEEDS_REVIEW)
    assert row.operation.amount > world.ours.branch.two_person_limit
    client = world.client("supervisor")
    assert decide(client, row) == 302
    with unchanged():
        assert decide(client, row) == 409
    row.operation.refresh_from_db()
    assert row.operation.state == State.NEEDS_REVIEW
    assert decide(world.client("manager"), row) == 302
    row.operation.refresh_from_db()
    assert row.operation.state == State.RESOLVED_APPLIED


@pytest.mark.parametrize("state", [State.CREATED, State.SENDING, State.UNKNOWN, State.SUCCEEDED, State.REFUSED])
def test_only_what_waits_for_a_decision_can_be_decided(world: World, state: str) -> None:
    row, client = world.ours.redemption(state), world.client("manager")
    with unchanged():
        assert decide(client, row) == 409
        assert client.post(f"/review/{row.pk}/take/").status_code == 409


def test_an_alert_is_closed_once_and_with_a_word(world: World) -> None:
    row, client = world.ours.discrepancy(), world.client("manager")
    path = f"/review/discrepancies/{row.pk}/close/"
    with unchanged():
        assert [client.post(path, {"note": note}).status_code for note in ("", "  ", "ab", "x" * 501)] == [422] * 4
    assert client.post(path, {"note": "asked the issuer"}).status_code == 302
    with unchanged():
        assert client.post(path, {"note": "again"}).status_code == 404


# Names that attack --------------------------------------------------------------------------------------------------------


def test_a_hostile_name_is_text_on_every_page(world: World) -> None:
    family = [{"id": str(n), "name": name, "phone": name, "last4": "4569"} for n, name in enumerate(ATTACKS, 316)]
    family[0]["name"] = " ".join(ATTACKS)  # the person who is chosen
    corner = replace(
        world.ours, holder=" ".join(ATTACKS), family=[card | {"hash": "", "valid_until": ""} for card in family]
    )
    found = pages(corner, world.client("manager"))
    for name, page in found.items():
        is_without_inline(page, name)
        assert not re.search(r"<img src=x|<svg|<script>alert|href=.javascript", page), name
    for name in ("card", "confirm", "result", "slip", "evidence"):
        assert escape(" ".join(ATTACKS)) in found[name], f"{name}: as it was sent"
