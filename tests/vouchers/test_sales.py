"""Several vouchers in one sale: one customer, one burn, and for each code what really became of it (S8)."""

from __future__ import annotations

import dataclasses
import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import ProgrammingError, connection, transaction
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from providers import operations
from providers.models import Claim, Discrepancy, Operation
from providers.sandbox.running import RunningSandbox
from tests.sale import AMINA, BURNED, CODES, HERS, HIS, KARIM, SHOP, SaleDesk
from tests.scene import QUICK, eventually, finish, make_due, turn
from vouchers import cards, selectors, services
from vouchers.effects import resource, used_in
from vouchers.models import Lookup, PointsRate, Redemption, Voucher
from vouchers.services import CannotRedeem
from vouchers.services.sale import _worth

WORTH = [Decimal("9.00"), Decimal("22.95"), Decimal("11.12")]  # 10, 25.5 and 12.35 points at 0.9: 11.115 is rounded up


def refused(work: Any, *arguments: Any, **named: Any) -> str:
    with pytest.raises(CannotRedeem) as refusal:
        work(*arguments, **named)
    return str(refusal.value.code)


# The draft --------------------------------------------------------------------------------------------------------------


def test_points_add_up_and_each_voucher_is_worth_whole_cents(counter: SaleDesk) -> None:
    sale = services.sale_of(counter.draft(*CODES), timezone.now())
    assert [part.worth for part in sale.parts] == WORTH
    assert (sale.worth, sale.currency, sale.rate) == (Decimal("43.07"), "MAD", Decimal("0.9"))


def test_a_code_is_read_as_it_is_written_and_never_folded(counter: SaleDesk) -> None:
    assert counter.scan("kz7mpq2a").refusal_code == "not_found"


def test_the_same_code_twice_is_said_and_counts_once(counter: SaleDesk) -> None:
    first = counter.scan(CODES[0])
    assert refused(counter.scan, CODES[0], first) == "same_code"
    assert len(services.sale_of(first, timezone.now()).parts) == 1


def test_a_voucher_of_somebody_else_is_no_part_of_the_sale(counter: SaleDesk) -> None:
    first = counter.scan(CODES[0])
    his = counter.scan(HIS, first)
    sale = services.sale_of(first, timezone.now())
    assert ([part.lookup.pk for part in sale.parts], sale.others_owners) == ([first.pk], (his,))


def test_a_used_voucher_is_said_and_the_others_go_on(counter: SaleDesk) -> None:
    first = counter.scan(CODES[0])
    assert counter.scan(BURNED, first).refusal_code == "already_used"
    assert len(services.sale_of(first, timezone.now()).parts) == 1


def test_the_customers_number_must_be_the_owners_however_it_is_written(counter: SaleDesk) -> None:
    first = counter.scan(CODES[0])
    assert refused(services.confirm_owner, first, KARIM) == "other_phone"
    assert refused(services.confirm_owner, first, "not a number") == "phone_unreadable"
    for written in (AMINA, "+212 661-234501", "00212661234501", "٠٦٦١٢٣٤٥٠١"):
        services.confirm_owner(first, written)
        assert Lookup.objects.get(pk=first.pk).person


def test_nobody_has_to_wait_for_one_answer_before_the_next_scan(counter: SaleDesk) -> None:
    first = counter.begin(CODES[0])
    others = [counter.begin(code, first) for code in CODES[1:]]
    assert refused(services.confirm_owner, first, AMINA) == "still_looking"
    for row in (*others, first):
        services.look_up_voucher(row.pk)
    assert services.sale_of(Lookup.objects.get(pk=first.pk), timezone.now()).worth == sum(WORTH)


def test_a_sale_goes_on_when_its_first_voucher_cannot_be_used(counter: SaleDesk) -> None:
    first = counter.scan(BURNED)
    assert refused(services.sale_of, first, timezone.now()) == "not_ready"
    for code in CODES:
        counter.scan(code, first)
    services.confirm_owner(first, AMINA)
    services.set_total(first, Decimal(200), now=timezone.now())
    operation = finish(Operation.objects.get(redemption=counter.press(first)))
    assert (operation.state, operation.amount) == ("succeeded", sum(WORTH))
    assert set(counter.burned()) == set(CODES)


