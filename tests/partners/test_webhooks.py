"""What a partner is told of its operations: once for each step that it sees, in order, signed, for as long as it takes."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import json
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from branches.models import Branch
from partners.models import Knock, Notice, Partner, Receiver
from partners.notices import FAIL_FOR, TRY_FOR, purge_notices, receivers_due, replay, tell_partner
from partners.receivers import check_url, make_receiver, renew_secret
from providers.models import Operation, State
from providers.operations.life import move
from tests.elsewhere import Elsewhere
from tests.partners.caller import Caller, issued
from tests.providers.scripted_server import ScriptedServer, answer, serving
from tests.providers.test_http_address import DISGUISES
from tests.scene import OTHER_CODE, Desk, effects
from tests.web.world import walk

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).parents[2]
TAKEN, BROKEN, REFUSED = answer("", 204), answer("", 503), answer("", 400)


@pytest.fixture
def partner(olaya: Branch) -> Partner:
    return issued(olaya)[0].partner


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with serving(TAKEN) as running:
        yield running


def told_at(server: ScriptedServer, partner: Partner) -> tuple[Receiver, str]:
    return make_receiver(partner, server.url, now=timezone.now())


def bought(desk: Desk, partner: Partner | None, code: str = "") -> Operation:
    """An intent of this partner's; of staff, where there is none."""
    operation = desk.redeem(code) if code else desk.redeem()
    changes = {"source": "partner", "partner": partner.pk} if partner else {}
    Operation.objects.filter(pk=operation.pk).update(**changes) if changes else None
    return Operation.objects.get(pk=operation.pk)


def now_due() -> None:
    Notice.objects.update(next_at=timezone.now() - dt.timedelta(seconds=1))
    Receiver.objects.update(rests_until=None)


def tell_all() -> int:
    now_due()
    return sum(tell_partner(one) for one in receivers_due())


def checked(secret: str, server: ScriptedServer, n: int = -1) -> bool:
    """Standard Webhooks, written once more from its own page."""
    body = server.requests[n].partition(b"\r\n\r\n")[2]
    said = {name: server.header(f"webhook-{name}", n) for name in ("id", "timestamp", "signature")}
    key = base64.b64decode(secret.split("_", 1)[1])
    content = f"{said['id']}.{said['timestamp']}.".encode() + body
    mine = base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()
    assert abs(int(said["timestamp"]) - timezone.now().timestamp()) < 300
    return any(hmac.compare_digest(f"v1,{mine}", one) for one in said["signature"].split(" "))


# What is told ---------------------------------------------------------------------------------------------------------


def test_each_step_that_a_partner_sees_is_told_once_and_in_order(
    desk: Desk, partner: Partner, server: ScriptedServer
) -> None:
    told_at(server, partner)
    operation = bought(desk, partner)
    walk(operation, State.UNKNOWN)
    move(operation, State.NEEDS_REVIEW, now=timezone.now(), by="test")
    assert [one.status for one in Notice.objects.order_by("sequence")] == ["unknown", "needs_review"]
    assert tell_all() == 2 and tell_all() == 0
    first, second = server.bodies()
    assert [one["data"]["status"] for one in (first, second)] == ["unknown", "needs_review"]
    assert first["data"]["sequence"] < second["data"]["sequence"]
    assert first["type"] == "operation.updated" and first["data"]["operation"] == str(operation.pk)
    assert [one["data"]["final"] for one in (first, second)] == [False, False]
    assert server.paths() == ["/api/v1", "/api/v1"]


def test_a_redemption_through_the_api_is_told_with_its_end(
    shop: Caller, account: Any, workers: None, sale: Any, server: ScriptedServer, twin: Any
) -> None:
    told_at(server, Partner.objects.get())
    done = shop.post("redemptions", sale).json()
    assert tell_all() == 1
    [said] = server.bodies()
    live = shop.get(f"operations/{done['operation']}").json()
    same = ("status", "reference", "kind", "external_ref", "safe_to_retry", "branch", "provider", "refusal_code")
    assert {name: said["data"][name] for name in same} == {name: live[name] for name in same}
    assert said["data"]["final"] is True and len(effects(twin)) == 1


def test_neither_staff_nor_another_partner_is_told_of(
    desk: Desk, partner: Partner, olaya: Branch, server: ScriptedServer
) -> None:
    told_at(server, partner)
    other = issued(olaya, partner="other")[0].partner
    walk(bought(desk, None), State.SUCCEEDED)
    walk(bought(desk, other, OTHER_CODE), State.SUCCEEDED)
    assert not Notice.objects.exists()


def test_there_is_no_person_and_no_code_in_it(desk: Desk, partner: Partner, server: ScriptedServer) -> None:
    told_at(server, partner)
    operation = bought(desk, partner)
    walk(operation, State.SUCCEEDED)
    line = operation.redemption.lines.get()
    body = Notice.objects.get().body
    assert line.code not in body and operation.redemption.person_name not in body and line.code_last4 not in body


