"""What the ledger adds up: only what was really used, a trading day and a currency apart."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.utils import timezone

from branches.models import Branch
from providers.models import State
from tests.vouchers.ledger.rows import in_part, on_day, redeemed
from tests.web.world import World
from vouchers.models import Redemption
from vouchers.selectors.ledger import LedgerFilter, Total, by_currency, ledger_rows, ledger_totals


def asked(*branches: Branch, **more: str) -> LedgerFilter:
    today = timezone.now().date()
    return LedgerFilter(branches, today - dt.timedelta(60), today + dt.timedelta(1), **more)


def test_only_what_was_used_counts_and_open_ones_are_apart(world: World) -> None:
    redeemed(world.ours)
    redeemed(world.ours)
    in_part(world.ours)
    for state in (State.REFUSED, State.NOT_SENT, State.CREATED, State.UNKNOWN, State.NEEDS_REVIEW):
        redeemed(world.ours, state)
    redeemed(world.theirs)
    [total] = ledger_totals(asked(world.ours.branch))
    day = world.ours.branch.business_date(timezone.now())
    assert total == Total("SAR", day, 8, 3, Decimal(1800), Decimal(550), Decimal(1250), 3, Decimal(600))
    assert total.services == total.value + total.left


def test_of_a_part_only_the_codes_that_are_proven_used(world: World) -> None:
    row = in_part(world.ours)
    [found] = ledger_rows(asked(world.ours.branch))
    assert (found.pk, found.worth, found.rest) == (row.pk, Decimal(150), Decimal(450))  # type: ignore[attr-defined]  # the query adds it
    assert found.operation.amount == 350, "what it would have been"


def test_a_day_and_a_currency_apart_newest_first(world: World) -> None:
    today = world.ours.branch.business_date(timezone.now())
    on_day(redeemed(world.ours), today - dt.timedelta(1))
    redeemed(world.ours)
    Redemption.objects.filter(pk=redeemed(world.theirs).pk).update(currency="MAD")
    days = ledger_totals(asked(world.ours.branch, world.theirs.branch))
    assert [(row.currency, row.day, row.used) for row in days] == [
        ("MAD", world.theirs.branch.business_date(timezone.now()), 1),
        ("SAR", today, 1),
        ("SAR", today - dt.timedelta(1), 1),
    ]
    mad, sar = by_currency(days)
    assert (mad.currency, mad.day, mad.used, mad.value) == ("MAD", None, 1, Decimal(200))
    assert (sar.currency, sar.day, sar.used, sar.left) == ("SAR", None, 2, Decimal(800))


def test_the_sums_are_of_the_rows_that_the_filter_leaves(world: World) -> None:
    redeemed(world.ours)
    redeemed(world.ours, State.UNKNOWN)
    done = asked(world.ours.branch, status="done")
    [total] = ledger_totals(done)
    assert (total.rows, total.used, total.open) == (1, 1, 0)
    assert total.value == sum(row.worth for row in ledger_rows(done))  # type: ignore[attr-defined]  # the query adds it
    assert ledger_totals(asked(world.ours.branch, status="person")) == []


def test_what_a_person_decided_counts_as_it_was_decided(world: World) -> None:
    from providers.operations.life import move

    for state in (State.RESOLVED_APPLIED, State.RESOLVED_NOT_APPLIED):
        row = redeemed(world.ours, State.NEEDS_REVIEW)
        row.operation.refresh_from_db()
        move(row.operation, state, now=timezone.now(), by="test")
    [total] = ledger_totals(asked(world.ours.branch))
    assert (total.rows, total.used, total.value, total.left) == (2, 1, Decimal(200), Decimal(400))
