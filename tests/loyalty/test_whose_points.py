"""Points by hand whose answer was lost: which of the provider's transactions was ours, and when nobody can tell (§3.3)."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from decimal import Decimal
from typing import Any

import pytest

from loyalty.effects.points import MovePoints
from loyalty.models import Act, Ask
from loyalty.selectors import asks_due
from loyalty.services import answer_ask
from providers.contracts.loyalty import LoyaltyCardRecord, LoyaltyProvider
from providers.contracts.loyalty_orders import ManualTransaction
from providers.models import AccountHealth, Operation, State
from providers.operations import Look, ReviewRefused, Verdict, decide
from providers.secrets import unseal
from tests.loyalty.salon import Salon
from tests.reservations.clinic import finish, pass_review, turn

pytestmark = pytest.mark.django_db(transaction=True)
WHY = {"reason": "issuer_portal"}


def lost(salon: Salon, amount: str = "20", **more: Any) -> Act:
    """It happened, and we were not told."""
    salon.twin.control.fault("drop_after", endpoint="by_hand")
    act = salon.give(amount, **more)
    turn(act.operation)
    assert act.operation.state == State.UNKNOWN
    return act


def never_arrived(salon: Salon, amount: str = "20") -> Act:
    salon.twin.control.fault("drop_before", endpoint="by_hand")
    act = salon.give(amount)
    turn(act.operation)
    return act


def by_a_colleague(salon: Salon, amount: str = "20") -> None:
    """At their own reception."""
    card = salon.card()
    salon.client.transact(ManualTransaction(card.external_id, Decimal(amount), title="Their own", scope="location"))


def answered(salon: Salon) -> None:
    for ask_id in asks_due():
        answer_ask(ask_id)


def look(salon: Salon, act: Act, client: LoyaltyProvider | None = None, **asked: str) -> Look:
    """What a settler's next look would say."""
    operation = Operation.objects.get(pk=act.operation_id)
    return MovePoints().look_since(client or salon.client, {**request_of(operation), **asked}, operation)


def before(salon: Salon, act: Act) -> dict[str, Any]:
    """What a look before sending would see now."""
    return dict(MovePoints().look(salon.client, request_of(Operation.objects.get(pk=act.operation_id))).facts)


def request_of(operation: Operation) -> dict[str, Any]:
    return dict(json.loads(unseal(operation.sealed_request, operation.request_context())))


def reviewed(act: Act) -> Act:
    pass_review(act.operation)
    assert finish(act).state == State.NEEDS_REVIEW
    return Act.objects.select_related("operation__branch").get(pk=act.pk)


def test_the_one_that_is_new_and_fits_was_ours(salon: Salon) -> None:
    by_a_colleague(salon)
    act = lost(salon)
    by_a_colleague(salon, "7")
    assert finish(act).state == State.SUCCEEDED
    act.refresh_from_db()
    assert len(act.transaction_ids) == 1
    assert (act.applied, act.balance_before, act.balance_after) == (20, 120, 147)


def test_points_that_are_earned_meanwhile_are_not_taken_for_ours(salon: Salon) -> None:
    act = never_arrived(salon)
    salon.twin.control.act("altegio", "earn", card=int(act.card_id), amount="20")
    assert finish(act).state == State.NOT_APPLIED
    assert salon.balance() == 120


def test_of_two_that_fit_a_person_names_ours(salon: Salon) -> None:
    act = lost(salon)
    by_a_colleague(salon)
    act = reviewed(act)
    found = look(salon, act)
    assert (found.verdict, found.code) == (Verdict.UNCLEAR, "several")
    first, second = found.facts["new"]
    person = salon.supervisor.actor
    assert person is not None
    for named, problem in ((None, "not_named"), ([first, second], "too_many_named"), (["1"], "not_a_candidate")):
        with pytest.raises(ReviewRefused, match=problem):
            decide(act.operation, person, applied=True, named=named, **WHY)
    assert decide(act.operation, person, applied=True, named=[second], **WHY).state == State.RESOLVED_APPLIED
    act.refresh_from_db()
    assert act.transaction_ids == [second]
    assert act.applied == 20


