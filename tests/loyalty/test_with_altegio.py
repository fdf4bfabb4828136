"""Every change to cards and in visits against Altegio's twin, by the real client and the real workers: done, its answer lost
after it happened, lost before it did. Nothing happens twice, and what we say in the end is what stands there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

import pytest

from loyalty.models import Act
from providers.models import State
from tests.loyalty.salon import HIND, MARY, OMAR, SARA, Salon
from tests.reservations.clinic import finish

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass(frozen=True)
class Kind:
    """`endpoint` is its own name at the twin, `opened` the act on what was prepared."""

    endpoint: str
    opened: Callable[[Salon], Callable[[], Act]]
    setting: bool
    stands: Callable[[Salon], bool]


def nothing(salon: Salon) -> None:
    return None


def with_points_in_it(salon: Salon) -> None:
    assert finish(salon.withdraw("60")).state == State.SUCCEEDED


def with_a_program_in_it(salon: Salon) -> None:
    assert finish(salon.apply_program()).state == State.SUCCEEDED


def on(prepared: Callable[[Salon], None], act: Callable[[Salon], Act]) -> Callable[[Salon], Callable[[], Act]]:
    def opened(salon: Salon) -> Callable[[], Act]:
        prepared(salon)
        return lambda: act(salon)

    return opened


def has(balance: str, client_id: str = SARA) -> Callable[[Salon], bool]:
    return lambda salon: salon.balance(client_id) == Decimal(balance)


def left(amount: str, client_id: str = SARA) -> Callable[[Salon], bool]:
    return lambda salon: salon.visit(client_id).left_to_pay == Decimal(amount)


def cards(number: int, client_id: str) -> Callable[[Salon], bool]:
    return lambda salon: len(salon.client.cards_of_client(client_id)) == number


KINDS = {
    "given": Kind("by_hand", on(nothing, lambda s: s.give("20")), False, has("120")),
    "taken": Kind("by_hand", on(nothing, lambda s: s.give("-20")), False, has("80")),
    "given in the chain": Kind(
        "by_hand_in_chain", on(nothing, lambda s: s.give("20", scope="chain")), False, has("120")
    ),
    "withdrawn": Kind("withdraw", on(nothing, lambda s: s.withdraw("60")), False, has("40")),
    "cancelled": Kind("cancel_withdrawal", on(with_points_in_it, lambda s: s.cancel()), True, has("100")),
    "program": Kind("apply_program", on(nothing, lambda s: s.apply_program()), False, left("2718", MARY)),
    "program cancelled": Kind(
        "cancel_program", on(with_a_program_in_it, lambda s: s.cancel_program()), True, left("3020", MARY)
    ),
    "referral": Kind("apply_referral", on(nothing, lambda s: s.refer()), False, left("3033.45")),
    "issued": Kind("issue", on(nothing, lambda s: s.issue()), False, cards(1, HIND)),
    "removed": Kind("remove", on(nothing, lambda s: s.remove(OMAR)), True, cards(0, OMAR)),
}


@pytest.mark.parametrize("fault", ["", "drop_after", "drop_before"])
@pytest.mark.parametrize("name", KINDS)
def test_each_change_ends_as_it_stands_there_and_happens_at_most_once(salon: Salon, name: str, fault: str) -> None:
    kind = KINDS[name]
    press = kind.opened(salon)
    before = len(salon.effects())
    if fault:
        salon.twin.control.fault(fault, endpoint=kind.endpoint)
    act = press()
    operation = finish(act)
    happened = [effect.endpoint for effect in salon.effects()[before:]]
    if fault == "drop_before" and not kind.setting:
        assert (operation.state, happened) == (State.NOT_APPLIED, [])
        return
    inferred = fault and operation.sends == 1
    assert operation.state == State.SUCCEEDED, operation.refusal_code
    assert operation.evidence_level == ("inferred" if inferred else "response")
    assert operation.sends == (2 if fault == "drop_before" else 1)
    assert happened == [kind.endpoint]
    assert kind.stands(salon)
