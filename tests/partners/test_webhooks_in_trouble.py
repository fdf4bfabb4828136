"""A partner is told once and in order, for as long as it takes, whoever dies or fails meanwhile."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from django.utils import timezone

from partners.models import Knock, Notice, Partner, Receiver
from partners.notices import FAIL_FOR, TRY_FOR, purge_notices, receivers_due, replay, tell_partner
from providers.models import State
from providers.operations.life import move
from tests.elsewhere import Elsewhere
from tests.partners.telling import bought, checked, now_due, tell_all, told_at
from tests.providers.scripted_server import ScriptedServer, answer, serving
from tests.scene import OTHER_CODE, Desk
from tests.web.world import walk

pytestmark = pytest.mark.django_db(transaction=True)
TAKEN, BROKEN, REFUSED = answer("", 204), answer("", 503), answer("", 400)


def test_who_dies_between_the_commit_and_the_sending_leaves_a_message_that_another_sends(
    desk: Desk, partner: Partner, server: ScriptedServer, fresh: Elsewhere
) -> None:
    told_at(server, partner)
    operation = bought(desk, partner)
    assert fresh.run("send", operation.pk, kill="K9").killed
    assert (Notice.objects.get().status, server.connections) == ("succeeded", 0)
    assert tell_all() == 1 and len(server.bodies()) == 1


def test_who_dies_before_the_commit_has_told_nobody(
    desk: Desk, partner: Partner, server: ScriptedServer, fresh: Elsewhere
) -> None:
    told_at(server, partner)
    operation = bought(desk, partner)
    assert fresh.run("send", operation.pk, kill="K8").killed
    assert not Notice.objects.exists()


def test_who_dies_while_telling_holds_nobody_up_for_long(
    desk: Desk, partner: Partner, server: ScriptedServer, fresh: Elsewhere
) -> None:
    receiver, _secret = told_at(server, partner)
    Receiver.objects.update(url=server.url.replace("127.0.0.1", "localhost"))
    walk(bought(desk, partner), State.SUCCEEDED)
    assert fresh.run("tell", receiver.pk, env={"DIE": "1"}).killed
    assert receivers_due() == [], "it may still be at it"
    now_due()  # its lease has ended
    assert fresh.run("tell", receiver.pk, env={"DIE": ""}).result == "1"
    assert len(server.bodies()) == 1


def test_two_workers_tell_it_once(desk: Desk, partner: Partner, server: ScriptedServer) -> None:
    receiver, _secret = told_at(server, partner)
    walk(bought(desk, partner), State.SUCCEEDED)
    Receiver.objects.update(rests_until=timezone.now() + dt.timedelta(minutes=2), token=uuid.uuid4())
    assert tell_partner(receiver.pk) == 0 and server.connections == 0


def test_it_is_tried_again_with_the_same_bytes_until_it_is_taken(desk: Desk, partner: Partner) -> None:
    with serving(BROKEN, answer("", 302, {"Location": "http://127.0.0.1:1/"}), TAKEN) as server:
        _receiver, secret = told_at(server, partner)
        walk(bought(desk, partner), State.SUCCEEDED)
        assert [tell_all() for _ in range(4)] == [0, 0, 1, 0]
        assert server.connections == 3, "a redirect is not followed"
        assert len({request.partition(b"\r\n\r\n")[2] for request in server.requests}) == 1
        assert len({server.header("webhook-id", n) for n in range(3)}) == 1
        assert all(checked(secret, server, n) for n in range(3))
    assert [knock.problem for knock in Knock.objects.all()] == ["status_503", "status_302", ""]
    assert Receiver.objects.get().failing_since is None


def test_the_second_message_of_an_operation_waits_for_the_first(desk: Desk, partner: Partner) -> None:
    with serving(REFUSED, TAKEN) as server:
        told_at(server, partner)
        operation = bought(desk, partner)
        walk(operation, State.UNKNOWN)
        move(operation, State.NEEDS_REVIEW, now=timezone.now(), by="test")
        walk(bought(desk, partner, OTHER_CODE), State.SUCCEEDED)
        assert tell_all() == 1, "that of another operation"
        assert tell_all() == 2
        said = [one["data"]["status"] for one in server.bodies()]
    assert said == ["unknown", "succeeded", "unknown", "needs_review"]


def test_after_a_day_it_is_given_up_and_can_be_told_again(desk: Desk, partner: Partner) -> None:
    with serving(BROKEN, TAKEN) as server:
        told_at(server, partner)
        walk(bought(desk, partner), State.SUCCEEDED)
        Notice.objects.update(queued_at=timezone.now() - TRY_FOR, tries=9)
        assert tell_all() == 0
        assert Notice.objects.get().state == Notice.State.GIVEN_UP and tell_all() == 0
        assert replay(Notice.objects.select_related("receiver")) == 1
        assert tell_all() == 1
        assert server.header("webhook-id", 0) == server.header("webhook-id", 1)
    assert Notice.objects.get().state == Notice.State.DELIVERED


def test_who_fails_for_days_is_switched_off_with_an_alert(
    desk: Desk, partner: Partner, caplog: pytest.LogCaptureFixture
) -> None:
    with serving(BROKEN) as server:
        told_at(server, partner)
        walk(bought(desk, partner), State.SUCCEEDED)
        tell_all()
        assert Receiver.objects.get().is_active
        Receiver.objects.update(failing_since=timezone.now() - FAIL_FOR)
        tell_all()
        row = Receiver.objects.get()
        assert not row.is_active and row.switched_off_at and "switched off" in caplog.text
        before = server.connections
        walk(bought(desk, partner, OTHER_CODE), State.SUCCEEDED)
        assert tell_all() == 0 and server.connections == before and Notice.objects.count() == 1


def test_what_is_old_goes_and_what_was_not_told_in_time_is_shown(
    desk: Desk, partner: Partner, server: ScriptedServer
) -> None:
    told_at(server, partner)
    walk(bought(desk, partner), State.SUCCEEDED)
    now = timezone.now()
    assert purge_notices(now=now) == 0
    assert purge_notices(now=now + TRY_FOR * 2) == 0 and Notice.objects.get().state == Notice.State.GIVEN_UP
    assert purge_notices(now=now + dt.timedelta(days=31)) == 1 and not Notice.objects.exists()
