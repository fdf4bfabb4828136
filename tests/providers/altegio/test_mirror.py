"""Altegio's collections as the mirror engine reads them, whole and from a moment on."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import pytest

from providers.altegio import source
from providers.altegio.client import Altegio
from providers.contracts import (
    AppointmentRecord,
    CardTypeRecord,
    DatedTransaction,
    LoyaltyClientRecord,
    ProgramRecord,
)
from providers.errors import BrokenContract, Rejected
from providers.sandbox.running import RunningSandbox
from tests.providers.altegio.account import captured, desk, refusal
from tests.providers.altegio.acts import NO
from tests.providers.altegio.salon import SLUG, client_of
from tests.providers.scripted_server import answer

KINDS = {
    "card_types": (3, CardTypeRecord),
    "programs": (3, ProgramRecord),
    "clients": (6, LoyaltyClientRecord),
    "records": (8, AppointmentRecord),
}


def rows_of(client: Altegio, collection: str, since: str = "") -> list[bytes]:
    found: list[bytes] = []
    at = ""
    while True:
        page = client.page(collection, at, since)
        assert page.ids() == [client.id_of(collection, row) for row in page.rows]
        found += page.rows
        at = page.next
        if not at:
            return found


@pytest.mark.parametrize("collection", KINDS)
def test_a_collection_is_read_whole(client: Altegio, collection: str) -> None:
    count, kind = KINDS[collection]
    rows = rows_of(client, collection)
    assert len({client.id_of(collection, row) for row in rows}) == len(rows) == count
    records: list[Any] = [client.decode(collection, row) for row in rows]
    assert {type(record) for record in records} == {kind} and all(record.raw for record in records)
    assert collection in {one.name for one in client.collections()}


@pytest.mark.parametrize("size", ["200", "50", "25"])
def test_however_short_their_pages_are_all_are_read(quiet: RunningSandbox, size: str) -> None:
    quiet.control.rules(SLUG, page_size=size)
    quiet.control.act(SLUG, "generate", count=430)
    client = client_of(quiet)
    rows = rows_of(client, "clients")
    assert len({client.id_of("clients", row) for row in rows}) == len(rows) == 436
    assert client.page("clients", "").reported == 436


def test_twenty_eight_thousand_clients_are_a_hundred_and_forty_one_pages(quiet: RunningSandbox) -> None:
    quiet.control.act(SLUG, "generate")
    client = client_of(quiet)
    assert len(rows_of(client, "clients")) == 28_006
    assert [seen.endpoint for seen in quiet.control.requests(SLUG)].count("clients") == 141


def test_from_a_moment_on_deleted_records_come_too(quiet: RunningSandbox) -> None:
    client = client_of(quiet)
    quiet.control.act(SLUG, "delete", record="502")
    since = (dt.datetime.now(dt.UTC) + dt.timedelta(hours=3) - dt.timedelta(minutes=5)).strftime("%Y-%m-%dT%H:%M:%S")
    found = [client.decode("records", row) for row in rows_of(client, "records", since)]
    assert [record.is_deleted for record in found if record.external_id == "502"] == [True]
    assert rows_of(client, "records", "2999-01-01T00:00:00") == []


def test_a_row_of_the_mirror_is_the_row_that_is_read_alone(quiet: RunningSandbox) -> None:
    client = client_of(quiet)
    (row,) = [row for row in rows_of(client, "records") if client.id_of("records", row) == "501"]
    alone = client.appointment("501")
    assert alone is not None and json.loads(alone.raw) == json.loads(bytes(row))
    assert alone == client.decode("records", row)


@pytest.mark.parametrize("at", ["0", "1", "x", "-1", "1-", "1-0-0", "9999999-1"])
def test_a_place_that_is_none_is_not_asked_for(at: str) -> None:
    with desk(captured("clients")) as ours, pytest.raises(ValueError, match="place"):
        ours.client.page("clients", at)
    assert ours.server.connections == 0


@pytest.mark.parametrize("row", [b"[]", b"{}", b'{"id":null}', b'{"id":"../1"}', b'{"id":0}', b"5"])
def test_a_row_without_an_id_is_told(row: bytes) -> None:
    with pytest.raises(ValueError, match="id"):
        source.id_of("clients", row)


def test_a_page_that_is_none_is_a_broken_contract_and_their_no_a_no() -> None:
    for body, kind in (
        ({"data": {}}, BrokenContract),
        ("<p>", BrokenContract),
        (NO, Rejected),
        (NO | {"data": []}, Rejected),
    ):
        assert type(refusal(lambda client: client.page("clients", ""), answer(body))[0]) is kind


def test_without_a_total_pages_end_with_an_empty_one() -> None:
    full = {"success": True, "data": [{"id": 1}], "meta": []}
    empty = {"success": True, "data": [], "meta": []}
    with desk(answer(full), answer(empty)) as at:
        assert len(rows_of(at.client, "clients")) == 1
    assert len(at.server.requests) == 2


# By the client, and by the day ------------------------------------------------------------------------------------------


def test_cards_are_a_page_a_client(client: Altegio) -> None:
    page = client.page("cards", "401")
    assert (page.reported, page.next, page.ids()) == (None, "", ["9210520"])
    (card,) = [client.decode("cards", row) for row in page.rows]
    assert (card.external_id, card.balance, card.raw) == ("9210520", Decimal(100), bytes(page.rows[0]))
    assert client.page("cards", "406").rows == []
    with pytest.raises(Rejected) as refused:
        client.page("cards", "77777")
    assert refused.value.code == "not_there"


@pytest.mark.parametrize(
    ("body", "ids"),
    [
        ({"id": 5, "balance": 1}, ["5"]),  # as their documentation has it
        ({"success": True, "data": {"id": 5, "balance": 1}, "meta": []}, ["5"]),
        ([{"id": 5, "balance": 1}], ["5"]),
        ([], []),
    ],
)
def test_one_card_is_a_list_of_one(body: object, ids: list[str]) -> None:
    page = source.page_of("cards", "401", json.dumps(body).encode())
    assert page.ids() == ids and len(page.rows) == len(ids)


@pytest.mark.parametrize("body", [{}, {"data": {"id": 5}}, {"success": False, "data": {"id": 5}}, {"success": True}, 5])
def test_what_is_no_list_of_cards_is_none(body: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        source.page_of("cards", "401", json.dumps(body).encode())


def test_transactions_come_with_their_day(client: Altegio, quiet: RunningSandbox) -> None:
    quiet.control.act(SLUG, "earn", card="9210520", amount="0.66")
    today = dt.datetime.now(dt.UTC).date()
    since = f"{today - dt.timedelta(days=3)}/{today}"
    (row,) = rows_of(client, "transactions", since)
    found = client.decode("transactions", row)
    assert (found.day, found.record.card_id, found.record.amount) == (today, "9210520", Decimal("0.66"))
    assert json.loads(row)["day"] == today.isoformat()
    assert DatedTransaction(found.record, None).raw == row


def test_a_long_time_in_which_something_happened_is_asked_for_again_by_the_day(
    client: Altegio, quiet: RunningSandbox
) -> None:
    quiet.control.act(SLUG, "earn", card="9210520", amount="5.00")
    today = dt.datetime.now(dt.UTC).date()
    since = f"{today - dt.timedelta(days=100)}/{today}"
    assert len(rows_of(client, "transactions", since)) == 1
    assert len(quiet.control.requests(SLUG)) < 40
