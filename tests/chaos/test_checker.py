"""The checker of the chaos harness: silent about what is true, and loud about each lie that is planted in its books."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from config.chaos import books, checker
from config.chaos.clinic import Sale
from config.chaos.trades import AFRIQUIA_GAZ, ALREAAIAA
from providers.models import Claim, Evidence, Operation
from providers.sandbox.running import RunningSandbox
from providers.windows import Windows
from tests.sale import CODES, SaleDesk
from tests.scene import CODE, OTHER_CODE, QUICK, Desk, finish

Books = books.Books
DONE, NOT_DONE, REFUSED = CODE, OTHER_CODE, "VCL7C1000NO1000"


def sold(operation: Operation, *shown: tuple[str, str]) -> Sale:
    redemption = operation.redemption
    address = f"/vouchers/redemptions/{redemption.pk}/"
    sale = Sale(
        tuple(line.code for line in redemption.lines.all()), "plain", redemption.services_total, [redemption.lookup_id]
    )
    sale.pages[redemption.lookup_id] = address
    sale.shown[address] = list(shown)
    return sale


@pytest.fixture
def quick(settings: Any) -> Windows:
    settings.WINDOWS = dataclasses.replace(QUICK, send_before=1)
    return QUICK


@pytest.fixture
def found(desk: Desk, twin: RunningSandbox, quick: Windows) -> Books:
    """One that was done, one whose answer was lost and whose effect never came."""
    done = finish(desk.redeem(DONE))
    twin.control.fault("drop_before", endpoint="redeem", times="forever")
    lost = finish(desk.redeem(NOT_DONE))
    assert (done.state, lost.state) == ("succeeded", "not_applied")
    sales = [sold(done, ("now", "sending"), ("done", "")), sold(lost, ("checking", "unknown"), ("refused", ""))]
    return books.read(ALREAAIAA, sales, [twin], quick)


def row_of(found: Books, code: str) -> books.Row:
    return next(row for row in found.rows.values() if code in row.codes)


def test_it_finds_nothing_where_all_is_true(found: Books) -> None:
    assert checker.findings(found) == []


def doubled(found: Books) -> None:
    found.effects[DONE] *= 2


def without_effect(found: Books) -> None:
    found.effects[DONE] = []


def effect_of_nobody(found: Books) -> None:
    found.effects["VCL0C0000NO0000"] = found.effects[DONE]


def denied(found: Books) -> None:
    found.effects[NOT_DONE] = [msgspec.structs.replace(found.effects[DONE][0], code=NOT_DONE)]


def overlooked(found: Books) -> None:
    """The night has found it, and the looks that judged could have seen it."""
    denied(found)
    row_of(found, NOT_DONE).late_found = True


def other_amounts(found: Books) -> None:
    effect = found.effects[DONE][0]
    found.effects[DONE] = [msgspec.structs.replace(effect, amounts=effect.amounts | {"total_services_price": "1"})]


def sent_first(found: Books) -> None:
    row_of(found, DONE).attempts[0].at += timedelta(seconds=1)


def sent_late(found: Books) -> None:
    row_of(found, DONE).attempts[0].at -= timedelta(seconds=60)


def other_bytes(found: Books) -> None:
    found.writes[DONE].append(msgspec.structs.replace(found.writes[DONE][0], body_sha256="0" * 64))


def too_many_sends(found: Books) -> None:
    found.writes[DONE] *= 3


def blind_looks(found: Books) -> None:
    found.looks[DONE] = []


def impatient(found: Books) -> None:
    row = row_of(found, NOT_DONE)
    row.evidence = [item for item in row.evidence if item.source != Evidence.From.READ][:1]


def hasty(found: Books) -> None:
    found.windows = dataclasses.replace(found.windows, settle=600)


def cut_chain(found: Books) -> None:
    del row_of(found, DONE).steps[-1]


def forged_chain(found: Books) -> None:
    row_of(found, DONE).steps[1].reason = "forged"


def still_open(found: Books) -> None:
    row_of(found, NOT_DONE).operation.state = "unknown"


def lazy(found: Books) -> None:
    row_of(found, NOT_DONE).operation.state = "needs_review"


def shown_too_early(found: Books) -> None:
    next(iter(found.sales[1].shown.values())).insert(0, ("done", ""))


def hoped(found: Books) -> None:
    next(iter(found.sales[0].shown.values())).insert(1, ("done", "unknown"))


def shown_and_gone(found: Books) -> None:
    found.redemptions.clear()


def two_of_one_form(found: Books) -> None:
    found.sales[0].pages |= {found.sales[1].drafts[0]: next(iter(found.sales[1].pages.values()))}


def freed_claim(found: Books) -> None:
    Claim.objects.filter(operation=row_of(found, DONE).operation).update(open=False)


LIES: dict[Callable[[Books], None], str] = {
    doubled: "I1",
    freed_claim: "I1",
    without_effect: "I2",
    other_amounts: "I2",
    denied: "I3",
    overlooked: "I3",
    impatient: "I3",
    hasty: "I3",
    blind_looks: "I3",
    effect_of_nobody: "I4",
    sent_first: "I4",
    sent_late: "I4",
    other_bytes: "I4",
    too_many_sends: "I4",
    shown_and_gone: "I4",
    shown_too_early: "I5",
    hoped: "I5",
    still_open: "I6",
    lazy: "I7",
    two_of_one_form: "I8",
    cut_chain: "I10",
    forged_chain: "I10",
}


def test_it_names_each_lie(desk: Desk, twin: RunningSandbox, found: Books) -> None:
    """In one test: making the true books takes longer than looking at them."""
    for lie, invariant in LIES.items():
        fresh = books.read(found.trade, found.sales, [twin], found.windows)
        fresh.sales = [
            dataclasses.replace(sale, pages={**sale.pages}, shown={k: [*v] for k, v in sale.shown.items()})
            for sale in found.sales
        ]
        lie(fresh)
        named = {text.split()[0] for text in checker.findings(fresh)}
        assert invariant in named, (lie.__name__, named)
        Claim.objects.filter(operation=row_of(found, DONE).operation).update(open=True)


# Sales of several vouchers ------------------------------------------------------------------------------------------------


@pytest.fixture
def in_part(counter: SaleDesk, twin: RunningSandbox) -> Books:
    """Two of three vouchers were burned, and we say so."""
    twin.control.fault("partial", endpoint="redeem", count=2)
    operation = finish(counter.sell())
    assert operation.state == "partial"
    sales = [sold(operation, ("checking", "unknown"), ("plain", ""))]
    return books.read(AFRIQUIA_GAZ, sales, [twin], QUICK)


def test_it_finds_nothing_where_a_part_is_told_code_by_code(in_part: Books) -> None:
    assert checker.findings(in_part) == []


@pytest.mark.parametrize(
    ("used", "invariants"),
    [(CODES, {"I2", "I9"}), (CODES[:1], {"I3", "I9"}), ((CODES[0], CODES[2]), {"I2", "I3"}), ((), {"I2", "I3"})],
)
def test_it_names_another_part_than_the_true_one(in_part: Books, used: tuple[str, ...], invariants: set[str]) -> None:
    [row] = in_part.rows.values()
    row.used = frozenset(used)
    assert invariants <= {text.split()[0] for text in checker.findings(in_part)}


def test_it_names_a_part_that_was_told_after_one_look(in_part: Books) -> None:
    [row] = in_part.rows.values()
    row.evidence = [item for item in row.evidence if item.source != Evidence.From.READ][:1]
    assert "I3" in {text.split()[0] for text in checker.findings(in_part)}


def test_it_names_a_used_code_of_a_part_that_is_free_again(in_part: Books) -> None:
    Claim.objects.update(open=False)
    assert "I1" in {text.split()[0] for text in checker.findings(in_part)}
