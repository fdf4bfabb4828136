"""An event is stored before anything else, once, at an address that nobody can guess, and never without an end."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from providers import hooks
from providers.hooks.address import BYTES
from providers.hooks.storing import A_MINUTE, BYTES_A_DAY
from providers.models import Account, Hook, HookAddress
from providers.sandbox.running import RunningSandbox
from tests.providers.hooks.tell import Post, Tell, event
from tests.scene import at_once

Work = Callable[[], list[str]]


def test_an_event_is_stored_and_answered_at_once(tell: Tell, twin: RunningSandbox, booked: str) -> None:
    before = len(twin.control.requests("rekaz"))
    assert tell(booked) == 200
    hook = Hook.objects.first()
    assert hook
    assert (hook.state, hook.subject_kind, hook.subject_id) == ("waiting", "reservation", booked)
    assert len(twin.control.requests("rekaz")) == before  # nobody was asked meanwhile


def test_it_costs_a_handful_of_statements(tell: Tell, booked: str) -> None:
    with CaptureQueriesContext(connection) as asked:
        assert tell(booked) == 200
    assert len(asked) <= 6, [query["sql"][:80] for query in asked]


def test_the_same_event_again_is_known(tell: Tell, booked: str) -> None:
    assert [tell(booked, event_id="evt-1") for _ in range(3)] == [200, 200, 200]
    assert Hook.objects.count() == 1


def test_many_of_the_same_at_once_are_one(rekaz: Account, path: str, booked: str) -> None:
    address = HookAddress.objects.select_related("account").get()
    body = event(booked, event_id="evt-1")
    verdicts = at_once([lambda: hooks.receive(address, body, timezone.now())] * 8)
    assert sorted(verdict.value for verdict in verdicts) == [*["known"] * 7, "stored"]
    assert Hook.objects.count() == 1


def test_the_address_cannot_be_guessed_and_a_dump_does_not_give_it_away(rekaz: Account, path: str) -> None:
    key = path.rpartition("/")[2]
    assert BYTES * 8 == 256
    assert len(key) == 43
    row = HookAddress.objects.get()
    assert hooks.address_of(rekaz) == key
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(t)::text FROM providers_hookaddress t")
        assert key not in cursor.fetchone()[0]
    assert key.encode() not in bytes(row.sealed_key)


def test_a_wrong_path_is_not_found_whatever_is_wrong_with_it(
    post: Post, rekaz: Account, path: str, booked: str
) -> None:
    key = path.rpartition("/")[2]
    wrong = [f"/hooks/rekaz/{key[:-1]}", f"/hooks/rekaz/{'a' * 43}", f"/hooks/alreaaiaa/{key}", f"/hooks/nobody/{key}"]
    answers = [post(event(booked), to=to) for to in [*wrong, "/hooks/rekaz/" + "x" * 5000]]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    Account.objects.filter(pk=rekaz.pk).update(is_active=False)
    assert post(event(booked)).content == answers[0].content
    assert not Hook.objects.exists()


def test_a_rotated_address_leads_nowhere(post: Post, rekaz: Account, path: str, booked: str) -> None:
    fresh = hooks.new_address(rekaz, timezone.now())
    assert post(event(booked)).status_code == 404
    assert post(event(booked), to=f"/hooks/rekaz/{fresh}").status_code == 200


def test_what_is_too_large_is_refused(post: Post, booked: str) -> None:
    assert post(event(booked, more="x" * (256 * 1024))).status_code == 413
    assert not Hook.objects.exists()


@pytest.mark.parametrize(
    "body",
    [b"", b"no json", b"[1,2]", b"{}", b'{"Id":1}', b'{"a":1,"a":2}', b"\xff\xfe", b'{"Id":"' + b"x" * 9000 + b'"}'],
)
def test_nonsense_is_kept_as_unreadable_and_answered(post: Post, work: Work, body: bytes) -> None:
    assert [post(body).status_code, post(body).status_code] == [200, 200]
    hook = Hook.objects.get()
    assert (hook.state, hook.next_at) == ("unreadable", None)
    assert len(hook.sealed_body) < 10_000
    assert work() == []


def test_an_event_about_something_that_is_not_ours_is_kept_and_left_alone(tell: Tell, work: Work) -> None:
    assert tell("3a1d0000-0000-4000-8000-000000000001", "GiftCreatedEvent") == 200
    assert Hook.objects.get().state == "ignored"
    assert work() == []


def test_only_a_post_is_listened_to(post: Post, path: str) -> None:
    from tests.web.world import browser

    for method in ("get", "put", "delete", "patch"):
        assert getattr(browser(), method)(path).status_code == 405


def test_nothing_of_a_person_and_nothing_of_the_address_is_in_a_clear_column_or_in_a_log(
    post: Post, tell: Tell, path: str, booked: str, work: Work, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    tell(booked)
    post(b'{"Customer": "Canary Name"}')
    post(event(booked), to=path + "x")
    work()
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(t)::text FROM providers_hook t")
        clear = " ".join(row[0] for row in cursor.fetchall())
    said = clear + caplog.text
    assert "Canary" not in said
    assert "966500000777" not in said
    assert path.rpartition("/")[2] not in said


# Floods ---------------------------------------------------------------------------------------------------------------


def nearly_full(now: dt.datetime, room: int) -> None:
    """As if so many fewer than the limit had come in this minute."""
    minute = now.replace(second=0, microsecond=0)
    HookAddress.objects.update(minute=minute, minute_count=A_MINUTE - room)


def test_more_than_the_limit_of_a_minute_are_told_to_come_again(post: Post, booked: str) -> None:
    answer = None
    while answer is None or answer.status_code == 200:  # again, should a new minute have begun between the two lines
        nearly_full(timezone.now(), 0)
        stored = Hook.objects.count()
        answer = post(event(booked))
    assert (answer.status_code, int(answer.headers["Retry-After"])) == (429, 60)
    assert Hook.objects.count() == stored


def test_the_limit_holds_for_many_at_once_and_ends_with_the_minute(path: str, booked: str) -> None:
    now = dt.datetime(2027, 1, 1, 12, 0, 30, tzinfo=dt.UTC)
    nearly_full(now, 5)
    address = HookAddress.objects.select_related("account").get()
    verdicts = at_once([lambda: hooks.receive(address, event(booked), now)] * 12)
    assert [verdict.value for verdict in verdicts].count("stored") == 5
    later = now + dt.timedelta(minutes=1)
    assert hooks.receive(address, event(booked), later) == hooks.Verdict.STORED


def test_the_bytes_of_a_day_have_an_end(path: str, booked: str) -> None:
    now = dt.datetime(2027, 1, 1, 12, tzinfo=dt.UTC)
    HookAddress.objects.update(day=now.date(), day_bytes=BYTES_A_DAY - 3000)
    address = HookAddress.objects.select_related("account").get()
    big = [hooks.receive(address, event(booked, more="x" * 1000), now + dt.timedelta(minutes=n)) for n in range(4)]
    assert [verdict.value for verdict in big] == ["stored", "stored", "too many", "too many"]
    assert hooks.receive(address, event(booked), now + dt.timedelta(days=1)) == hooks.Verdict.STORED


def test_what_is_old_is_purged_and_what_waits_stays(tell: Tell, rekaz: Account, booked: str, work: Work) -> None:
    tell(booked)
    work()
    tell(booked)
    assert hooks.purge_hooks(now=timezone.now()) == 0
    assert hooks.purge_hooks(now=timezone.now() + dt.timedelta(days=8)) == 1
    assert Hook.objects.get().state == "waiting"
    assert hooks.purge_hooks(now=timezone.now() + dt.timedelta(days=31)) == 1
