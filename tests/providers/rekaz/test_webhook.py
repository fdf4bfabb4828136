"""What they say by themselves: read in every spelling, believed in none."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.rekaz.webhook import LONGEST_BODY, Told, read_webhook

ID = "3fa85f64-5717-4562-b3fc-2c963f66afa6"
EVENT = {
    "Id": "evt-1",
    "EventName": "ReservationConfirmedEvent",
    "CreatedAt": "2026-07-28T09:00:00Z",
    "Data": {"Id": ID},
}
AT = dt.datetime(2026, 7, 28, 9, tzinfo=dt.UTC)


def read(content: object) -> Told:
    return read_webhook(json.dumps(content).encode())


def test_an_event_is_read_in_any_case() -> None:
    expected = Told("evt-1", "ReservationConfirmedEvent", "reservation", ID, AT)
    assert read(EVENT) == expected
    assert read({name.lower(): value for name, value in EVENT.items()} | {"data": {"ID": ID}}) == expected
    assert read({name[:1].lower() + name[1:]: value for name, value in EVENT.items()}) == expected


@pytest.mark.parametrize(
    ("change", "kind", "subject", "at"),
    [
        ({"EventName": "SubscriptionPauseScheduledEvent"}, "subscription", ID, AT),
        (
            {"EventName": "MerchandiseOrderCompletedEvent", "Data": {"Code": "ORDER-6nwlv"}},
            "merchandiseorder",
            None,
            AT,
        ),
        ({"EventName": "SomethingNewEvent"}, "", ID, AT),
        ({"Data": None}, "reservation", None, AT),
        ({"Data": "text"}, "reservation", None, AT),
        ({"Data": {"Id": ["x"]}}, "reservation", None, AT),
        ({"Data": {"Id": "../../customers"}}, "reservation", None, AT),
        ({"CreatedAt": "2026-07-28T09:00:00"}, "reservation", ID, AT),
        ({"CreatedAt": "2026-07-28T09:00:00.1234567Z"}, "reservation", ID, AT.replace(microsecond=123456)),
        ({"CreatedAt": "yesterday"}, "reservation", ID, None),
        ({"CreatedAt": 5}, "reservation", ID, None),
    ],
)
def test_what_is_missing_or_new_is_told_as_that(change: dict, kind: str, subject: str | None, at: object) -> None:
    found = read(EVENT | change)
    assert (found.subject_kind, found.subject_id, found.made_at) == (kind, subject, at)


def test_an_event_without_data_may_name_its_subject_beside_itself() -> None:
    found = read({"id": "evt-1", "eventName": "ReservationDoneEvent", "reservationId": ID})
    assert (found.event_id, found.subject_id) == ("evt-1", ID)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"x"',
        b"{",
        b"{}",
        b'{"Id":"1"}',
        b'{"EventName":"ReservationDoneEvent"}',
        b'{"Id":"1","EventName":"<script>"}',
        b'{"Id":"1","EventName":["ReservationDoneEvent"]}',
        b'{"Id":"1","id":"2","EventName":"ReservationDoneEvent"}',
        b'{"Id":"1","Id":"2","EventName":"ReservationDoneEvent"}',
        b'{"Id":NaN,"EventName":"ReservationDoneEvent"}',
        b'{"Id":"\xff","EventName":"ReservationDoneEvent"}',
        b"[" * 100_000,
        b" " * (LONGEST_BODY + 1),
    ],
)
def test_nonsense_is_no_event(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_webhook(body)


@given(st.binary(max_size=200))
def test_bytes_never_raise_anything_else(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_webhook(body)


WORDS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["Id", "Data", "EventName", "x"]), inner)
    ),
    max_leaves=10,
)


@given(st.dictionaries(st.sampled_from(["Id", "EventName", "CreatedAt", "Data", "id", "event"]), WORDS))
def test_objects_never_raise_anything_else(content: dict) -> None:
    try:
        assert read(content).event_id
    except ValueError as error:
        assert str(error)