def test_a_colleague_who_does_the_same_by_hand_cannot_be_told_from_us(salon: Salon) -> None:
    """What is left of the risk (§3.3): it looks like ours, and says that it was found by looking."""
    act = never_arrived(salon)
    by_a_colleague(salon)
    operation = finish(act)
    assert (operation.state, operation.evidence_level, salon.balance()) == (State.SUCCEEDED, "inferred", 120)


def test_what_was_known_by_their_word_is_linked_to_its_transaction_afterwards(salon: Salon) -> None:
    act = salon.give("20")
    finish(act)
    act.refresh_from_db()
    assert act.transaction_ids == []
    answered(salon)
    act.refresh_from_db()
    assert len(act.transaction_ids) == 1
    assert not Ask.objects.filter(state=Ask.State.WAITING).exists()


def test_the_one_before_is_told_from_the_next_by_what_the_next_saw_first(salon: Salon) -> None:
    first = salon.give("20")
    finish(first)
    second = lost(salon)
    answered(salon)
    first.refresh_from_db()
    assert len(first.transaction_ids) == 1, "what stood there before the second was sent was the first's"
    assert finish(second).state == State.SUCCEEDED
    second.refresh_from_db()
    assert len({*first.transaction_ids, *second.transaction_ids}) == 2


class Unexplained:
    """A card of theirs has more on it than its transactions say."""

    def __init__(self, client: LoyaltyProvider, more: str) -> None:
        self._client, self._more = client, Decimal(more)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def cards_of_client(self, client_id: str) -> list[LoyaltyCardRecord]:
        cards = self._client.cards_of_client(client_id)
        return [dataclasses.replace(one, balance=one.balance + self._more) for one in cards]


def test_one_that_was_listed_late_may_be_the_one_before(salon: Salon) -> None:
    """The first was done by their word, and stood in no list when the second was sent."""
    first = salon.give("20")
    finish(first)
    listed = list(before(salon, first)["moves"])
    second = never_arrived(salon)
    Act.objects.filter(pk=first.pk).update(transaction_ids=[])  # before it was sent the second had looked it up
    snapshot = second.operation.snapshot
    snapshot["before"]["moves"] = {}
    Operation.objects.filter(pk=second.operation_id).update(snapshot=snapshot)
    found = look(salon, second)
    assert (found.verdict, found.code, found.facts["new"]) == (Verdict.UNCLEAR, "whose_is_open", listed)
    answered(salon)
    assert look(salon, second).code in ("", "balance_does_not_add_up")
    assert look(salon, second).verdict != Verdict.APPLIED


def test_a_balance_that_does_not_add_up_closes_nothing(salon: Salon) -> None:
    act = lost(salon)
    assert look(salon, act).verdict == Verdict.APPLIED
    found = look(salon, act, Unexplained(salon.client, more="5"))
    assert (found.verdict, found.code) == (Verdict.UNCLEAR, "balance_does_not_add_up")


def test_a_balance_that_moved_without_a_transaction_is_no_negative_either(salon: Salon) -> None:
    act = never_arrived(salon)
    assert look(salon, act).verdict == Verdict.CLEAR
    found = look(salon, act, Unexplained(salon.client, more="20"))
    assert (found.verdict, found.code) == (Verdict.UNCLEAR, "balance_does_not_add_up")


@pytest.mark.parametrize("days", [-1, 1])
def test_midnight_hides_nothing(salon: Salon, days: int) -> None:
    """Their list knows days only, and their day may not be ours: in the first hours of a night in Riyadh it is not."""
    act = lost(salon)
    day = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=days)
    assert look(salon, act, day=day.isoformat()).verdict == Verdict.APPLIED


def test_where_no_list_shows_why_the_balance_moved_nothing_is_said(salon: Salon) -> None:
    assert look(salon, lost(salon), day="2024-01-01").verdict == Verdict.UNCLEAR


def test_nothing_is_sent_while_their_list_lags_behind_what_we_moved(salon: Salon) -> None:
    finish(salon.give("20"))
    salon.twin.control.fault("stale_read", endpoint="transactions", seconds=3600, times="forever")
    act = salon.give("20")
    turn(act.operation)
    assert (act.operation.state, act.operation.refusal_code, act.operation.sends) == (State.CREATED, "list_lags", 0)
    assert not AccountHealth.objects.filter(account=salon.account, failures__gt=0).exists(), "they answered"
    salon.twin.control.clear_faults()
    assert finish(act).state == State.SUCCEEDED
    assert salon.balance() == Decimal(140)
