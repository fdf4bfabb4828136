"""Several vouchers in one sale: one customer, one burn, and for each code what really became of it (S8)."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import ProgrammingError, transaction
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from providers.models import Operation
from providers.sandbox.running import RunningSandbox
from tests.sale import AMINA, BURNED, CODES, HIS, KARIM, SHOP, WORTH, SaleDesk, refused
from tests.scene import finish
from vouchers import selectors, services
from vouchers.models import Lookup, PointsRate, Redemption, Voucher
from vouchers.services import CannotRedeem
from vouchers.services.sale import _worth

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
