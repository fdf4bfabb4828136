"""A session ends when nobody is there, with the shift, with a word to the server, and with what made it trustworthy."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from branches.models import Session, User
from branches.sessions import purge_sessions
from tests.signed_in import sign_in
from tests.web.phone import MINE, enrol
from tests.web.test_login import LOGIN, is_in, try_to_sign_in
from tests.web.world import PASSWORD, World, browser

HOUR = 3600
NEW = "another-good-long-password"


def entered(**request: Any) -> Client:
    client = browser()
    assert try_to_sign_in("rana", PASSWORD, client, **request).status_code == 302
    return client


def aged(client: Client, **back: int) -> Client:
    """As if so many seconds had gone by."""
    session = client.session
    for name, seconds in back.items():
        session[name] = int(time.time()) - seconds
    session.save()
    return client


def seen(client: Client) -> int:
    return int(client.session["seen"])


def test_a_session_ends_half_an_hour_after_the_last_sign_of_somebody(rana: User) -> None:
    assert is_in(aged(entered(), seen=29 * 60))
    client = aged(entered(), seen=30 * 60)
    key = client.session.session_key
    assert not is_in(client)
    assert not Session.objects.filter(session_key=key).exists(), "ended at the server"


def test_work_keeps_a_session_and_polling_does_not(rana: User) -> None:
    client = aged(entered(), seen=20 * 60)
    before = seen(client)
    assert client.get("/live/", headers={"HX-Request": "true"}).status_code == 200
    assert seen(client) == before
    client.get("/")
    assert time.time() - seen(client) < 5
    client = aged(client, seen=31 * 60)
    poll = client.get("/live/", headers={"HX-Request": "true"})
    assert poll.headers["HX-Redirect"] == LOGIN


def test_a_session_ends_after_a_shift_whatever_is_done_meanwhile(rana: User) -> None:
    assert is_in(aged(entered(), started=12 * HOUR - 60))
    assert not is_in(aged(entered(), started=12 * HOUR))


def test_a_setting_says_how_long_nobody_may_be_there(rana: User, settings: Any) -> None:
    settings.SESSION_IDLE_SECONDS = 60
    assert is_in(aged(entered(), seen=50))
    assert not is_in(aged(entered(), seen=61))


def test_whoever_comes_back_comes_back_to_her_page(world: World, rana: User) -> None:
    page = f"/vouchers/lookups/{world.ours.found(rana).pk}/"
    late = aged(entered(), seen=31 * 60).get(page)
    assert late.headers["Location"] == f"{LOGIN}?next={page}"
    poll = aged(entered(), seen=31 * 60).get(
        page, headers={"HX-Request": "true", "HX-Current-URL": f"http://testserver{page}"}
    )
    assert poll.headers["HX-Redirect"] == f"{LOGIN}?next={page}"
    form = aged(entered(), seen=31 * 60).post(f"{page}person/", headers={"Referer": f"http://testserver{page}"})
    assert form.headers["Location"] == f"{LOGIN}?next={page}"


@pytest.mark.parametrize(
    "page", ["https://evil.example/x", "//evil.example", "javascript:alert(1)", "http://testserver//evil.example"]
)
def test_a_page_of_others_is_not_come_back_to(world: World, page: str) -> None:
    for headers in ({"HX-Request": "true", "HX-Current-URL": page}, {"Referer": page}):
        answer = browser().post("/vouchers/lookups/", {"q": "x"}, headers=headers)
        assert (answer.headers.get("HX-Redirect") or answer.headers["Location"]) == LOGIN


def test_who_is_switched_off_is_out_and_stays_out_when_switched_on_again(rana: User) -> None:
    client = entered()
    User.objects.filter(pk=rana.pk).update(is_active=False)
    assert not Session.objects.filter(user_id=rana.pk).exists()
    User.objects.filter(pk=rana.pk).update(is_active=True)
    assert not is_in(client)


def test_a_new_password_ends_the_other_sessions_and_not_this_one(rana: User) -> None:
    here, there = entered(), entered()
    before = here.session.session_key
    form = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    assert here.post("/accounts/password/", form).status_code == 302
    assert is_in(here) and not is_in(there)
    assert here.session.session_key != before
    assert [row.session_key for row in Session.objects.filter(user_id=rana.pk)] == [here.session.session_key]


def test_an_administrators_new_password_ends_every_session_of_that_person(world: World, rana: User) -> None:
    client, admin = entered(), world.client("admin")
    form = {"password1": NEW, "password2": NEW, "set-password": "1"}
    assert admin.post(f"/admin/branches/user/{rana.pk}/password/", form).status_code == 302
    assert not Session.objects.filter(user_id=rana.pk).exists()
    assert not is_in(client) and admin.get("/admin/").status_code == 200


def test_a_new_second_step_ends_the_other_sessions_and_not_this_one(rana: User) -> None:
    here, there = entered(), entered()
    before = here.session.session_key
    enrol(here)
    assert is_in(here) and not is_in(there)
    assert here.session.session_key != before
    other = sign_in(browser(), rana)
    assert here.post("/accounts/mine/app/remove/").status_code == 302
    assert is_in(here) and not is_in(other)


def test_one_sees_ones_own_sessions_and_ends_the_others(world: World, rana: User) -> None:
    firefox = "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0"
    here, there = entered(), entered(REMOTE_ADDR="10.0.0.9", headers={"User-Agent": firefox})
    stranger = world.client("manager")
    stranger.get("/")
    page = here.get(MINE).content.decode()
    assert "10.0.0.9" in page and "Firefox · Windows" in page
    assert page.count('data-label="') == 2 * 4
    assert there.session.session_key not in page
    assert here.get("/accounts/mine/sessions/").status_code == 405
    assert here.post("/accounts/mine/sessions/").status_code == 302
    assert is_in(here) and not is_in(there) and is_in(stranger)


def test_a_session_of_nobody_is_nobodys(rana: User) -> None:
    client = browser()
    client.post("/accounts/language/", {"language": "fr"})
    client.get(LOGIN)
    assert not Session.objects.filter(user_id=None, expire_date__gt=timezone.now() + dt.timedelta(hours=13)).exists()


def test_what_has_ended_is_not_kept(rana: User) -> None:
    aged(entered(), started=13 * HOUR)
    alive = entered()
    assert purge_sessions(now=timezone.now()) == 1
    assert is_in(alive)


# Why one ended is said to whoever runs the server -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("back", "reason"),
    [({"seen": 31 * 60}, "nobody was there for 18"), ({"started": 13 * HOUR}, "it has lasted 468")],
)
def test_the_log_says_that_it_rested_or_lasted_too_long(
    rana: User, logged: Callable[[], str], back: dict[str, int], reason: str
) -> None:
    client = aged(entered(), **back)
    key = client.session.session_key
    client.get("/")
    assert f"session of {rana.pk} ended: {reason}" in logged() and str(key) not in logged()


def test_the_log_says_that_a_password_has_ended_it(rana: User, logged: Callable[[], str]) -> None:
    """Django flushes what was trusted with another password, and says nothing."""
    client = entered()
    rana.set_password(NEW)
    rana.save()
    client.get("/")
    assert f"session of {rana.pk} ended: by , answered 302" in logged()


def test_the_log_says_that_a_cookie_names_none(rana: User, logged: Callable[[], str]) -> None:
    client = entered()
    Session.objects.all().delete()
    client.get("/")
    assert "session ended: its cookie names none that is there" in logged()


def test_a_session_that_goes_on_says_nothing(rana: User, logged: Callable[[], str]) -> None:
    client = entered()
    client.get("/")
    assert "ended" not in logged()
