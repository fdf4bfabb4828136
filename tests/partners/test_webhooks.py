"""What a partner is told of its operations: each step that it sees, with nobody's name in it, signed."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from branches.models import Branch
from partners.models import Notice, Partner, Receiver
from partners.notices import replay
from partners.receivers import renew_secret
from providers.models import State
from providers.operations.life import move
from tests.partners.caller import Caller, issued
from tests.partners.telling import bought, checked, tell_all, told_at
from tests.providers.scripted_server import ScriptedServer
from tests.scene import OTHER_CODE, Desk, effects
from tests.web.world import walk

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).parents[2]


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