def test_a_step_that_is_undone_is_not_told(desk: Desk, partner: Partner, server: ScriptedServer) -> None:
    told_at(server, partner)
    operation = bought(desk, partner)
    with pytest.raises(RuntimeError), transaction.atomic():
        walk(operation, State.UNKNOWN)
        raise RuntimeError("the step is not committed")
    assert not Notice.objects.exists()


# Whatever happens meanwhile -------------------------------------------------------------------------------------------


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


# Signed ---------------------------------------------------------------------------------------------------------------


def test_a_second_implementation_agrees_with_the_signature_and_no_other_secret_does(
    desk: Desk, partner: Partner, server: ScriptedServer
) -> None:
    _receiver, secret = told_at(server, partner)
    walk(bought(desk, partner), State.SUCCEEDED)
    tell_all()
    assert checked(secret, server)
    assert not checked("whsec_" + base64.b64encode(b"x" * 32).decode(), server)


def test_while_a_secret_is_changed_both_are_signed_with(desk: Desk, partner: Partner, server: ScriptedServer) -> None:
    receiver, old = told_at(server, partner)
    walk(bought(desk, partner), State.SUCCEEDED)
    new = renew_secret(receiver, now=timezone.now())
    assert new != old
    tell_all()
    assert checked(new, server) and checked(old, server)
    Receiver.objects.update(before_until=timezone.now())
    assert replay(Notice.objects.select_related("receiver")) == 1 and tell_all() == 1
    assert checked(new, server) and not checked(old, server)


def test_the_secret_is_in_no_column_as_it_is(partner: Partner, server: ScriptedServer) -> None:
    row, secret = told_at(server, partner)
    row.refresh_from_db()
    assert secret.encode() not in bytes(row.sealed_secret) and secret not in str(vars(row))


def test_the_program_of_the_guide_knows_a_message_of_ours(desk: Desk, partner: Partner, server: ScriptedServer) -> None:
    _receiver, secret = told_at(server, partner)
    walk(bought(desk, partner), State.SUCCEEDED)
    tell_all()
    body = server.requests[-1].partition(b"\r\n\r\n")[2].decode()
    names = {name: server.header(name) for name in ("webhook-id", "webhook-timestamp", "webhook-signature")}

    def verified(**changed: str) -> bool:
        given = json.dumps({"secret": secret, "headers": names, "body": body, **changed})
        program = [sys.executable, ROOT / "docs/examples/webhook.py"]
        return subprocess.run(program, input=given, text=True, capture_output=True, timeout=60).returncode == 0

    assert verified()
    assert not verified(body=body.replace("succeeded", "refused"))
    assert not verified(secret="whsec_" + base64.b64encode(b"y" * 32).decode())
    assert "examples/webhook.py" in (ROOT / "docs/partners.md").read_text()


# Only outside ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", [url for url in DISGUISES if DISGUISES[url] != "host_not_allowed"])
def test_no_disguise_is_saved(url: str, settings: Any) -> None:
    settings.LOOPBACK_ALLOWED = False
    with pytest.raises(ValidationError):
        check_url(url, lambda host: ["93.184.216.34"])


INNER = ["127.0.0.1", "10.0.0.8", "169.254.169.254", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "fd00::1", "0.0.0.0"]


@pytest.mark.parametrize("address", INNER)
def test_a_name_that_leads_inside_is_neither_saved_nor_called(
    desk: Desk, partner: Partner, server: ScriptedServer, settings: Any, address: str
) -> None:
    url = "https://hooks.partner.example/wasl"
    with pytest.raises(ValidationError):
        check_url(url, lambda host: ["93.184.216.34", address])
    check_url(url, lambda host: ["93.184.216.34"])
    receiver, _secret = told_at(server, partner)
    Receiver.objects.update(url=url)  # it led outside when it was saved
    walk(bought(desk, partner), State.SUCCEEDED)
    assert tell_partner(receiver.pk, resolve=lambda host: [address]) == 0
    assert (Knock.objects.get().problem, server.connections) == ("blocked_address", 0)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/x", "https://169.254.169.254/", "https://2130706433/", "file:///x"]
)
def test_an_address_that_was_changed_behind_our_back_is_not_called(
    desk: Desk, partner: Partner, server: ScriptedServer, settings: Any, url: str
) -> None:
    receiver, _secret = told_at(server, partner)
    walk(bought(desk, partner), State.SUCCEEDED)
    settings.LOOPBACK_ALLOWED = False
    Receiver.objects.update(url=url)
    assert tell_partner(receiver.pk) == 0
    assert Knock.objects.get().problem in ("host_not_allowed", "not_a_url", "not_https")
    assert server.connections == 0
