"""What a partner reads of a redemption in each state, and in which order: the words of the API are not those of the engine."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from partners.keys import issue_key
from providers.models import Operation, State
from tests.partners.caller import Caller
from tests.web.world import World

pytestmark = pytest.mark.django_db
MEANINGS = {
    State.CREATED: ("processing", None, False, "unknown"),
    State.SENDING: ("processing", None, False, "unknown"),
    State.SUCCEEDED: ("succeeded", None, False, "used"),
    State.REFUSED: ("refused", None, False, "not_used"),
    State.NOT_SENT: ("not_sent", None, True, "not_used"),
    State.UNKNOWN: ("unknown", None, False, "unknown"),
    State.NEEDS_REVIEW: ("needs_review", None, False, "unknown"),
}


@pytest.fixture
def shop(world: World) -> Caller:
    key = issue_key("shop", branches=[world.ours.branch], scopes=["all"], now=timezone.now())[1]
    return Caller(key)


@pytest.mark.parametrize("state", MEANINGS)
def test_each_state_is_told_with_what_may_be_done(shop: Caller, world: World, state: str) -> None:
    row = world.ours.redemption(state)
    found = shop.get(f"redemptions/{row.pk}").json()
    [code] = found["codes"]
    assert (found["status"], found["evidence"], found["safe_to_retry"], code["status"]) == MEANINGS[state]
    assert found["id"] in {one["id"] for one in shop.get("redemptions", status=found["status"]).json()["items"]}
    others = {"succeeded", "unknown", "not_sent"} - {found["status"]}
    for other in others:
        assert found["id"] not in {one["id"] for one in shop.get("redemptions", status=other).json()["items"]}


def test_changes_come_in_the_order_in_which_they_happened_and_each_page_once(shop: Caller, world: World) -> None:
    rows = [world.ours.redemption(State.SUCCEEDED) for _ in range(5)]
    began = timezone.now() + dt.timedelta(hours=1)
    for n, row in enumerate(reversed(rows)):
        Operation.objects.filter(redemption=row).update(changed_at=began + dt.timedelta(seconds=n // 2))
    asked: dict[str, Any] = {"changed_since": began.isoformat(), "limit": 2}
    found, cursor = [], None
    while True:
        page = shop.get("redemptions", **asked, **({"cursor": cursor} if cursor else {})).json()
        found += page["items"]
        if (cursor := page["next_cursor"]) is None:
            break
    assert sorted(one["id"] for one in found) == sorted(str(row.pk) for row in rows)
    assert [one["updated_at"] for one in found] == sorted(one["updated_at"] for one in found)


def test_a_step_of_an_operation_moves_it_up(world: World) -> None:
    row = world.ours.redemption(State.UNKNOWN)
    assert row.operation.changed_at > row.operation.created_at


def test_neither_names_nor_whole_codes_nor_id_numbers_leave(shop: Caller, world: World) -> None:
    row = world.ours.redemption(State.SUCCEEDED)
    text = shop.get("redemptions").content.decode()
    assert row.person_name not in text and row.lines.get().code not in text and "4569" not in text


def test_a_list_takes_five_questions_however_long(
    shop: Caller, world: World, django_assert_max_num_queries: Any
) -> None:
    for _ in range(6):
        world.ours.redemption(State.SUCCEEDED)
    shop.get("redemptions")
    with django_assert_max_num_queries(3):
        assert len(shop.get("redemptions", limit=200).json()["items"]) >= 6
