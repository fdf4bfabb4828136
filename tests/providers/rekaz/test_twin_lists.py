"""Long lists of the twin, read over a real socket while they change."""

from __future__ import annotations

import datetime as dt
from typing import Any

from providers.rekaz.client import Rekaz
from providers.sandbox.running import RunningSandbox
from tests.providers.rekaz.clinic import SLUG, client_of


def whole(client: Rekaz, collection: str, between: Any = lambda n: None) -> tuple[set[str], int]:
    at, pages, found = "", 0, set[str]()
    while at or not pages:
        page = client.page(collection, at)
        found |= {client.id_of(collection, row) for row in page.rows}
        at, pages = page.next, pages + 1
        between(pages)
    return found, pages


def test_a_hundred_thousand_are_made_on_request_and_are_the_same_each_time(twin: RunningSandbox) -> None:
    client = client_of(twin)
    twin.control.act(SLUG, "generate", count=100_000, seed=7, day="2026-01-15")
    page = client.page("reservations", "60000")
    assert page.reported == 100_080 and len(page.rows) == 100
    again = client.page("reservations", "60000")
    assert again.rows == page.rows
    record = client.decode("reservations", page.rows[50])
    assert client.reservation(record.external_id) == record
    person = client.customer(record.customer_id)
    assert person is not None and person.phone == record.customer_phone


def test_all_rows_are_seen_although_some_go_and_some_come_between_pages(twin: RunningSandbox) -> None:
    client = client_of(twin)
    twin.control.act(SLUG, "generate", count=900, seed=2)
    gone: set[str] = set()

    def move(pages: int) -> None:
        gone.update(twin.control.act(SLUG, "delete", count=8)["ids"])
        if pages % 2:
            twin.control.act(SLUG, "insert", count=5)

    seen, _ = whole(client, "reservations", move)
    left, _ = whole(client, "reservations")
    inserted = {row for row in left if row not in seen}
    assert left - seen == inserted and len(inserted) <= 5 * 6
    generated = {row for row in left if row.startswith("3a1d0000")}
    assert generated <= seen


def test_since_is_a_filter_that_works_only_where_they_keep_their_word(twin: RunningSandbox) -> None:
    client = client_of(twin)
    day = dt.datetime.now(dt.UTC).date().isoformat() + "T00:00:00"
    everything = client.page("reservations", "", day).reported
    twin.control.rules(SLUG, faithful_filters="on")
    assert 0 < (client.page("reservations", "", day).reported or 0) < (everything or 0)
