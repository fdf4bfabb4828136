"""What becomes of several vouchers in one burn, code by code (S8)."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from providers import operations
from providers.models import Claim, Discrepancy, Operation
from providers.sandbox.running import RunningSandbox
from tests.sale import AMINA, CODES, HERS, SHOP, WORTH, SaleDesk, refused
from tests.scene import QUICK, eventually, finish, make_due, turn
from vouchers import cards, selectors, services
from vouchers.effects import resource, used_in
from vouchers.models import Lookup

# The burn ---------------------------------------------------------------------------------------------------------------


def test_three_vouchers_are_burned_in_one_call(counter: SaleDesk) -> None:
    operation = finish(counter.sell())
    assert (operation.state, operation.evidence_level, operation.amount) == ("succeeded", "response", Decimal("43.07"))
    assert counter.burns() == 1
    assert {code: len(effects) for code, effects in counter.burned().items()} == dict.fromkeys(CODES, 1)
    assert {effect.order_id for [effect] in counter.burned().values()} == {operation.reference}
    redemption = operation.redemption
    assert [(line.value, line.points) for line in redemption.lines.all()] == list(
        zip(WORTH, [Decimal(10), Decimal("25.5"), Decimal("12.35")], strict=True)
    )
    assert redemption.client_pays == Decimal(200) - Decimal("43.07")


def test_afterwards_each_code_is_looked_at_once_since_the_answer_named_none(counter: SaleDesk) -> None:
    operation = finish(counter.sell())
    assert operation.next_at
    Operation.objects.filter(pk=operation.pk).update(next_at=timezone.now())
    operations.settle_operation(operation.pk)
    operation.refresh_from_db()
    assert (operation.state, operation.next_at) == ("succeeded", None)
    assert operation.evidence.filter(source="watch", verdict="applied").count() == 1
    assert not Discrepancy.objects.exists()


def test_a_code_that_they_left_unused_in_spite_of_their_yes_is_listed(counter: SaleDesk, twin: RunningSandbox) -> None:
    operation = finish(counter.sell())
    twin.control.put_vouchers(SHOP, {"code": CODES[1], "status": "available"})

    def looked() -> bool:
        Operation.objects.filter(pk=operation.pk, next_at__isnull=False).update(next_at=timezone.now())
        operations.settle_operation(operation.pk)
        return Discrepancy.objects.exists()

    eventually(looked)
    operation.refresh_from_db()
    assert (operation.state, operation.next_at) == ("succeeded", None)
    assert Discrepancy.objects.get().kind == "missing_effect"


@pytest.mark.parametrize("how", ["500", "rst", "close"])
@pytest.mark.parametrize("count", [1, 2])
def test_a_part_is_told_code_by_code(counter: SaleDesk, twin: RunningSandbox, how: str, count: int) -> None:
    twin.control.fault("partial", endpoint="redeem", count=count, how=how)
    operation = finish(counter.sell())
    assert operation.state == "partial"
    assert (
        used_in(operation)
        == {resource(code) for code in CODES[:count]}
        == {resource(code) for code in counter.burned()}
    )
    row = selectors.redemptions_for(counter.place.actor).get()
    assert cards.taken_off(row) == sum(WORTH[:count])
    assert cards.to_pay(row) == 200 - sum(WORTH[:count])
    assert [one["tone"] for one in cards.lines_of(row)] == ["done"] * count + ["refused"] * (3 - count)
    assert counter.burns() == 1, "what was burned in part is never sent again by a machine"


def test_the_rest_of_a_part_can_be_redeemed_and_the_used_ones_stay_ours(
    counter: SaleDesk, twin: RunningSandbox
) -> None:
    twin.control.fault("partial", endpoint="redeem", count=1)
    operation = finish(counter.sell())
    held = {claim.resource for claim in Claim.objects.filter(operation=operation, open=True)}
    assert held == {resource(CODES[0])}
    again = services.look_up_again(operation.redemption.lookup, counter.place, now=timezone.now())
    for row in (again, *selectors.others_of(again)):
        services.look_up_voucher(row.pk)
    again.refresh_from_db()
    services.confirm_owner(again, AMINA)
    services.set_total(again, Decimal(100), now=timezone.now())
    rest = finish(Operation.objects.get(redemption=counter.press(again)))
    assert (rest.state, rest.amount) == ("succeeded", WORTH[1] + WORTH[2])
    assert {code: len(effects) for code, effects in counter.burned().items()} == dict.fromkeys(CODES, 1)
    assert counter.scan(CODES[0]).refusal_code == "already_used_here"


def test_two_looks_must_agree_on_which_part(counter: SaleDesk, twin: RunningSandbox) -> None:
    """Between two looks another code is burned: the count begins again, and nobody is told half of the truth."""
    twin.control.fault("partial", endpoint="redeem", count=1)
    operation = counter.send(counter.sell())
    eventually(lambda: turn(operation) and Operation.objects.get(pk=operation.pk).clear_looks)
    twin.control.put_vouchers(SHOP, {"code": CODES[1], "status": "burned"})
    finish(operation)
    assert used_in(operation) == {resource(CODES[0]), resource(CODES[1])}


def test_a_lost_answer_is_found_and_sent_no_second_time(counter: SaleDesk, twin: RunningSandbox) -> None:
    twin.control.fault("drop_after", endpoint="redeem", how="rst")
    operation = finish(counter.sell())
    assert (operation.state, operation.evidence_level, counter.burns()) == ("succeeded", "inferred", 1)


def test_a_lost_request_is_sent_again_with_the_same_bytes(counter: SaleDesk, twin: RunningSandbox) -> None:
    twin.control.fault("drop_before", endpoint="redeem")
    operation = finish(counter.sell())
    bodies = {seen.body_sha256 for seen in twin.control.requests(SHOP) if seen.endpoint == "redeem"}
    assert (operation.state, counter.burns(), len(bodies)) == ("succeeded", 2, 1)


def test_a_refused_second_send_proves_nothing(counter: SaleDesk, twin: RunningSandbox) -> None:
    """The first send did it, reads lag behind, so it is sent again, and refused: because it was done."""
    twin.control.rules(SHOP, order_replay="refused", order_conflict="422")
    operation = counter.sell(CODES[0])
    twin.control.fault("drop_after", endpoint="redeem")
    twin.control.fault("stale_read", endpoint="find", seconds=600, times="forever")
    eventually(lambda: turn(operation) is not None and counter.burns() == 2)
    twin.control.clear_faults()
    operation = finish(Operation.objects.get(pk=operation.pk))
    assert operation.evidence.filter(source="response", verdict="refused").exists()
    assert (operation.state, operation.evidence_level) == ("succeeded", "inferred")


def test_one_code_used_meanwhile_refuses_the_sale_and_nothing_is_sent(counter: SaleDesk, twin: RunningSandbox) -> None:
    operation = counter.sell()
    twin.control.put_vouchers(SHOP, {"code": CODES[2], "status": "burned"})
    operation = finish(operation)
    assert (operation.state, operation.refusal_code, counter.burns()) == ("refused", "already_used", 0)


# Their export, where there is a login for it ------------------------------------------------------------------------------


def test_what_their_export_lists_under_our_order_was_us(counter: SaleDesk, twin: RunningSandbox) -> None:
    twin.control.fault("drop_after", endpoint="redeem")
    operation = finish(counter.sell())
    assert (operation.state, operation.outcome["seen"]["order"]) == ("succeeded", "listed")


def test_what_another_till_has_burned_meanwhile_is_no_success_of_ours(
    counter: SaleDesk, twin: RunningSandbox, settings: Any
) -> None:
    """Our request was lost, and somebody burned the vouchers at a gas station: their export knows that order and not ours."""
    settings.WINDOWS = dataclasses.replace(QUICK, send_before=1, review=1)
    operation = counter.sell(CODES[0])
    twin.control.fault("drop_before", endpoint="redeem")
    twin.control.fault("human", endpoint="find", skip=1, when="before")  # the look before sending found it usable
    operation = finish(operation)
    assert (operation.state, operation.is_open) == ("needs_review", True)
    assert operation.evidence.filter(code="used_by_another").exists()


@pytest.mark.parametrize("export", ["silent", "down"])
def test_without_a_word_from_their_export_the_codes_decide(
    counter: SaleDesk, twin: RunningSandbox, export: str
) -> None:
    twin.control.fault("drop_after", endpoint="redeem")
    if export == "silent":
        twin.control.rules(SHOP, export="silent")
    else:
        twin.control.fault("status", endpoint="export", status=500, times="forever")
    assert finish(counter.sell()).state == "succeeded"


def test_a_code_of_a_running_sale_is_refused_at_another_till(counter: SaleDesk) -> None:
    counter.sell(*CODES)
    assert counter.scan(CODES[2]).refusal_code == "in_use_here"


def test_two_sales_that_share_a_code_make_one_operation(counter: SaleDesk) -> None:
    one, other = counter.draft(CODES[0], CODES[1]), counter.draft(CODES[1], HERS)
    counter.press(one)
    assert refused(counter.press, other) == "in_use_here"
    assert Operation.objects.count() == 1


def test_the_phone_is_nowhere_in_clear(counter: SaleDesk) -> None:
    """Sealed with the draft while it is needed, and gone with it."""
    operation = finish(counter.sell())
    make_due(operation)
    with connection.cursor() as cursor:
        for table in ("vouchers_lookup", "vouchers_redemption", "vouchers_redemptionline", "vouchers_voucher"):
            cursor.execute(f"SELECT count(*) FROM {table} t WHERE t::text LIKE %s", ["%661234501%"])
            assert cursor.fetchone() == (0,), table
        clear = "SELECT count(*) FROM providers_call t WHERE t::text LIKE %s OR t::text LIKE %s"
        cursor.execute(clear, ["%661234501%", f"%{CODES[0]}%"])
        assert cursor.fetchone() == (0,)
    assert not Lookup.objects.exclude(sealed_cards=b"").exists()
