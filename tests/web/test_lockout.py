"""Five failures lock one person at one address, and nobody else."""

from __future__ import annotations

import datetime as dt
from typing import Any

from axes.models import AccessAttempt
from django.http import HttpResponse
from django.utils import timezone

from branches.models import User
from branches.roles import Role
from tests.web.test_login import LOGIN, WRONG, is_in, try_to_sign_in
from tests.web.world import PASSWORD, World, browser, hire


def fail(times: int, name: str = "rana", **request: Any) -> HttpResponse:
    return [try_to_sign_in(name, WRONG, **request) for _ in range(times)][-1]


def test_five_failures_lock_this_person_at_this_address_and_nobody_else(world: World, rana: User) -> None:
    hire("rima", Role.RECEPTIONIST, world.ours.branch, password=PASSWORD)
    assert fail(4, REMOTE_ADDR="10.0.0.1").status_code == 200
    assert fail(1, REMOTE_ADDR="10.0.0.1").status_code == 429
    right = try_to_sign_in("rana", PASSWORD, REMOTE_ADDR="10.0.0.1")
    assert right.status_code == 429
    assert "sessionid" not in right.cookies
    assert 'role="alert"' in right.content.decode()
    assert try_to_sign_in("rima", PASSWORD, REMOTE_ADDR="10.0.0.1").status_code == 302
    assert try_to_sign_in("rana", PASSWORD, REMOTE_ADDR="10.0.0.2").status_code == 302


def test_the_lock_opens_after_a_quarter_of_an_hour(rana: User) -> None:
    assert fail(5).status_code == 429
    AccessAttempt.objects.update(attempt_time=timezone.now() - dt.timedelta(minutes=14))
    assert try_to_sign_in("rana", PASSWORD).status_code == 429
    AccessAttempt.objects.update(attempt_time=timezone.now() - dt.timedelta(minutes=15, seconds=1))
    assert try_to_sign_in("rana", PASSWORD).status_code == 302


def test_another_spelling_gives_no_more_attempts(rana: User) -> None:
    assert try_to_sign_in("Rana", PASSWORD).status_code == 302, "the library does not mind the case"
    assert [fail(1, name).status_code for name in ("rana", "RANA", "Rana ", " rANa", "ranA")] == [200] * 4 + [429]
    assert try_to_sign_in("RanA", PASSWORD).status_code == 429


def test_a_name_that_nobody_has_is_locked_like_any_other(rana: User) -> None:
    assert fail(5, "nobody").status_code == 429


def test_the_administrations_own_door_counts_too(world: World) -> None:
    """There is none: it leads to ours."""
    client, form = browser(), {"username": "admin", "password": PASSWORD}
    assert client.post("/admin/login/", form).headers["Location"].startswith(LOGIN)
    assert not is_in(client)


def test_a_forged_address_gives_no_more_attempts(rana: User, settings: Any) -> None:
    assert [fail(1, headers={"X-Forwarded-For": f"10.9.9.{n}"}).status_code for n in range(5)][-1] == 429
    settings.PROXY_COUNT = 1
    seen = [fail(1, headers={"X-Forwarded-For": f"10.9.9.{n}, 10.0.0.7"}).status_code for n in range(5)]
    assert seen == [200] * 4 + [429]
    assert try_to_sign_in("rana", PASSWORD, headers={"X-Forwarded-For": "10.0.0.8"}).status_code == 302


def test_what_is_kept_of_an_attempt_is_no_password(rana: User) -> None:
    fail(1)
    [attempt] = AccessAttempt.objects.all()
    assert WRONG not in str(vars(attempt))
    assert (attempt.username, attempt.ip_address) == ("rana", "127.0.0.1")
