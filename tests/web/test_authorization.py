"""docs/authorization.yaml is true: every address, every role, every method, our branch and another's, asked for real."""

from __future__ import annotations

import pytest

from branches.roles import Role
from tests.web import matrix
from tests.web.examiner import ROLES, Examiner, in_a_word
from tests.web.matrix import Address
from tests.web.world import World

pytestmark = pytest.mark.django_db
MATRIX = matrix.read()
ADDRESSES = list(matrix.addresses())
LISTED = [address for address in ADDRESSES if address.name in MATRIX["addresses"]]
GROUPED = [address for address in ADDRESSES if address.name not in MATRIX["addresses"]]
WITH_OBJECTS = [address for address in LISTED if address.arguments]
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


@pytest.fixture(scope="module")
def examiner(clinic: World) -> Examiner:
    """It takes back by itself what an answer changed."""
    return Examiner(clinic)


def rows_of(address: Address) -> dict[str, list[str]]:
    return {key: value for key, value in MATRIX["addresses"][address.name].items() if key != "path"}


# The file -------------------------------------------------------------------------------------------------------------


def test_every_address_has_an_entry_and_every_entry_an_address() -> None:
    there = {address.name: address.route for address in LISTED}
    assert there == {name: entry["path"] for name, entry in MATRIX["addresses"].items()}
    strays = [address for address in GROUPED if group_of(address) not in MATRIX["groups"]]
    assert strays == [], "an address that docs/authorization.yaml does not know"


def group_of(address: Address) -> str:
    """A name alone is no proof: the address must be below the group's path, too."""
    group = address.name.partition(":")[0]
    return group if address.route.startswith(MATRIX["groups"].get(group, {}).get("path", "\0")) else ""


def test_every_row_speaks_of_every_role() -> None:
    assert MATRIX["roles"] == ROLES == ["anonymous", *Role.values, "disabled"]
    for entry in (*MATRIX["addresses"].values(), *MATRIX["groups"].values()):
        assert all(len(row) == len(ROLES) for key, row in entry.items() if key != "path")


def test_every_address_with_an_object_has_a_row_for_ours_and_for_theirs() -> None:
    for address in WITH_OBJECTS:
        methods = {key.split()[0] for key in rows_of(address)}
        assert set(rows_of(address)) == {f"{method} {side}" for method in methods for side in ("ours", "theirs")}


# What it says ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", LISTED, ids=lambda address: address.name)
def test_each_role_gets_what_the_matrix_says(examiner: Examiner, address: Address) -> None:
    wrong = []
    for key, row in rows_of(address).items():
        method, _, side = key.partition(" ")
        for role, wanted in zip(ROLES, row, strict=True):
            response = examiner.ask(role, method, address, side or "ours")
            got = in_a_word(response)
            if wanted == "open":
                got = "open" if got != "login" and response.status_code < 500 else got
            if got != wanted:
                wrong.append(f"{role} {key}: {got} instead of {wanted}")
    assert wrong == []


@pytest.mark.parametrize("address", LISTED, ids=lambda address: address.name)
def test_a_method_without_a_row_answers_405_to_everybody(examiner: Examiner, address: Address) -> None:
    taken = {key.split()[0] for key in rows_of(address)}
    for method in [method for method in METHODS if method not in taken]:
        for role in ("anonymous", "receptionist"):
            assert in_a_word(examiner.ask(role, method, address)) == "405", (role, method)


@pytest.mark.parametrize("address", WITH_OBJECTS, ids=lambda address: address.name)
def test_a_foreign_object_and_one_that_nobody_has_are_the_same(examiner: Examiner, address: Address) -> None:
    for method in {key.split()[0] for key in rows_of(address)}:
        for role in ("manager", "accountant"):  # one who would get it if it were ours, one who would not
            foreign, none = (examiner.ask(role, method, address, side) for side in ("theirs", "nobodys"))
            assert foreign.status_code == none.status_code
            assert foreign.content == none.content
            assert foreign.headers.keys() == none.headers.keys()


def test_the_administration_opens_to_administrators_only_and_the_api_to_no_session(examiner: Examiner) -> None:
    wrong = []
    for address in GROUPED:
        for method in ("GET", "POST"):
            row = MATRIX["groups"][group_of(address)][method]
            for role, wanted in zip(ROLES, row, strict=True):
                if address.name not in ("admin:index", "api:branches") and (role, method) not in (
                    ("owner", "POST"),
                    ("admin", "GET"),
                ):
                    continue  # the addresses are many, and one gate stands before all of them
                response = examiner.ask(role, method, address, "nobodys")
                got = in_a_word(response)
                if wanted == "open" and got != "login" and response.status_code < 500:
                    got = "open"
                if got != wanted:
                    wrong.append(f"{role} {method} {address.route}: {got} instead of {wanted}")
    assert wrong == []
