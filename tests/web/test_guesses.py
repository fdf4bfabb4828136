"""Whoever guesses is slowed down, from wherever, at whatever name; and whose name it is can still sign in."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.db import connection
from django.utils import timezone

from branches.guesses import MOST_AT_A_NAME, MOST_FROM_AN_ADDRESS
from branches.models import Change, User
from branches.roles import Role
from tests.signed_in import sign_in
from tests.web.phone import AGAIN, SECOND, Phone, enrol, paper_of
from tests.web.test_login import WRONG, is_in, try_to_sign_in
from tests.web.world import PASSWORD, World, browser, hire

HOME = "10.0.0.1"


@pytest.fixture(autouse=True)
def quiet(settings: Any) -> None:
    settings.AXES_VERBOSE = False


def at(number: int) -> str:
    return f"192.0.2.{number}"


def statuses(answers: list[Any]) -> dict[int, int]:
    found = [answer.status_code for answer in answers]
    return {status: found.count(status) for status in sorted(set(found))}


# Passwords --------------------------------------------------------------------------------------------------------------


def test_a_hundred_guesses_at_one_name_from_one_place(rana: User) -> None:
    assert statuses([try_to_sign_in("rana", WRONG) for _ in range(100)]) == {200: 4, 429: 96}


def test_a_hundred_guesses_at_one_name_from_a_hundred_places_and_its_owner_still_comes_in(rana: User) -> None:
    assert try_to_sign_in("rana", PASSWORD, REMOTE_ADDR=HOME).status_code == 302
    spread = [try_to_sign_in("rana", WRONG, REMOTE_ADDR=at(n)) for n in range(100)]
    assert statuses(spread) == {200: MOST_AT_A_NAME, 429: 100 - MOST_AT_A_NAME}
    assert try_to_sign_in("rana", PASSWORD, REMOTE_ADDR=at(200)).status_code == 429, "right, but from a new place"
    assert try_to_sign_in("rana", PASSWORD, REMOTE_ADDR=HOME).status_code == 302


def test_a_hundred_names_guessed_from_one_place(world: World, rana: User) -> None:
    spread = [try_to_sign_in(f"name-{n}", WRONG, REMOTE_ADDR=HOME) for n in range(100)]
    assert statuses(spread) == {200: MOST_FROM_AN_ADDRESS, 429: 100 - MOST_FROM_AN_ADDRESS}
    assert try_to_sign_in("rana", PASSWORD, REMOTE_ADDR=at(1)).status_code == 302


def test_a_stranger_in_the_waiting_room_locks_nobody_of_the_clinic_out(world: World, rana: User) -> None:
    """They share an address."""
    assert try_to_sign_in("rana", PASSWORD, REMOTE_ADDR=HOME).status_code == 302
    for n in range(60):
        try_to_sign_in(f"name-{n}", WRONG, REMOTE_ADDR=HOME)
    assert try_to_sign_in("rana", PASSWORD, REMOTE_ADDR=HOME).status_code == 302
    hire("rima", Role.RECEPTIONIST, world.ours.branch, password=PASSWORD)
    assert try_to_sign_in("rima", PASSWORD, REMOTE_ADDR=HOME).status_code == 429


def test_nobody_is_locked_out_for_good(rana: User) -> None:
    for n in range(40):
        try_to_sign_in("rana", WRONG, REMOTE_ADDR=at(n))
    assert try_to_sign_in("rana", PASSWORD, REMOTE_ADDR=HOME).status_code == 429
    ago = timezone.now() - dt.timedelta(minutes=15, seconds=1)
    AccessFailureLog.objects.update(attempt_time=ago)
    AccessAttempt.objects.update(attempt_time=ago)
    assert try_to_sign_in("rana", PASSWORD, REMOTE_ADDR=HOME).status_code == 302


def test_a_place_is_known_for_a_season(rana: User) -> None:
    assert try_to_sign_in("rana", PASSWORD, REMOTE_ADDR=HOME).status_code == 302
    AccessLog.objects.update(attempt_time=timezone.now() - dt.timedelta(days=91))
    for n in range(20):
        try_to_sign_in("rana", WRONG, REMOTE_ADDR=at(n))
    assert try_to_sign_in("rana", PASSWORD, REMOTE_ADDR=HOME).status_code == 429


@pytest.mark.parametrize("proxies", [0, 1])
def test_forged_addresses_count_as_the_place_they_come_from(rana: User, settings: Any, proxies: int) -> None:
    settings.PROXY_COUNT = proxies
    hops = [f"203.0.113.{n}, 10.0.0.7" if proxies else f"203.0.113.{n}" for n in range(100)]
    found = statuses([try_to_sign_in("rana", WRONG, headers={"X-Forwarded-For": hop}) for hop in hops])
    assert found == {200: 4, 429: 96}


def test_the_trail_of_the_person_tells_of_it(rana: User) -> None:
    for n in range(30):
        try_to_sign_in("RANA ", WRONG, REMOTE_ADDR=at(n))
    rows = Change.objects.filter(pgh_obj_model="branches.User", pgh_obj_id=str(rana.pk))
    assert rows.filter(pgh_label="sign_in_failed").count() == MOST_AT_A_NAME
    locked = rows.filter(pgh_label="sign_in_locked")
    assert [row.pgh_context["address"] for row in locked] == [at(20)], "once a minute, however often it is tried"
    assert WRONG not in str([vars(row) for row in rows])


# Codes ------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def phone(rana: User) -> Phone:
    return enrol(sign_in(browser(), rana))


def half_in() -> Any:
    client = browser()
    assert try_to_sign_in("rana", PASSWORD, client).headers["Location"] == SECOND
    return client


def unlike(phone: Phone) -> list[str]:
    right = {phone.code(step) for step in (-2, -1, 0, 1, 2)}
    return [code for code in (f"{n:06}" for n in range(40)) if code not in right][:20]


def test_five_wrong_codes_lock_codes_for_a_while_wherever_they_come_from(rana: User, phone: Phone) -> None:
    for n, code in enumerate(unlike(phone)):
        client = half_in()
        assert client.post(SECOND, {"code": code}, REMOTE_ADDR=at(n)).status_code == 200
        assert not is_in(client)
    labels = list(Change.objects.filter(pgh_label__startswith="code_").values_list("pgh_label", flat=True))
    assert (labels.count("code_failed"), labels.count("code_locked")) == (5, 15)
    assert half_in().post(SECOND, {"code": phone.code()}).status_code == 200, "not even the right one"
    event = User.pgh_event_model  # type: ignore[attr-defined]  # pghistory adds it
    with connection.cursor() as cursor:  # its rows cannot be changed: the clock is what goes on
        cursor.execute("ALTER TABLE branches_userevent DISABLE TRIGGER USER")
        event.objects.filter(pgh_label="code_failed").update(pgh_created_at=timezone.now() - dt.timedelta(minutes=16))
        cursor.execute("ALTER TABLE branches_userevent ENABLE TRIGGER USER")
    assert half_in().post(SECOND, {"code": phone.code()}).status_code == 302


def test_recovery_codes_are_guessed_no_oftener(rana: User) -> None:
    client = sign_in(browser(), rana)
    enrol(client)
    paper = paper_of(client)
    for n in range(5):
        assert half_in().post(SECOND, {"code": f"{n:08}"}).status_code == 200
    assert half_in().post(SECOND, {"code": paper[0]}).status_code == 200


def test_guesses_in_the_midst_of_a_session_count_too(rana: User, phone: Phone) -> None:
    client = sign_in(browser(), rana, ago=700)
    for code in unlike(phone)[:5]:
        assert client.post(AGAIN, {"code": code}).status_code == 422
    assert client.post(AGAIN, {"code": phone.code()}).status_code == 422
    assert client.post(AGAIN, {"password": PASSWORD}).status_code == 302


def test_who_does_not_know_the_password_locks_no_codes(rana: User, phone: Phone) -> None:
    client = browser()
    for n in range(4):
        try_to_sign_in("rana", WRONG, client)
        client.post(SECOND, {"code": f"{n:06}"})
    assert half_in().post(SECOND, {"code": phone.code()}).status_code == 302


def test_a_wrong_present_password_counts(rana: User) -> None:
    client = sign_in(browser(), rana)
    form = {"oldpassword": WRONG, "password1": "another-good-long-password", "password2": "another-good-long-password"}
    answers = [client.post("/accounts/password/", form).status_code for _ in range(5)]
    assert answers == [200] * 4 + [429]
    assert client.post("/accounts/password/", form | {"oldpassword": PASSWORD}).status_code == 429
