"""The web process that a partner speaks to dies with the request in its hands. Whoever asks again, by key or reference, finds
what became of it; it happens once."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest

from partners.models import Asked
from partners.valkey import valkey
from providers.models import Operation
from providers.sandbox.running import RunningSandbox
from tests.elsewhere import Elsewhere
from tests.partners.caller import Caller, working
from tests.scene import effects, eventually

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("account", "quick")]
ONCE = "killed-between-0000001"


def killed(fresh: Elsewhere, shop: Caller, sale: dict[str, Any], point: str) -> None:
    wanted = {"key": shop.key, "once": ONCE, "path": "redemptions", "body": sale}
    with working("look"):
        ended = fresh.run("call", uuid.uuid4(), kill=point, env={"CALL": json.dumps(wanted)})
    assert ended.killed, ended


def forget_who_was_creating() -> None:
    """Its marker ends by itself after half a minute."""
    for name in valkey().scan_iter("wasl:creating:*"):
        valkey().delete(name)


def test_killed_between_the_commit_and_the_answer_the_same_key_finds_it(
    fresh: Elsewhere, shop: Caller, sale: dict[str, Any], twin: RunningSandbox
) -> None:
    killed(fresh, shop, sale, "K2")
    operation, asked = Operation.objects.get(), Asked.objects.get()
    assert asked.operation == operation
    with working():
        answer = eventually(lambda: _final(shop.post("redemptions", sale, once=ONCE)))
    assert answer["operation"] == str(operation.pk) and answer["status"] == "succeeded"
    assert len(effects(twin)) == Operation.objects.count() == 1


def test_whoever_lost_the_key_too_finds_it_by_the_reference(
    fresh: Elsewhere, shop: Caller, sale: dict[str, Any], twin: RunningSandbox
) -> None:
    killed(fresh, shop, sale, "K2")
    [found] = shop.get("operations", external_ref=sale["external_ref"]).json()["items"]
    [same] = shop.get("redemptions", external_ref=sale["external_ref"]).json()["items"]
    assert same["operation"] == found["id"] == str(Operation.objects.get().pk)
    with working():
        again = shop.post("redemptions", sale, once="another-key-00000001")
        assert again.status_code == 409 and again.json()["operation"] == found["id"]
        eventually(lambda: shop.get(f"operations/{found['id']}").json()["status"] == "succeeded")
    assert len(effects(twin)) == 1


def test_killed_before_the_commit_there_is_nothing_and_the_same_key_begins_anew(
    fresh: Elsewhere, shop: Caller, sale: dict[str, Any], twin: RunningSandbox
) -> None:
    killed(fresh, shop, sale, "K1")
    assert not Operation.objects.exists() and not Asked.objects.exists()
    waits = shop.post("redemptions", sale, once=ONCE)
    assert (waits.status_code, waits.json()["code"]) == (409, "request_in_progress")
    forget_who_was_creating()
    with working():
        answer = eventually(lambda: _final(shop.post("redemptions", sale, once=ONCE)))
    assert answer["status"] == "succeeded" and len(effects(twin)) == Operation.objects.count() == 1


def _final(answer: Any) -> dict[str, Any] | None:
    return answer.json() if answer.status_code == 201 else None
