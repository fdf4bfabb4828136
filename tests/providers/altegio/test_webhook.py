"""Who is meant by an event of Altegio, and what tells two of them apart."""

from __future__ import annotations

import json

import pytest

from providers.altegio.webhook import LONGEST_BODY, MOST_EVENTS, Told, read_webhooks
from tests.providers.altegio.told import event

CHANGED = "2026-01-16T20:35:15-0500"


def one(body: bytes) -> Told:
    ((told, kept),) = read_webhooks(body)
    assert kept == body
    return told


def test_their_sample_is_read() -> None:
    told = one(event("record", "501", "create", last_change_date=CHANGED, client={"phone": "+12345678900"}))
    assert (told.event, told.subject_kind, told.subject_id) == ("record.create", "record", "501")
    assert told.event_id == f"4564+record+501+create+{CHANGED}"
    assert told.made_at is not None and told.made_at.isoformat() == "2026-01-17T01:35:15+00:00"
    assert told.clue == ""


def test_a_card_tells_no_time_and_whose_phone_it_is() -> None:
    told = one(event("loyalty_card", "601", balance=150, number="LC-00601", phone="+966501234567"))
    assert (told.subject_kind, told.subject_id, told.clue) == ("loyalty_card", "601", "+966501234567")
    assert told.event_id.startswith("sha256:") and told.made_at is None
    assert "966501234567" not in repr(told)


@pytest.mark.parametrize("resource", ["staff", "goods_operations_sale", "salon", "company", "schedule"])
def test_of_what_we_do_not_keep_nobody_is_asked(resource: str) -> None:
    assert one(event(resource, "5")).subject_kind == ""


def test_each_of_a_list_is_an_event_with_its_own_bytes() -> None:
    bodies = [event("record", str(n), last_change_date=CHANGED) for n in (1, 2)]
    found = read_webhooks(b"[%b]" % b" , ".join(bodies))
    assert [(told.subject_id, kept) for told, kept in found] == [("1", bodies[0]), ("2", bodies[1])]


@pytest.mark.parametrize("subject", [0, -5, True, "../7", None, "1" * 30])
def test_an_id_that_is_none_leads_nowhere(subject: object) -> None:
    body = json.dumps({"company_id": 1, "resource": "record", "resource_id": subject, "status": "update", "data": []})
    assert one(body.encode()).subject_id is None


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"[]", b"{}", b"5", b"null", b"<p>", b"[5]", b'{"resource":"record"}', b"[[]]"),
        b'{"resource":"record","status":"burn"}',
        b'{"resource":"RECORD; DROP","status":"update"}',
        b"[" + b",".join([event("record", "1")] * (MOST_EVENTS + 1)) + b"]",
        b" " * LONGEST_BODY + b"{}",
    ],
)
def test_all_else_is_told_with_one_kind_of_error(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_webhooks(body)


def test_the_key_fits_its_column_whatever_they_write() -> None:
    told = one(event("record", "501", last_change_date="9" * 150))
    assert len(told.event_id) <= 90