def test_another_owner_is_asked_for_anew(counter: SaleDesk) -> None:
    """Whose sale it is may change when a voucher is taken out. The number of the one opens nothing of the other."""
    first = counter.scan(BURNED)
    his = counter.scan(HIS, first)
    counter.scan(CODES[0], first)
    services.confirm_owner(first, KARIM)
    services.set_total(first, Decimal(200), now=timezone.now())
    assert services.ready_to_redeem(first, timezone.now()).sale.owner == his
    services.set_aside(his, now=timezone.now())
    assert refused(services.ready_to_redeem, first, timezone.now()) == "person_missing"
    services.confirm_owner(first, AMINA)
    assert services.ready_to_redeem(first, timezone.now()).sale.worth == WORTH[0]


def test_what_had_no_answer_is_scanned_once_more_in_its_place(counter: SaleDesk, twin: RunningSandbox) -> None:
    first = counter.scan(CODES[0])
    twin.control.fault("status", provider=SHOP, endpoint="find", code=CODES[1], status=503)
    assert counter.scan(CODES[1], first).state == Lookup.State.FAILED
    again = counter.scan(CODES[1], first)
    assert [row.pk for row in selectors.others_of(first)] == [again.pk]
    assert services.sale_of(first, timezone.now()).worth == WORTH[0] + WORTH[1]


def test_a_voucher_of_a_sale_has_no_draft_of_its_own(counter: SaleDesk) -> None:
    first = counter.scan(CODES[0])
    other = counter.scan(CODES[1], first)
    assert refused(services.confirm_owner, other, AMINA) == "other_phone"
    assert refused(services.set_total, other, Decimal(200), now=timezone.now()) == "not_ready"
    assert refused(counter.scan, CODES[2], other) == "not_ready"


def test_the_desk_lists_a_sale_once_and_counts_the_others(counter: SaleDesk) -> None:
    first = counter.scan(CODES[0])
    counter.scan(CODES[1], first)
    counter.scan(BURNED, first)
    place = counter.place
    assert selectors.open_drafts(place.actor, place.branch, timezone.now()) == [(first, 1)]
    begun_badly = counter.scan(BURNED)
    counter.scan(CODES[2], begun_badly)
    assert (begun_badly, 1) in selectors.open_drafts(place.actor, place.branch, timezone.now())


def test_after_no_answer_every_code_is_asked_for_again_once(counter: SaleDesk, twin: RunningSandbox) -> None:
    twin.control.fault("status", provider=SHOP, endpoint="find", code=CODES[0], status=503)
    first = counter.scan(CODES[0])
    counter.scan(CODES[0], first)
    counter.scan(CODES[1], first)
    again = services.look_up_again(first, counter.place, now=timezone.now())
    assert [row.code for row in (again, *selectors.others_of(again))] == list(CODES[:2])


def test_what_was_taken_out_does_not_count(counter: SaleDesk) -> None:
    first = counter.scan(CODES[0])
    services.set_aside(counter.scan(CODES[1], first), now=timezone.now())
    assert services.sale_of(first, timezone.now()).worth == WORTH[0]


def test_the_first_can_be_taken_out_and_the_next_goes_on_in_its_place(counter: SaleDesk) -> None:
    first = counter.draft(*CODES)
    heir = services.take_out(first, now=timezone.now())
    rows = (heir, *selectors.others_of(heir))
    assert [row.code for row in rows] == list(CODES[1:])
    assert services.sale_of(heir, timezone.now()).worth == WORTH[1] + WORTH[2]
    assert (heir.person, heir.services_total) == (first.person, 200), "what the draft knows goes along"
    first.refresh_from_db()
    assert (first.first, first.set_aside_at is not None) == (heir, True), "its page leads to the sale"
    assert selectors.open_drafts(counter.place.actor, counter.place.branch, timezone.now()) == [(heir, 1)]
    operation = finish(Operation.objects.get(redemption=counter.press(heir)))
    assert (operation.state, set(counter.burned())) == ("succeeded", set(CODES[1:]))
    assert counter.scan(CODES[0]).state == Lookup.State.FOUND, "nothing of it was used"


