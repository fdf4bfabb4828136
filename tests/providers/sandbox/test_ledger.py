"""What a provider did stays done, whatever becomes of the sandbox."""

from __future__ import annotations

import datetime as dt
import threading
import time
from pathlib import Path

import pytest

from providers.alreaaiaa.sandbox import Alreaaiaa as Twin
from providers.sandbox.journal import StateUnusable
from providers.sandbox.running import running_sandbox
from providers.sandbox.shelf import Draft
from providers.sandbox.twin import Answer, Request
from tests.providers.sandbox.wire import VOUCHER, Alreaaiaa


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state.jsonl"


def test_effects_requests_and_vouchers_survive_a_restart(state: Path) -> None:
    with running_sandbox(state=state) as box:
        center = Alreaaiaa(box.base_url("alreaaiaa")).log_in()
        box.control.put_vouchers("alreaaiaa", {"voucher_code": "NEW1", "status": "canceled"})
        center.use()
        ledger, history = box.control.ledger(), box.control.requests()
    with running_sandbox(state=state) as box:
        assert (box.control.ledger(), box.control.requests()) == (ledger, history)
        center.url = box.base_url("alreaaiaa")
        assert (center.status_of(), center.status_of("NEW1")) == ("used", "canceled")
        assert center.use().json["key"] == "fail"
        assert box.control.requests()[-1].sequence == history[-1].sequence + 3


class SlowTwin(Twin):
    """Leaves time to get in between its decision and the deed."""

    def answer(self, request: Request, draft: Draft) -> Answer:
        answer = super().answer(request, draft)
        time.sleep(0.005)
        return answer


def test_fifty_people_at_the_same_moment_use_a_voucher_once(state: Path) -> None:
    answers: list[str] = []
    together = threading.Barrier(50)

    def race(center: Alreaaiaa) -> None:
        together.wait()
        answers.append(center.use().json["key"])

    with running_sandbox(state=state) as box:
        box.box.twins["alreaaiaa"] = SlowTwin()
        center = Alreaaiaa(box.base_url("alreaaiaa")).log_in()
        threads = [threading.Thread(target=race, args=(center,)) for _ in range(50)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (answers.count("success"), answers.count("fail")) == (1, 49)
        assert [effect.code for effect in box.control.ledger()] == [VOUCHER]


def test_order_numbers_and_revocations_go_on_after_a_restart(state: Path) -> None:
    with running_sandbox(state=state) as box:
        center = Alreaaiaa(box.base_url("alreaaiaa")).log_in()
        first = center.use().json["data"]["order_id"]
        box.control.revoke_tokens("alreaaiaa")
    with running_sandbox(state=state) as box:
        center.url = box.base_url("alreaaiaa")
        assert center.find().status == 401
        box.control.put_vouchers("alreaaiaa", {"voucher_code": VOUCHER, "status": "verified"})
        assert center.log_in().use().json["data"]["order_id"] == first + 1
        assert [effect.sequence for effect in box.control.ledger()] == [1, 2]


def test_nothing_before_a_reset_comes_back(state: Path) -> None:
    with running_sandbox(state=state) as box:
        Alreaaiaa(box.base_url("alreaaiaa")).log_in().use()
        box.control.reset("seed")
    with running_sandbox(state=state) as box:
        assert (box.control.ledger(), box.control.overview()["scenario"]) == ([], "seed")


def test_a_line_cut_short_by_a_crash_is_dropped(state: Path) -> None:
    with running_sandbox(state=state) as box:
        Alreaaiaa(box.base_url("alreaaiaa")).log_in().use()
    whole = state.read_bytes()
    state.write_bytes(whole + b'{"type":"commit","prov')
    with running_sandbox(state=state) as box:
        assert len(box.control.ledger()) == 1
    assert state.read_bytes() == whole


@pytest.mark.parametrize("content", [b"somebody's notes", b"[]\n", b'{"a":1}\n', b'{"type":"commit"}\n', b"\xff\n"])
def test_a_file_of_somebody_elses_is_refused_and_left_alone(state: Path, content: bytes) -> None:
    state.write_bytes(content)
    with pytest.raises(StateUnusable), running_sandbox(state=state):
        pass
    assert state.read_bytes() == content


def test_two_sandboxes_cannot_share_a_file(state: Path) -> None:
    with (
        running_sandbox(state=state),
        pytest.raises(StateUnusable, match="another sandbox"),
        running_sandbox(state=state),
    ):
        pass


def test_dates_are_relative_to_the_day_it_starts() -> None:
    def in_three_years() -> dt.datetime:
        return dt.datetime(2029, 2, 27, 22, 30, tzinfo=dt.UTC)  # already the 28th in Riyadh

    with running_sandbox(clock=in_three_years) as box:
        assert Alreaaiaa(box.base_url("alreaaiaa")).log_in().find().json["data"]["expiry_date"] == "2029-03-30"
