"""What stands in a row comes back as it was, whatever it is, and spoils no other row."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest

from providers.contracts import Page
from providers.models import Quarantined
from providers.sync.rows import fold, folded
from providers.sync.text import _column, _moments, as_cells, cells_of_many, copied
from tests.models import Thing
from tests.providers.sync.conftest import Sync
from tests.providers.sync.shop import THINGS, Shop, Source, mirror_now, theirs, thing

STRANGE = [
    "\\N",
    "\\.",
    "a\\",
    "a\tb",
    "a\nb",
    "a\r\nb",
    "\x01",
    "\x02",
    "a\x01\x02b",
    "",
    "NULL",
    "{}",
    "\x7f",
    "قطعة",
    "😀",
]


@pytest.mark.parametrize("is_change", [False, True])
def test_no_text_is_taken_for_what_stands_between_texts(sync: Sync, shop: Shop, is_change: bool) -> None:
    if is_change:
        shop.rows = [thing(n, name="before") for n in range(len(STRANGE))]
        sync()
    shop.rows = [thing(n, name=name, price=None if n % 2 else "1.50") for n, name in enumerate(STRANGE)]
    run = sync()
    assert (run.status, run.changed) == ("green", len(STRANGE))
    assert mirror_now() == theirs(shop)
    assert list(Thing.objects.order_by("external_id").values_list("name", flat=True)) == STRANGE
    assert Thing.objects.filter(price=None).count() == len(STRANGE) // 2


def test_a_row_of_strange_texts_leaves_a_row_with_a_nul_to_the_database(sync: Sync, shop: Shop) -> None:
    shop.rows = [thing(n, name=name) for n, name in enumerate([*STRANGE, "a\0b"])]
    run = sync()
    assert (run.status, run.quarantined, len(mirror_now())) == ("amber", 1, len(STRANGE))


def test_a_payload_on_several_lines_is_one_row(sync: Sync, shop: Shop) -> None:
    shop.rows[3] = b'{\r\n\t"id": "id-00032",\n"name": "a\\\\n\\tb",\n"paid": true, "tags": [], "state": "open"}'
    run = sync()
    assert (run.status, run.changed) == ("green", 35)
    assert Thing.objects.get(external_id="id-00032").payload["name"] == "a\\n\tb"


def test_half_a_character_is_left_to_the_database() -> None:
    assert copied([("a", "\ud800")], [b"m"], [b"{}"]) == b"a\t\xed\xa0\x80\tm\t{}\n"


def test_a_value_that_no_column_holds_is_that_rows_fault_alone(sync: Sync, shop: Shop) -> None:
    class Odd(Source):
        def decode(self, collection: str, row: bytes) -> Any:
            record = super().decode(collection, row)
            if record.external_id == "id-00007":
                object.__setattr__(record, "name", object())
            return record

    run = sync(Odd(shop.page))
    assert (run.status, run.quarantined, len(mirror_now())) == ("amber", 1, 34)
    assert Quarantined.objects.get().external_id == "id-00007"


@pytest.mark.parametrize("ids", [["id-1"], ["id-1", ""], ["id-1", "id\n2"], ["id-1", "x" * 81]])
def test_ids_of_a_page_that_cannot_be_right_are_read_one_by_one(sync: Sync, shop: Shop, ids: list[str]) -> None:
    rows = [b'{"id":"id-1","name":"a","paid":true,"tags":[]}', b'{"id":"id-2","name":"b","paid":true,"tags":[]}']
    shop.instead = {1: lambda: Page(rows, 2, "", lambda: ids)}
    assert sync().status == "green"
    assert set(mirror_now()) == {"id-1", "id-2"}


def _same_moments(cells: Sequence[str | None]) -> list[str | None]:
    """UTC has two ways to be written."""
    return [cell and re.sub("Z$", "+00:00", cell) for cell in cells]


def test_many_are_written_as_one_is() -> None:
    zone = dt.timezone(dt.timedelta(hours=3))
    starts = [None, dt.datetime(2026, 1, 2, 3, 4, tzinfo=dt.UTC), dt.datetime(99, 12, 31, 23, 59, 58, 7, tzinfo=zone)]
    rows: list[tuple[Any, ...]] = [
        (f"n{n}", price, start, bool(n), [])
        for n, (price, start) in enumerate(zip([Decimal("1.50"), None, 7], starts, strict=True))
    ]
    one_by_one = [as_cells(THINGS, row) for row in rows]
    assert [_same_moments(cells) for cells in cells_of_many(THINGS, rows)] == [
        _same_moments(cells) for cells in one_by_one
    ]
    assert cells_of_many(THINGS, []) == []


@pytest.mark.parametrize("minute", [0, 1, 59, 60, 779, 1439])
def test_moments_are_written_as_iso_8601_by_whatever_writes_them(minute: int) -> None:
    for zone in (dt.UTC, None, dt.timezone(dt.timedelta(hours=-3, minutes=-30))):
        for second, micro in ((0, 0), (1, 0), (0, 1)):
            moment = dt.datetime(987, 6, 5, minute // 60, minute % 60, second, micro, tzinfo=zone)
            [text] = _moments([moment])
            assert text.replace("Z", "+00:00") == moment.isoformat()


def test_a_column_of_moments_may_have_gaps_and_more_than_one_zone() -> None:
    moment = dt.datetime(2026, 1, 2, 3, 4, tzinfo=dt.UTC)
    moments = [moment, None, moment.astimezone(dt.timezone(dt.timedelta(hours=3))), None]
    found = _column(moments, is_json=False)
    assert [text and dt.datetime.fromisoformat(text) for text in found] == moments
    assert _column([moment, None, moment], is_json=False)[1] is None


def test_many_ids_fold_as_one_does() -> None:
    ids = [str(uuid.uuid4()), "é", "1"]
    assert list(folded(ids)) == [fold(name) for name in ids]
    assert folded([]) == ()
