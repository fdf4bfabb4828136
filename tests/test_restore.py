"""Yesterday's copy put back (F38): nothing is sent again, and every effect since of a code that the copy knows is listed."""

from __future__ import annotations

import datetime as dt
import io
import json
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connections
from django.utils import timezone

from providers.models import Discrepancy, Operation, Restoration, State
from providers.operations.reread import Pace, reread, waiting_restoration
from providers.sandbox.running import RunningSandbox
from providers.tasks import reread_known
from tests.scene import BUSY, SLUG, Desk, effects, finish, turn, writes
from vouchers import services
from vouchers.models import Lookup

NOW = Pace(pause=0)
# The codes, by what had become of them when the copy was made.
DONE, LOOKED_UP, CREATED, LOST_ANSWER, NO_EFFECT, NO_EFFECT_EITHER, WAITING, NEVER_SEEN, REFUSED = (
    f"VCL9C{n:04d}NO{n:04d}" for n in range(1, 10)
)
EVERY = (DONE, LOOKED_UP, CREATED, LOST_ANSWER, NO_EFFECT, NO_EFFECT_EITHER, WAITING, NEVER_SEEN, REFUSED)


@pytest.fixture
def copy(desk: Desk, twin: RunningSandbox, tmp_path: Path) -> Path:
    """A day's end, with a redemption at every point of its life."""
    twin.control.put_vouchers(SLUG, *[{"voucher_code": code, "price_value": 200} for code in EVERY])
    finish(desk.redeem(DONE))
    desk.draft(LOOKED_UP)
    desk.redeem(CREATED)
    for code, fault in ((LOST_ANSWER, "drop_after"), (NO_EFFECT, "drop_before"), (NO_EFFECT_EITHER, "drop_before")):
        operation = desk.redeem(code)
        twin.control.fault(fault, endpoint="redeem")
        assert turn(operation) == State.UNKNOWN
    services.start_lookup(WAITING, desk.place, now=timezone.now())
    refused = desk.redeem(REFUSED)
    twin.control.put_vouchers(SLUG, {"voucher_code": REFUSED, "status": "frozen"})
    assert turn(refused) == State.REFUSED
    Discrepancy.objects.all().update(closed_at=timezone.now())
    path = tmp_path / "yesterday.backup"
    call_command("backup", str(path))
    return path


@pytest.fixture
def restored(copy: Path, desk: Desk, twin: RunningSandbox) -> int:
    """The day after it, which the copy does not know; then the copy is put back. How many writes the twin had seen by then."""
    twin.control.put_vouchers(SLUG, {"voucher_code": REFUSED, "status": "verified"})
    for operation in Operation.objects.filter(state__in=BUSY).exclude(
        redemption__lines__code_last4=NO_EFFECT_EITHER[-4:]
    ):
        assert finish(operation).state == State.SUCCEEDED
    for code in (LOOKED_UP, WAITING, NEVER_SEEN, REFUSED):
        assert finish(desk.redeem(code)).state == State.SUCCEEDED
    connections.close_all()
    call_command("restore", str(copy), "--force")
    return len(all_writes(twin))


def all_writes(twin: RunningSandbox) -> list[object]:
    return [seen for code in EVERY for seen in writes(twin, code)]


def work() -> None:
    """What the workers find to do."""
    for lookup in Lookup.objects.filter(state=Lookup.State.WAITING):
        services.look_up_voucher(lookup.pk)
    for operation in Operation.objects.filter(state__in=BUSY):
        finish(operation)


def state_of(code: str) -> str:
    return Operation.objects.get(redemption__lines__code_last4=code[-4:]).state


def listed() -> dict[str, str]:
    rows = Discrepancy.objects.filter(closed_at__isnull=True)
    return {row.facts["vouchers"][0]["last4"]: row.kind for row in rows}


def test_nothing_is_sent_again_and_nothing_is_doubled(restored: int, twin: RunningSandbox) -> None:
    work()
    reread(NOW)
    assert len(all_writes(twin)) == restored
    assert {code: len(effects(twin, code)) for code in EVERY} == dict.fromkeys(EVERY, 1) | {NO_EFFECT_EITHER: 0}


def test_what_was_open_ends_by_looking_alone(restored: int) -> None:
    work()
    assert {code: state_of(code) for code in (DONE, CREATED, LOST_ANSWER, NO_EFFECT, NO_EFFECT_EITHER)} == {
        DONE: "succeeded",
        CREATED: "not_sent",
        LOST_ANSWER: "succeeded",
        NO_EFFECT: "succeeded",
        NO_EFFECT_EITHER: "not_applied",
    }


def test_every_effect_since_of_a_known_code_is_listed_once(restored: int) -> None:
    work()
    assert reread(NOW).complete
    found = {CREATED: "late_effect", REFUSED: "late_effect", LOOKED_UP: "orphan_effect", WAITING: "orphan_effect"}
    assert listed() == {code[-4:]: kind for code, kind in found.items()}
    Discrepancy.objects.update(closed_at=timezone.now())
    assert reread(NOW).listed == 0


def test_a_run_before_all_is_settled_is_not_the_last_one(restored: int) -> None:
    assert not reread(NOW).complete
    assert waiting_restoration(timezone.now())
    work()
    assert reread(NOW).complete
    assert not waiting_restoration(timezone.now())
    assert {CREATED[-4:], LOOKED_UP[-4:], WAITING[-4:], REFUSED[-4:]} == set(listed())


def test_what_was_redeemed_since_is_refused_as_used(restored: int, desk: Desk) -> None:
    """In one test: putting the copy back takes longer than looking."""
    for code in (LOOKED_UP, NEVER_SEEN, WAITING):
        lookup = desk.look_up(code)
        assert (lookup.state, lookup.refusal_code) == (Lookup.State.REFUSED, "already_used"), code


def test_a_scan_before_the_re_read_hides_nothing_from_it(restored: int, desk: Desk) -> None:
    desk.look_up(LOOKED_UP)
    work()
    reread(NOW)
    assert listed()[LOOKED_UP[-4:]] == "orphan_effect"


def test_the_retention_waits_for_the_re_read_but_not_for_ever(restored: int) -> None:
    days = [timezone.now() + dt.timedelta(days=2), timezone.now() + dt.timedelta(days=8)]
    assert services.purge_vouchers(now=days[0])["lookups"] == 0
    assert services.purge_vouchers(now=days[1])["lookups"] == 2
    assert Restoration.objects.exists()


def test_the_night_does_the_same_and_the_command_says_what_is_open(restored: int) -> None:
    work()
    reread_known()
    out = io.StringIO()
    call_command("reread", "--pause=0", stdout=out)
    assert out.getvalue().count("open: alreaaiaa") == 4
    assert f"voucher ending in {LOOKED_UP[-4:]}" in out.getvalue()
    assert LOOKED_UP not in out.getvalue()
    out = io.StringIO()
    call_command("reread", "--pause=0", "--json", stdout=out)
    assert json.loads(out.getvalue())["complete"] is True
