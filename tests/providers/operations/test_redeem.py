"""One redemption from the press to its end, and everything that must keep it from being sent."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from branches.models import User
from providers import operations
from providers.models import Account, AccountHealth, Call, Claim, Operation, Source
from providers.operations.journal import Journal
from providers.registry import client_for
from providers.sandbox.running import RunningSandbox
from providers.secrets import unseal
from tests.lossy import cable, through
from tests.providers.operations.truth import assert_stays, assert_true
from tests.scene import (
    CODE,
    OTHER_CODE,
    QUICK,
    SLUG,
    Desk,
    at_once,
    documented_body,
    effects,
    eventually,
    finish,
    history,
    in_thread,
    looks,
    make_due,
    refusal,
    sha256,
    writes,
)
from vouchers import services
from vouchers.effects import KIND, resource
from vouchers.models import Lookup, Redemption
from vouchers.services import CannotRedeem

# The way it should be -------------------------------------------------------------------------------------------------


def test_it_uses_the_voucher_once_with_the_documented_bytes(desk: Desk, twin: RunningSandbox) -> None:
    operation = finish(desk.redeem())
    assert_true(operation, twin)
    assert_stays(operation)
    assert [step for step, _reason in history(operation)] == ["created", "preparing", "sending", "succeeded"]
    (effect,) = effects(twin)
    assert effect.amounts == {
        "voucher_price": "200",
        "total_services_price": "600",
        "total_client_paid_amount": "400",
    }
    assert effect.body_sha256 == sha256(documented_body())


def test_it_keeps_every_id_of_the_answer(desk: Desk, twin: RunningSandbox) -> None:
    operation = finish(desk.redeem())
    voucher = next(one for one in twin.control.vouchers(SLUG) if one["voucher_code"] == CODE)
    names = ("id", "center_id", "voucher_id", "order_id", "created_at", "updated_at")
    references = operation.outcome["references"]
    assert references == {name: str(voucher[name]) for name in names} | {"client_id": str(voucher["client"]["id"])}
    assert operation.evidence.get(source="response").facts["references"] == references
    assert operation.evidence_level == "response"


def test_its_row_says_who_where_what_and_how_much(desk: Desk) -> None:
    redemption = desk.press(desk.draft(OTHER_CODE, "600.50"))
    operation = redemption.operation
    place = desk.place
    assert (operation.actor, operation.branch, operation.till) == (place.actor, place.branch, place.till)
    assert (operation.amount, operation.currency) == (Decimal(150), "SAR")
    assert (redemption.services_total, redemption.client_pays) == (Decimal("600.50"), Decimal("450.50"))
    assert redemption.business_date == place.branch.business_date(timezone.now())
    request = unseal(operation.sealed_request, operation.request_context())
    assert operation.request_sha256 == hashlib.sha256(request.encode()).hexdigest()
    assert json.loads(request)["services_total"] == "600.5"


def test_amounts_with_halalas_reach_the_provider_as_they_are(desk: Desk, twin: RunningSandbox) -> None:
    twin.control.put_vouchers(SLUG, {"voucher_code": CODE, "price_value": 75.5})
    finish(desk.redeem(CODE, "1000000.05"))
    assert effects(twin)[0].amounts == {
        "voucher_price": "75.5",
        "total_services_price": "1000000.05",
        "total_client_paid_amount": "999924.55",
    }


def test_pressing_twice_gives_the_same_redemption(desk: Desk, twin: RunningSandbox) -> None:
    lookup = desk.draft()
    first = desk.press(lookup)
    assert desk.press(lookup) == first
    finish(first.operation)
    assert desk.press(lookup) == first
    assert Operation.objects.count() == len(writes(twin)) == 1


def test_pressing_ten_times_in_the_same_moment_gives_the_same_redemption(desk: Desk, twin: RunningSandbox) -> None:
    lookup = desk.draft()
    pressed = at_once([lambda: desk.press(lookup)] * 10)
    assert pressed == [Redemption.objects.get()] * 10
    finish(Operation.objects.get())
    assert len(writes(twin)) == 1


def test_a_form_that_was_recorded_is_found_again_even_when_the_provider_is_away(desk: Desk) -> None:
    intent = intent_of(desk, desk.draft())
    first = operations.open_operation(intent)
    AccountHealth.objects.update(open_until=first.created_at + dt.timedelta(days=1))
    assert operations.open_operation(dataclasses.replace(intent, reference="W-TEST-0002")) == first


def test_somebody_who_lets_go_in_the_same_moment_is_nobody_in_the_way(desk: Desk) -> None:
    """Their claim stopped the insert and was gone when we asked whose it was: nothing is wrong, and nothing was sent."""
    lookup = desk.draft()
    intent = intent_of(desk, lookup)
    tries: list[Operation] = []

    def record(operation: Operation) -> None:
        tries.append(operation)
        if len(tries) == 1:
            raise IntegrityError("one_open_claim")

    operation = operations.open_operation(intent, record)
    assert [one.pk for one in tries] == [operation.pk] * 2
    assert Claim.objects.get().operation == operation


def intent_of(desk: Desk, lookup: Lookup) -> operations.Intent:
    assert lookup.account is not None
    return operations.Intent(
        kind=KIND,
        account=lookup.account,
        branch=lookup.branch,
        till=None,
        actor=desk.place.actor,
        source=Source.STAFF,
        request="{}",
        resources=[resource(lookup.code)],
        amount=Decimal(200),
        currency="SAR",
        form_token=lookup.pk,
        reference="W-TEST-0001",
        snapshot={},
    )


# What may not be sent -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"status": "used"}, "already_used"),
        ({"status": "expired"}, "expired"),
        ({"status": "canceled"}, "canceled"),
        ({"status": "canceld"}, "canceled"),
        ({"status": "pending"}, "not_found"),
        ({"status": "frozen"}, "unseen_status"),
        ({"price_value": 199.99}, "value_changed"),
    ],
)
def test_a_voucher_that_changed_since_it_was_looked_up_is_not_sent(
    desk: Desk, twin: RunningSandbox, change: dict[str, Any], code: str
) -> None:
    operation = desk.redeem()
    twin.control.put_vouchers(SLUG, {"voucher_code": CODE, **change})
    finish(operation)
    assert_true(operation, twin)
    assert_stays(operation)
    assert (operation.state, operation.refusal_code) == ("refused", code)
    assert writes(twin) == []
    assert operation.discrepancies.filter(kind="unseen_status").exists() == (code == "unseen_status")


def test_after_a_refusal_the_code_is_free_again(desk: Desk, twin: RunningSandbox) -> None:
    operation = desk.redeem()
    twin.control.put_vouchers(SLUG, {"voucher_code": CODE, "status": "frozen"})
    assert finish(operation).state == "refused"
    twin.control.put_vouchers(SLUG, {"voucher_code": CODE, "status": "verified"})
    assert finish(desk.redeem()).state == "succeeded"


def test_an_incomplete_draft_is_not_recorded(desk: Desk) -> None:
    lookup = desk.look_up()
    assert refusal(desk, lookup).code == "person_missing"
    services.choose_person(lookup, lookup.cards[0]["id"])
    assert refusal(desk, lookup).code == "total_missing"
    with pytest.raises(CannotRedeem, match="total_too_small"):
        services.set_total(lookup, Decimal("199.99"), now=timezone.now())
    too_small = refusal(desk, lookup)
    assert (too_small.code, too_small.figures["difference"]) == ("total_too_small", Decimal("0.01"))
    assert not Operation.objects.exists()


def test_an_intent_that_is_too_old_is_never_sent(desk: Desk, twin: RunningSandbox, settings: Any) -> None:
    settings.WINDOWS = dataclasses.replace(QUICK, send_before=0.1)
    operation = desk.redeem()
    asked = len(looks(twin))
    eventually(lambda: timezone.now() > operation.send_before)
    finish(operation)
    assert_true(operation, twin)
    assert (operation.state, operation.refusal_code) == ("not_sent", "too_late")
    assert (len(looks(twin)), writes(twin)) == (asked, [])


def test_an_intent_that_grows_too_old_during_the_look_before_sending_is_never_sent(
    desk: Desk, twin: RunningSandbox, settings: Any
) -> None:
    settings.WINDOWS = dataclasses.replace(QUICK, send_before=1.0)
    operation = desk.redeem()
    twin.control.fault("delay", endpoint="find", seconds=1.2)
    finish(operation)
    assert_true(operation, twin)
    assert (operation.state, operation.refusal_code) == ("not_sent", "too_late")
    assert writes(twin) == []


def test_nothing_is_sent_after_the_send_window(desk: Desk, twin: RunningSandbox, settings: Any) -> None:
    """Between the committed attempt and the first byte this machine stood still."""
    settings.WINDOWS = dataclasses.replace(QUICK, send=0.5)
    operation = desk.redeem()
    with cable(nth=2, how=1.0) as slow:  # the attempt's commit
        done: list[Any] = []
        in_thread(through(slow, lambda: operations.send_operation(operation.pk)), done).join(60)
    assert slow.met.is_set()
    assert done == ["created"]
    assert writes(twin) == []
    settings.WINDOWS = QUICK
    finish(operation)
    assert_true(operation, twin)
    assert operation.state == "succeeded"


def test_a_call_inside_a_transaction_is_a_mistake_that_stops_it(
    desk: Desk, account: Account, twin: RunningSandbox
) -> None:
    lookup = desk.draft()
    asked = len(twin.control.requests(SLUG))
    with transaction.atomic(), pytest.raises(AssertionError, match="inside a database transaction"):
        client_for(account, Journal(account)).find_voucher(CODE)
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        desk.press(lookup)
    assert len(twin.control.requests(SLUG)) == asked


# The journal ----------------------------------------------------------------------------------------------------------


def test_the_journal_has_every_call_and_no_secret(desk: Desk, twin: RunningSandbox) -> None:
    operation = finish(desk.redeem())
    paths = list(operation.calls.order_by("at").values_list("path", flat=True))
    assert paths == ["/findClientCenterVouchers", "/makeClientCenterVouchersUsed"]
    assert len(twin.control.requests(SLUG)) == Call.objects.count()
    everything = json.dumps(list(Call.objects.values("sent", "received")))
    for secret in (CODE, "*@123#", "centeradmintesting@admin.com", "501234569", "eyJ"):
        assert secret not in everything


def test_staff_of_another_branch_see_who_holds_the_code(desk: Desk, other_desk: Desk, reem: User) -> None:
    theirs = other_desk.draft()
    operation = desk.redeem()
    held = refusal(other_desk, theirs)
    assert (held.code, held.holder) == ("in_use_here", operation)
    assert held.holder is not None
    assert (held.holder.actor, held.holder.branch.code) == (reem, "olaya")
    finish(operation)
    make_due(operation)
    assert refusal(other_desk, theirs).code == "already_used_here"
