"""What may be done to mirrors in the administration: each action by a technical administrator alone, after a fresh proof of
who she is. The rows themselves nobody writes."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone

from branches.roles import Role
from customers.models import ProviderCustomer
from providers.models import Drift, Hook, Quarantined, SyncDeed, SyncRun
from providers.sync.bad import Bad, keep_bad
from tests.signed_in import sign_in
from tests.web.mirrors import Mirrored, mirrored_at
from tests.web.world import World, browser

THEIRS = Path(__file__).parents[1] / "providers/rekaz/payloads/customers.response.json"
OTHERS = ["anonymous", "disabled", *(role.value for role in Role if role != Role.ADMIN)]
LATE = 11 * 60


@pytest.fixture
def mirrored(world: World) -> Mirrored:
    found = mirrored_at(world.ours.branch)
    now, customer = timezone.now(), json.loads(THEIRS.read_text())["items"][0]
    keep_bad(found.account, "customers", [Bad(customer["id"], b"c" * 16, json.dumps(customer).encode(), "Odd.", now)])
    Hook.objects.create(
        account=found.account,
        event_key="event-1",
        event="ReservationCreatedEvent",
        subject_kind="reservation",
        subject_id="res-1",
        received_at=now,
        state=Hook.State.FAILED,
        problem="no_connection",
        tries=9,
    )
    return found


@dataclass(frozen=True)
class Action:
    """`row` is what it is done to, `is_done` whether it was."""

    page: str
    name: str
    row: Callable[[Mirrored], Any]
    is_done: Callable[[], bool]


def readable() -> Quarantined:
    return Quarantined.objects.get(collection="customers")


ACTIONS = {
    "accept": Action(
        "providers_syncrun",
        "accept",
        lambda mirrored: mirrored.doubtful,
        lambda: SyncRun.objects.get(collection="subscriptions").complete,
    ),
    "retry": Action("providers_quarantined", "retry", lambda _: readable(), lambda: readable().resolved_at is not None),
    "note": Action(
        "providers_drift",
        "take_note",
        lambda mirrored: mirrored.drift,
        lambda: bool(Drift.objects.get().acknowledged_at),
    ),
    "replay": Action(
        "providers_hook",
        "look_again",
        lambda _: Hook.objects.get(),
        lambda: Hook.objects.get().state == Hook.State.WAITING,
    ),
}


def press(client: Any, action: Action, *rows: Any) -> Any:
    body = {"action": action.name, "_selected_action": [str(row.pk) for row in rows]}
    return client.post(reverse(f"admin:{action.page}_changelist"), body)


def told(response: Any) -> str:
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


@pytest.mark.parametrize("name", ACTIONS)
def test_the_technical_administrator_does_it(world: World, mirrored: Mirrored, name: str) -> None:
    action = ACTIONS[name]
    assert press(world.client("admin"), action, action.row(mirrored)).status_code == 302
    assert action.is_done()


@pytest.mark.parametrize("who", OTHERS)
@pytest.mark.parametrize("name", ACTIONS)
def test_nobody_else_does(world: World, mirrored: Mirrored, name: str, who: str) -> None:
    action = ACTIONS[name]
    answer = press(world.client(who), action, action.row(mirrored))
    assert answer.status_code in (302, 403)
    assert answer.status_code == 403 or "login" in answer["Location"]
    assert not action.is_done()


@pytest.mark.parametrize("name", ACTIONS)
def test_an_old_proof_is_not_enough(world: World, mirrored: Mirrored, name: str) -> None:
    action, client = ACTIONS[name], sign_in(browser(), world.people["admin"], ago=LATE)
    answer = press(client, action, action.row(mirrored))
    assert answer["Location"].startswith(reverse("account_reauthenticate"))
    assert not action.is_done()


@pytest.mark.parametrize("name", ACTIONS)
def test_a_form_without_its_token_is_refused(world: World, mirrored: Mirrored, name: str) -> None:
    action = ACTIONS[name]
    assert press(world.client("admin", csrf=True), action, action.row(mirrored)).status_code == 403
    assert not action.is_done()


def test_what_can_be_read_now_stands_in_the_mirror_and_what_cannot_stays(world: World, mirrored: Mirrored) -> None:
    answer = press(world.client("admin"), ACTIONS["retry"], *Quarantined.objects.all())
    assert "1" in told(answer) and len(get_messages(answer.wsgi_request)) == 1
    assert ProviderCustomer.objects.filter(account=mirrored.account, external_id=readable().external_id).exists()
    assert Quarantined.objects.get(collection="subscriptions").resolved_at is None


def test_an_event_that_names_no_record_is_not_read_again(world: World, mirrored: Mirrored) -> None:
    Hook.objects.update(subject_id="")
    press(world.client("admin"), ACTIONS["replay"], Hook.objects.get())
    assert Hook.objects.get().state == Hook.State.FAILED


def test_a_run_that_failed_is_not_made_complete(world: World, mirrored: Mirrored) -> None:
    failed = SyncRun.objects.get(collection="products")
    press(world.client("admin"), ACTIONS["accept"], failed)
    failed.refresh_from_db()
    assert not failed.complete and failed.status == "red"


@pytest.mark.parametrize(("name", "detail"), [("accept", "12"), ("retry", "1/1"), ("note", "loyaltyTier")])
def test_who_did_it_is_written_down_once(world: World, mirrored: Mirrored, name: str, detail: str) -> None:
    action, client = ACTIONS[name], world.client("admin")
    row = action.row(mirrored)
    for _ in range(2):
        press(client, action, row)
    deed = SyncDeed.objects.get()
    assert (deed.by, deed.collection, deed.detail) == (world.people["admin"], row.collection, detail)