def test_where_the_first_was_the_owners_the_next_owner_is_asked_for(counter: SaleDesk) -> None:
    first = counter.draft(CODES[0])
    his = counter.scan(HIS, first)
    heir = services.take_out(first, now=timezone.now())
    assert heir == his
    assert refused(services.ready_to_redeem, heir, timezone.now()) == "person_missing"
    services.confirm_owner(heir, KARIM)
    assert services.ready_to_redeem(heir, timezone.now()).sale.owner == his


def test_one_that_can_be_used_goes_on_before_one_that_cannot(counter: SaleDesk) -> None:
    first = counter.scan(CODES[0])
    counter.scan(BURNED, first)
    other = counter.scan(CODES[1], first)
    heir = services.take_out(first, now=timezone.now())
    assert heir == other
    assert {row.code for row in selectors.others_of(heir)} == {BURNED}


def test_of_a_sale_that_was_redeemed_nothing_is_taken_out(counter: SaleDesk) -> None:
    first = counter.draft(*CODES)
    counter.press(first)
    assert services.take_out(first, now=timezone.now()) == first
    assert len(selectors.others_of(first)) == 2


def test_no_more_go_in_than_the_issuer_takes(counter: SaleDesk, twin: RunningSandbox) -> None:
    codes = [f"Full{n:04d}" for n in range(11)]
    twin.control.put_vouchers(SHOP, *[{"code": code, "customer": "+212661234501"} for code in codes])
    first = counter.scan(codes[0])
    for code in codes[1:10]:
        counter.scan(code, first)
    assert refused(services.add_voucher, first, codes[10], counter.place, now=timezone.now()) == "too_many_codes"


def test_a_sum_below_the_vouchers_is_refused_in_figures(counter: SaleDesk) -> None:
    with pytest.raises(CannotRedeem) as refusal:
        counter.draft(*CODES, total="40")
    assert refusal.value.figures["difference"] == Decimal("3.07")


def test_without_a_rate_nothing_is_redeemed(counter: SaleDesk) -> None:
    first = counter.scan(CODES[0])
    before = timezone.now() - dt.timedelta(days=2)
    assert refused(services.sale_of, first, before) == "no_rate"


# The value of a point ---------------------------------------------------------------------------------------------------


def test_a_new_rate_counts_from_its_day_on_and_what_was_redeemed_keeps_its_own(counter: SaleDesk) -> None:
    branch, now = counter.place.branch, timezone.now()
    today = branch.business_date(now)
    services.set_rate(branch, SHOP, Decimal(2), today + dt.timedelta(days=1), by=None, now=now)
    assert selectors.rate_on(branch, SHOP, today) == Decimal("0.9")
    assert selectors.rate_on(branch, SHOP, today + dt.timedelta(days=1)) == 2
    finish(counter.sell(CODES[0]))
    services.set_rate(branch, SHOP, Decimal(3), today, by=None, now=now)
    assert Redemption.objects.get().rate == Decimal("0.9")
    assert selectors.rate_on(branch, SHOP, today) == 3


def test_a_rate_is_never_changed_and_never_in_the_past(counter: SaleDesk) -> None:
    branch, now = counter.place.branch, timezone.now()
    with pytest.raises(ValidationError):
        services.set_rate(branch, SHOP, Decimal(2), branch.business_date(now) - dt.timedelta(days=1), by=None, now=now)
    with pytest.raises(ValidationError):
        services.set_rate(branch, "alreaaiaa", Decimal(2), branch.business_date(now), by=None, now=now)
    with pytest.raises(ProgrammingError), transaction.atomic():
        PointsRate.objects.update(rate=5)


@settings(max_examples=200)
@given(
    points=st.lists(st.decimals(0, 5000, places=2), min_size=1, max_size=10),
    rate=st.decimals(Decimal("0.0001"), 20, places=4),
)
def test_the_lines_of_a_bill_always_add_up_to_its_total(points: list[Decimal], rate: Decimal) -> None:
    lines = [_worth(Voucher(value=value, currency="PTS"), rate, "MAD") for value in points]
    assert all(line == line.quantize(Decimal("0.01")) for line in lines)
    assert abs(sum(lines) - sum(points) * rate) <= len(lines) * Decimal("0.005")


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
