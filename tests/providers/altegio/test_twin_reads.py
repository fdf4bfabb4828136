"""The client against the twin, over its socket, in each of the twin's dialects: what there is, and who may ask."""

from __future__ import annotations

import datetime as dt

import pytest

from providers.altegio.client import Altegio
from providers.contracts import (
    Attendance,
)
from providers.errors import Misconfigured
from providers.sandbox.running import RunningSandbox
from tests.providers.altegio.salon import (
    FAHD,
    FIRST,
    LOGIN,
    NOURA,
    OMAR,
    SARA,
    SLUG,
    VISIT,
    client_of,
)

# What there is


def test_places_chains_and_rights(client: Altegio) -> None:
    assert [one.timezone for one in client.locations()] == ["Asia/Riyadh", "Africa/Casablanca", "Europe/Paris"]
    place = client.location("4565")
    assert place is not None and place.title == "Ruba Clinics Maarif" and place.is_active
    assert client.location("77") is None
    ours, other = client.chains()
    assert "loyalty_access" in ours.rights and other.rights == frozenset()
    assert {one.raw_kind for one in client.programs()} == {"discount_static", "cashback_accumulative_paid"}
    assert [one.is_discount for one in client.programs()] == [True, False, True]


def test_appointments_that_changed_come_with_those_that_were_deleted(client: Altegio, quiet: RunningSandbox) -> None:
    long_ago = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    assert len(client.appointments(long_ago)) == 8
    since = dt.datetime.now(dt.UTC) - dt.timedelta(minutes=5)
    quiet.control.act(SLUG, "delete", record="502")
    quiet.control.act(SLUG, "touch", record="503")
    future = [one for one in client.appointments(since) if one.external_id in ("502", "503")]
    assert [(one.is_deleted, one.attendance) for one in future] == [
        (True, Attendance.WAITING),
        (False, Attendance.ARRIVED),
    ]


def test_time_that_is_blocked_has_no_client(client: Altegio) -> None:
    blocked, ours = client.appointment("530"), client.appointment(FIRST)
    assert blocked is not None and blocked.client_id == ""
    assert ours is not None and (ours.client_phone, ours.visit_id) == (SARA, VISIT)
    visit = client.visit(VISIT)
    assert visit is not None and [one.external_id for one in visit.appointments] == [FIRST, "520"]
    assert client.appointment("77") is client.visit("77") is None


@pytest.mark.parametrize("offset", ["right", "forgets_summer"])
def test_summer_moves_no_appointment(quiet: RunningSandbox, offset: str) -> None:
    quiet.control.rules(SLUG, offset=offset)
    abroad = client_of(quiet, values={"location_id": "4566", "timezone": "Europe/Paris"})
    found = abroad.appointment("541")
    assert found is not None and (found.starts_at.hour, found.starts_at.minute) == (10, 10)
    visit = abroad.visit("9041")
    assert visit is not None and visit.starts_at == found.starts_at


def test_clients_are_found_in_a_place_and_in_the_chain(client: Altegio) -> None:
    assert len(client.clients(dt.datetime(2020, 1, 1, tzinfo=dt.UTC))) == 6
    assert {one.phone for one in client.search_clients("al")} == {SARA, OMAR, NOURA, FAHD}
    (found,) = client.clients_in_chain(SARA)
    assert (found.place_id, found.name) == ("4564", "Sara Alqahtani")
    assert list(client.clients_in_chain("+966509999999")) == []


def test_another_place_of_the_account_can_be_asked(client: Altegio) -> None:
    assert list(client.appointments(dt.datetime(2020, 1, 1, tzinfo=dt.UTC), "4565")) == []
    with pytest.raises(ValueError, match="id"):
        client.programs("../4565")


# Who asks


def test_the_login_is_right_when_our_chain_gives_what_is_needed(quiet: RunningSandbox) -> None:
    assert client_of(quiet).check_login(LOGIN) == "Ruba Clinics"
    quiet.control.rules(SLUG, right_missing="loyalty_cards_manual_transactions_access")
    with pytest.raises(Misconfigured) as raised:
        client_of(quiet).check_login(LOGIN)
    assert raised.value.code == "rights_missing"
    assert "loyalty_cards_manual_transactions_access" in raised.value.detail


@pytest.mark.parametrize("place", [{"location_id": "77"}, {"chain_id": "145072"}, {"chain_id": "77"}])
def test_a_place_that_is_not_in_the_chain_is_named(quiet: RunningSandbox, place: dict[str, str]) -> None:
    with pytest.raises(Misconfigured) as raised:
        client_of(quiet, values=place).check_login(LOGIN)
    assert raised.value.code == "place_unknown"


@pytest.mark.parametrize(
    ("place", "zone", "fits"),
    [
        ("4564", "Asia/Riyadh", True),
        ("4564", "Asia/Kuwait", True),  # the same clock by another name
        ("4566", "Europe/Berlin", True),
        ("4565", "Asia/Riyadh", False),
        ("4566", "Africa/Lagos", False),  # right in winter, wrong in summer
    ],
)
def test_another_clock_than_that_of_the_place_is_named(
    quiet: RunningSandbox, place: str, zone: str, fits: bool
) -> None:
    client = client_of(quiet, values={"location_id": place, "timezone": zone})
    if fits:
        assert client.check_login(LOGIN)
        return
    with pytest.raises(Misconfigured) as raised:
        client.check_login(LOGIN)
    assert raised.value.code == "other_clock"


def test_a_place_that_does_not_tell_its_clock_has_ours(quiet: RunningSandbox) -> None:
    quiet.control.fault("status", provider=SLUG, endpoint="company", status=500)
    assert client_of(quiet, values={"timezone": "Europe/Paris"}).check_login(LOGIN) == "Ruba Clinics"
