"""Every way in which a provider can fail, seen from the other end of a socket."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable

import pytest

from providers.sandbox.running import RunningSandbox
from tests.providers.sandbox.wire import VOUCHER, Alreaaiaa, ask, effects, talk, use_body, used_under

SOON = 0.15


def wait_until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + 5
    while not true():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("kind", "parameters", "ending"),
    [
        ("refuse", {}, "reset"),
        ("drop_before", {}, "reset"),
        ("drop_before", {"how": "close"}, "closed"),
        ("hang_before", {"seconds": SOON}, "reset"),
    ],
)
def test_a_connection_lost_before_the_effect_leaves_the_voucher_as_it_was(
    box: RunningSandbox, center: Alreaaiaa, kind: str, parameters: dict[str, object], ending: str
) -> None:
    reply = used_under(box, center, kind, **parameters)
    assert (reply.raw, reply.ending) == (b"", ending)
    assert (effects(box), center.status_of()) == ([], "verified")


@pytest.mark.parametrize(
    ("kind", "parameters", "ending"),
    [
        ("drop_after", {}, "reset"),
        ("drop_after", {"how": "close"}, "closed"),
        ("hang_after", {"seconds": SOON}, "reset"),
    ],
)
def test_a_connection_lost_after_the_effect_says_nothing_of_it(
    box: RunningSandbox, center: Alreaaiaa, kind: str, parameters: dict[str, object], ending: str
) -> None:
    reply = used_under(box, center, kind, **parameters)
    assert (reply.raw, reply.ending) == (b"", ending)
    assert (effects(box), center.status_of()) == ([(VOUCHER, "api", kind)], "used")


def test_hanging_lasts_as_long_as_it_was_told_to(box: RunningSandbox, center: Alreaaiaa) -> None:
    assert used_under(box, center, "hang_before", seconds=SOON).seconds >= SOON


def test_a_delay_keeps_the_answer_back_but_not_the_effect(box: RunningSandbox, center: Alreaaiaa) -> None:
    reply = used_under(box, center, "delay", seconds=SOON)
    assert reply.seconds >= SOON
    assert reply.json["data"]["status"] == "used"


@pytest.mark.parametrize(("answer", "ending"), [("504", "whole"), ("rst", "reset")])
def test_a_late_effect_happens_when_nobody_waits_for_it_any_more(
    box: RunningSandbox, center: Alreaaiaa, answer: str, ending: str
) -> None:
    reply = used_under(box, center, "late_effect", seconds=SOON, answer=answer)
    assert reply.ending == ending
    assert (effects(box), center.status_of()) == ([], "verified")
    wait_until(lambda: center.status_of() == "used")
    assert effects(box) == [(VOUCHER, "api", "late_effect")]


def test_a_drip_in_the_body_gives_one_byte_at_a_time(box: RunningSandbox, center: Alreaaiaa) -> None:
    reply = used_under(box, center, "drip", seconds=0.0005)
    assert reply.seconds >= 0.0005 * len(reply.body)
    assert reply.json["data"]["status"] == "used"


def test_a_drip_in_the_headers_starts_with_the_first_byte(box: RunningSandbox, center: Alreaaiaa) -> None:
    reply = used_under(box, center, "drip", seconds=0.0005, where="headers")
    assert reply.seconds >= 0.0005 * len(reply.raw)


def test_a_late_effect_does_not_outlive_a_reset(box: RunningSandbox, center: Alreaaiaa) -> None:
    used_under(box, center, "late_effect", seconds=SOON)
    box.control.reset("demo")
    time.sleep(SOON * 2)
    assert effects(box) == []


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize(
    ("parameters", "body"),
    [
        ({"status": 502}, b"<h1>502 Bad Gateway</h1>"),
        ({"status": 503, "retry_after": 30}, b"<h1>503 Service Unavailable</h1>"),
        ({"status": 500, "body": "exception"}, b'{"key":"exception","msg":"Server Error","data":{"line":412'),
        ({"status": 429, "body": "json"}, b'{"message":"Too Many Attempts."}'),
        ({"status": 409, "body": "json"}, b'{"message":"Conflict"}'),
        ({"status": 408, "body": "empty"}, b""),
    ],
    ids=lambda value: str(value.get("status")) if isinstance(value, dict) else "",
)
def test_an_error_status_does_not_tell_whether_it_happened(
    box: RunningSandbox, center: Alreaaiaa, parameters: dict[str, object], body: bytes, after: bool
) -> None:
    reply = used_under(box, center, "status", after=after, **parameters)
    assert reply.status == parameters["status"]
    assert body in reply.body
    assert reply.headers.get("retry-after") == (str(parameters["retry_after"]) if "retry_after" in parameters else None)
    assert center.status_of() == ("used" if after else "verified")


def test_a_stale_read_answers_the_past_and_changes_nothing(box: RunningSandbox, center: Alreaaiaa) -> None:
    center.use()
    box.control.fault("stale_read", endpoint="find", seconds=30)
    assert [center.status_of(), center.status_of()] == ["verified", "used"]


def test_a_stale_read_does_not_touch_writes(box: RunningSandbox, center: Alreaaiaa) -> None:
    used_under(box, center, "stale_read", seconds=30)
    assert len(effects(box)) == 1


def test_somebody_at_the_portal_can_be_faster(box: RunningSandbox, center: Alreaaiaa) -> None:
    reply = used_under(box, center, "human", when="before")
    assert reply.json["msg"] == "Voucher already used."
    assert effects(box) == [(VOUCHER, "portal", "human")]


def test_somebody_at_the_portal_can_come_between_our_read_and_our_write(box: RunningSandbox, center: Alreaaiaa) -> None:
    box.control.fault("human", endpoint="find", when="after")
    assert center.status_of() == "verified"
    assert center.use().json["key"] == "fail"
    assert effects(box) == [(VOUCHER, "portal", "human")]


def test_a_fault_meets_only_what_it_was_meant_for(box: RunningSandbox, center: Alreaaiaa) -> None:
    box.control.fault("status", endpoint="redeem", code="VCL6C5881NO4658", status=503)
    assert (center.find("VCL6C5881NO4658").status, center.use().status) == (200, 200)
    assert center.use(use_body("VCL6C5881NO4658", "150", "600", "450")).status == 503


def test_a_fault_meets_as_many_requests_as_it_was_told_to(box: RunningSandbox, center: Alreaaiaa) -> None:
    box.control.fault("status", endpoint="find", times=2)
    assert [center.find().status for _ in range(3)] == [500, 500, 200]
    box.control.fault("status", endpoint="find", times="forever")
    assert {center.find().status for _ in range(5)} == {500}
    box.control.clear_faults()
    assert center.find().status == 200


def test_faults_take_turns_in_the_order_they_were_scripted(box: RunningSandbox, center: Alreaaiaa) -> None:
    for status in (500, 503, 429):
        box.control.fault("status", endpoint="find", status=status)
    assert [center.find().status for _ in range(4)] == [500, 503, 429, 200]


def test_a_probable_fault_falls_alike_for_the_same_seed(box: RunningSandbox, center: Alreaaiaa) -> None:
    def run(seed: int) -> list[int]:
        box.control.clear_faults()
        box.control.fault("status", endpoint="find", times="forever", probability=0.5, seed=seed)
        return [center.find().status for _ in range(20)]

    assert set(run(1)) == {200, 500}
    assert run(1) == run(1) != run(2)


def test_the_history_names_the_fault_of_every_request(box: RunningSandbox, center: Alreaaiaa) -> None:
    number = box.control.fault("drop_after", endpoint="redeem")
    center.use()
    login, use = box.control.requests("alreaaiaa")
    assert (login.endpoint, login.fault, login.body_sha256) == ("login", "", "")
    assert (use.endpoint, use.code, use.fault, use.fault_id) == ("redeem", VOUCHER, "drop_after", number)
    (effect,) = box.control.ledger()
    assert (effect.request, effect.body_sha256, effect.fault) == (use.sequence, use.body_sha256, "drop_after")
    assert (effect.user, effect.order_id) == ("centeradmintesting@admin.com", "75131")
    assert effect.amounts["total_client_paid_amount"] == "400"


def test_a_request_that_never_arrived_whole_has_no_effect(box: RunningSandbox, center: Alreaaiaa) -> None:
    body = use_body() + " "  # even though what did arrive would have been enough
    head = "POST /alreaaiaa/api/v1/makeClientCenterVouchersUsed HTTP/1.1\r\nHost: x\r\nContent-Type: application/json"
    whole = f"{head}\r\nAuthorization: {center.headers['Authorization']}\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    host, port = box.origin.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        connection.sendall(whole.encode()[:-1])
        connection.shutdown(socket.SHUT_WR)
        with pytest.raises(ConnectionResetError):
            connection.recv(1)
    assert (effects(box), center.status_of()) == ([], "verified")
    assert talk(box.origin, whole.encode()).json["data"]["status"] == "used"


@pytest.mark.parametrize(("headers", "status"), [({"Content-Length": "99999999"}, 413), ({"Content-Length": "x"}, 411)])
def test_it_reads_no_body_of_unknown_or_absurd_length(center: Alreaaiaa, headers: dict[str, str], status: int) -> None:
    assert ask(center.url + "/getAuthToken", headers=headers).status == status


def test_a_fault_lets_the_first_ones_pass_when_told_to(box: RunningSandbox, center: Alreaaiaa) -> None:
    box.control.fault("html_login", endpoint="find", skip=2)
    center.status_of(), center.status_of()
    assert not any(seen.fault for seen in box.control.requests("alreaaiaa"))
    center.find(VOUCHER)
    assert [seen.fault for seen in box.control.requests("alreaaiaa")][-1] == "html_login"


def test_the_seed_mode_leaves_alone_what_it_is_told_to(box: RunningSandbox, center: Alreaaiaa) -> None:
    box.control.seed_mode(1, 1.0, ["html_login"], spare=["find"])
    assert center.status_of() == "verified"


def test_a_provider_that_is_asked_twice_may_do_it_twice(box: RunningSandbox, center: Alreaaiaa) -> None:
    """Nobody has promised that a used voucher is refused: with this rule the ledger shows every write that was one too many."""
    box.control.rules("alreaaiaa", second_use="accepted")
    for _ in range(2):
        center.use()
    assert len(effects(box)) == 2
