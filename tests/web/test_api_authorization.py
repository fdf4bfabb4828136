"""docs/api-authorization.yaml is true: every address of the partner API, every scope, our branch and another's, for real."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from branches.models import Branch
from loyalty.models import Program
from partners.keys import issue_key, revoke_key
from partners.scopes import SCOPES
from providers.models import State
from tests.web import matrix
from tests.web.booking_corner import open_bookings
from tests.web.card_corner import PHONE, PROGRAM, open_cards
from tests.web.examiner import path_to
from tests.web.matrix import Address
from tests.web.world import Corner, World

pytestmark = pytest.mark.django_db
MATRIX = matrix.read(matrix.API_FILE)
PUBLIC = {"api:schema", "api:docs"}
ADDRESSES = [one for one in matrix.addresses() if one.name.startswith("api:") and one.name not in PUBLIC]
WITH_IDS = [address for address in ADDRESSES if address.arguments]
KEYS = ["nobody", "revoked", "expired", "elsewhere", *SCOPES, "all"]
OPEN = {200, 201, 202, 400, 409, 422, 429, 503}
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
SALE = {"services_total": "600", "paid": "400", "currency": "SAR", "provider": "alreaaiaa"}


def keys_of(branch: Branch) -> dict[str, str]:
    now = timezone.now()
    found = {"nobody": ""}
    for name in KEYS[1:]:
        scopes = [name] if name in SCOPES else ["all"]
        more: dict[str, Any] = {"addresses": ["203.0.113.0/24"]} if name == "elsewhere" else {}
        if name == "expired":
            more = {"now": now - timedelta(days=9), "expires_at": now - timedelta(days=1)}
        key, found[name] = issue_key(
            name.replace(":", "-"), **{"branches": [branch], "scopes": scopes, "now": now, **more}
        )
        if name == "revoked":
            revoke_key(key.prefix, now=now)
    return found


def things_of(corner: Corner) -> dict[str, Any]:
    bookings, done = open_bookings(corner), corner.redemption(State.SUCCEEDED)
    row, plan = bookings.reservation(), bookings.subscription()
    cards = open_cards(corner)
    card, record = cards.card(), cards.appointment()
    cards.bill(record)
    cards.movement(card)
    program = Program.objects.create(**cards.mirror(PROGRAM), title="Ten percent")
    return {
        "card_id": card.pk,
        "visit_id": record.visit_id,
        "record_id": record.external_id,
        "program_id": program.pk,
        "type_id": cards.type.pk,
        "card_customer_id": cards.customer.pk,
        "redemption_id": done.pk,
        "operation_id": done.operation_id,
        "customer_id": bookings.customer.pk,
        "reservation_id": row.pk,
        "subscription_id": plan.pk,
        "branch": corner.branch.code,
        "code": corner.new_code(),
    }


class Caller:
    """Calls any address with any key, and takes back what the answer changed."""

    def __init__(self, world: World) -> None:
        self.keys = keys_of(world.ours.branch)
        self.things = {"ours": things_of(world.ours), "theirs": things_of(world.theirs), "nobodys": {}}
        self.client = Client()

    def call(self, key: str, method: str, address: Address, side: str = "ours") -> HttpResponse:
        things = self.things[side]
        path, named = path_to(address, things), {"Authorization": f"Bearer {self.keys[key]}"} if self.keys[key] else {}
        before = transaction.savepoint()
        if method == "GET":
            response = self.client.get(path, query(address.name, things), headers=named)
        else:
            asked = f"?{urlencode(query(address.name, things))}" if method == "DELETE" else ""
            text, path = json.dumps(body(address.name, things)), path + asked
            response = self.client.generic(method, path, text, content_type="application/json", headers=named)
        transaction.savepoint_rollback(before)
        return response


def query(name: str, things: dict[str, Any]) -> dict[str, Any]:
    if name == "api:operations":
        return {"external_ref": "bill-1"}
    if name in TAKEN_BACK and not things:
        return {"branch": "nowhere", "record_id": "none"}
    if name in ("api:branches", "api:redemptions") or not things:
        return {}
    here = {"branch": things["branch"]}
    in_visit = {**here, "record_id": things["record_id"]}
    return {
        "api:cards": {**here, "phone": PHONE},
        "api:withdrawal": in_visit,
        "api:program": in_visit,
        "api:customers": {**here, "q": "سارة"},
        "api:slots": {**here, "price": "no-such-price", "from": "2027-01-10"},
    }.get(name, here if name in LISTS else {})


TAKEN_BACK = ("api:withdrawal", "api:program")
LISTS = {"api:card_types", "api:products", "api:reservations", "api:subscriptions", "api:attendances", "api:runs"}


def body(name: str, things: dict[str, Any]) -> dict[str, Any]:
    here = {"branch": things.get("branch", "nowhere")}
    in_visit = {**here, "record_id": things.get("record_id", "none"), "card": things.get("card_id", 1)}
    return {
        "api:cards": {**here, "customer": things.get("card_customer_id", 1), "type": things.get("type_id", 1)},
        "api:card_points": {**here, "scope": "location", "amount": "5", "reason": "campaign"},
        "api:withdrawals": {**in_visit, "amount": "5"},
        "api:programs": {**in_visit, "program": things.get("program_id", 1)},
        "api:verify": {**here, "provider": "alreaaiaa", "code": things.get("code", "x")},
        "api:redemptions": {**here, **SALE, "codes": [things.get("code", "x")]},
        "api:reservations": {**here, "customer": 1, "slot": "none"},
        "api:subscriptions": {**here, "customer": 1, "price": "none", "starts_on": "2027-01-10"},
        "api:attendances": {"reservation": things.get("reservation_id", 1), "direction": "check_in"},
        "api:cancel": {"reason": "The customer is ill"},
        "api:reschedule": {"slot": "none"},
        "api:pause": {"first": "2027-03-01", "until": "2027-03-10"},
        "api:resume": {"on": "2027-03-01"},
    }.get(name, {})


@pytest.fixture(scope="module")
def program(clinic: World) -> Caller:
    return Caller(clinic)


@pytest.fixture(autouse=True)
def nobody_waits(settings: Any) -> None:
    settings.API_WAIT_SECONDS = 0
    settings.API_RATE_KEY = settings.API_RATE_ALL = 1_000_000


def rows_of(address: Address) -> dict[str, list[str]]:
    return {key: value for key, value in MATRIX["addresses"][address.name].items() if key != "path"}


def test_every_address_of_the_api_has_an_entry_and_every_entry_an_address() -> None:
    assert {one.name: one.route for one in ADDRESSES} == {n: entry["path"] for n, entry in MATRIX["addresses"].items()}


def test_every_row_speaks_of_every_key() -> None:
    assert MATRIX["keys"] == KEYS
    assert all(len(row) == len(KEYS) for address in ADDRESSES for row in rows_of(address).values())


@pytest.mark.parametrize("address", ADDRESSES, ids=lambda address: address.name)
def test_each_key_gets_what_the_matrix_says(program: Caller, address: Address) -> None:
    wrong = []
    for row, wanted_of in rows_of(address).items():
        method, _, side = row.partition(" ")
        for key, wanted in zip(KEYS, wanted_of, strict=True):
            response = program.call(key, method, address, side or "ours")
            got = "ok" if response.status_code == 200 else str(response.status_code)
            if wanted == "open" and response.status_code in OPEN:
                got = "open"
            if got != wanted:
                wrong.append(f"{key} {row}: {got} instead of {wanted}: {response.content.decode()[:200]}")
    assert wrong == []


@pytest.mark.parametrize("address", ADDRESSES, ids=lambda address: address.name)
def test_a_method_without_a_row_answers_405_and_names_those_that_are_there(program: Caller, address: Address) -> None:
    taken = {key.split()[0] for key in rows_of(address)}
    for method in [method for method in METHODS if method not in taken]:
        response = program.call("all", method, address)
        assert response.status_code == 405, method
        assert set(response.headers["Allow"].replace(" ", "").split(",")) - {"HEAD"} == taken
        assert program.call("nobody", method, address).status_code == 401


@pytest.mark.parametrize("address", WITH_IDS, ids=lambda address: address.name)
def test_a_foreign_object_and_one_that_nobody_has_are_the_same(program: Caller, address: Address) -> None:
    for method in {key.split()[0] for key in rows_of(address)}:
        foreign, none = (program.call("all", method, address, side) for side in ("theirs", "nobodys"))
        assert foreign.status_code == none.status_code == 404
        assert untraced(foreign) == untraced(none)
        assert foreign.headers.keys() == none.headers.keys()


def untraced(response: HttpResponse) -> dict[str, Any]:
    return json.loads(response.content) | {"trace_id": ""}


SHOWN = {
    "api:redemptions": "redemption_id",
    "api:customers": "customer_id",
    "api:reservations": "reservation_id",
    "api:subscriptions": "subscription_id",
    "api:cards": "card_id",
    "api:card_types": "type_id",
}


@pytest.mark.parametrize("name", SHOWN)
def test_a_list_shows_what_is_at_our_branch_and_nothing_of_another(program: Caller, name: str) -> None:
    address = next(one for one in ADDRESSES if one.name == name)
    found = {str(item["id"]) for item in json.loads(program.call("all", "GET", address).content)["items"]}
    assert str(program.things["ours"][SHOWN[name]]) in found
    assert str(program.things["theirs"][SHOWN[name]]) not in found
