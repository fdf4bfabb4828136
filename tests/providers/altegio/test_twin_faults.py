"""What goes wrong between client and twin, and how the twin counts."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from providers.altegio.sandbox_rate import Buckets
from providers.altegio.sandbox_salon import number_of
from providers.altegio.sandbox_visits import split
from providers.contracts import CardRemoval, CardWithdrawal, ManualTransaction, WithdrawalCancellation
from providers.errors import Misconfigured, OutcomeUnknown, Rejected, Unavailable
from providers.sandbox.remote import ControlRefused
from providers.sandbox.running import RunningSandbox
from tests.providers.altegio.salon import FIRST, LOGIN, OMAR, SARA, SLUG, VISIT, bill_of, card_of, client_of, points

SPOILING = (
    *("garbage", "empty", "truncated", "null_data", "wrong_code", "duplicate_keys", "nan", "bad_utf8", "wrong_types"),
    *("unseen_status", "html_login", "status", "redirect"),
)
FAULTS: list[dict[str, Any]] = [
    *({"kind": kind} for kind in ("drop_before", "drop_after", "partial", "human", "unauthorized")),
    *({"kind": "status", "status": status, "body": "json"} for status in (429, 500, 503)),
    *({"kind": kind, "after": after} for kind in SPOILING for after in (False, True)),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: " ".join(map(str, fault.values())))
@pytest.mark.parametrize("endpoint", ["by_hand", "withdraw", "cancel_withdrawal", "remove"])
@pytest.mark.parametrize("envelope", ["on", "bare"])
def test_no_fault_makes_a_write_say_what_is_not_true(
    fault: dict[str, Any], endpoint: str, envelope: str, quiet: RunningSandbox
) -> None:
    quiet.control.rules(SLUG, envelope=envelope)
    client = client_of(quiet)
    card, other = card_of(client, SARA).external_id, card_of(client, OMAR).external_id
    client.withdraw(CardWithdrawal(other, "502", "9002", Decimal(50)))
    acts: dict[str, Any] = {
        "by_hand": lambda: client.transact(ManualTransaction(card, Decimal(5), "Goodwill")),
        "withdraw": lambda: client.withdraw(CardWithdrawal(card, FIRST, VISIT, Decimal(50))),
        "cancel_withdrawal": lambda: client.cancel_withdrawal(WithdrawalCancellation(other, "502", "9002")),
        "remove": lambda: client.remove_card(CardRemoval(card)),
    }
    quiet.control.fault(provider=SLUG, endpoint=endpoint, **fault)
    done = 0
    try:
        acts[endpoint]()
        done = 1
    except OutcomeUnknown:
        return
    except (Rejected, Misconfigured):
        pass
    ours = [one.endpoint for one in quiet.control.ledger(SLUG) if one.actor == "api"]
    assert ours == ["withdraw"] + [endpoint] * done


@pytest.mark.parametrize("offered", [1, 30, 100, 500])
def test_what_was_lost_on_the_way_is_found_by_looking(quiet: RunningSandbox, offered: int) -> None:
    client = client_of(quiet)
    card = card_of(client, SARA).external_id
    quiet.control.fault("drop_after", provider=SLUG, endpoint="withdraw")
    with pytest.raises(OutcomeUnknown):
        client.withdraw(CardWithdrawal(card, FIRST, VISIT, Decimal(offered)))
    taken = sum((one.amount for one in client.visit_transactions(VISIT)), Decimal(0))
    assert taken == min(offered, 100) == -points(quiet, card)


def test_an_effect_may_come_late(quiet: RunningSandbox) -> None:
    client = client_of(quiet)
    card = card_of(client, SARA).external_id
    quiet.control.fault("late_effect", provider=SLUG, endpoint="by_hand", seconds=0)
    with pytest.raises(OutcomeUnknown):
        client.transact(ManualTransaction(card, Decimal(5), "Goodwill"))


def test_a_stale_read_does_not_know_a_withdrawal_yet(quiet: RunningSandbox) -> None:
    client = client_of(quiet)
    client.withdraw(CardWithdrawal(card_of(client, SARA).external_id, FIRST, VISIT, Decimal(50)))
    quiet.control.fault("stale_read", provider=SLUG, endpoint="cards_of_phone", seconds=600)
    assert [card_of(client, SARA).balance for _ in range(2)] == [Decimal(100), Decimal(50)]


def test_reception_may_take_points_while_we_do(quiet: RunningSandbox) -> None:
    client = client_of(quiet)
    card = card_of(client, SARA).external_id
    quiet.control.fault("human", provider=SLUG, endpoint="by_hand", when="after")
    assert client.transact(ManualTransaction(card, Decimal(5), "Goodwill")).references["balance"] == "105"
    assert (card_of(client, SARA).balance, points(quiet, card)) == (Decimal(95), Decimal(-5))


@pytest.mark.parametrize("rule", [{"user_missing": "401"}, {"user_missing": "403"}, {"unauthorized": "html"}])
def test_without_a_user_nobody_is_told_anything(quiet: RunningSandbox, rule: dict[str, str]) -> None:
    quiet.control.rules(SLUG, **rule)
    quiet.control.revoke_tokens(SLUG)
    client = client_of(quiet, values={"partner_token": LOGIN["partner_token"], "login": "nobody"})
    with pytest.raises(Misconfigured):
        client.card_types()


def test_a_no_under_a_200_decides_nothing(quiet: RunningSandbox) -> None:
    quiet.control.rules(SLUG, refusals="under_200")
    client = client_of(quiet)
    card = card_of(client, SARA).external_id
    with pytest.raises(OutcomeUnknown):
        client.transact(ManualTransaction(card, Decimal(-500), "Goodwill"))
    with pytest.raises(Rejected):
        client.cards_of_client("77")
    assert points(quiet, card) == 0


def test_what_cannot_happen_there_is_refused_with_the_reason(quiet: RunningSandbox) -> None:
    wrong: list[tuple[str, dict[str, Any]]] = [
        ("dance", {}),
        ("generate", {"count": -1}),
        ("touch", {"record": "77"}),
        ("earn", {}),
    ]
    for deed, fields in wrong:
        with pytest.raises(ControlRefused):
            quiet.control.act(SLUG, deed, **fields)
    quiet.control.act(SLUG, "earn", card=9210520, amount="7.50")
    client = client_of(quiet)
    assert card_of(client, SARA).balance == Decimal("107.50") == 100 + points(quiet, "9210520")


# How it counts


def test_more_than_five_at_once_are_too_many(twin: RunningSandbox) -> None:
    twin.control.rules(SLUG, retry_after="present")
    held: list[float] = []
    client = client_of(twin, hold=held.append)
    with pytest.raises(Unavailable) as raised:
        for _ in range(100):
            client.card_types()
    assert (raised.value.code, raised.value.retry_after, held) == ("rate_limited", 1, [1.0])


def test_a_bucket_fills_up_again() -> None:
    buckets, at = Buckets(), dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    assert [buckets.take(at) for _ in range(6)] == [True] * 5 + [False]
    assert buckets.take(at + dt.timedelta(seconds=0.2)) and not buckets.take(at + dt.timedelta(seconds=0.2))
    granted = sum(buckets.take(at + dt.timedelta(seconds=1 + n / 10)) for n in range(1200))  # ten a second, two minutes
    assert 580 <= granted <= 600


def test_many_clients_are_made_when_they_are_asked_for(quiet: RunningSandbox) -> None:
    quiet.control.act(SLUG, "generate", count=28_000)
    client = client_of(quiet)
    (found,) = client.search_clients("966550027999")
    (card,) = client.cards_of_client(found.external_id)
    assert (card.balance, card.number) == (Decimal("499.99"), number_of(60_027_999))
    client.transact(ManualTransaction(card.external_id, Decimal("0.01"), "Goodwill"))
    assert card_of(client, found.phone).balance == 500


# What it does with money

AMOUNTS = st.decimals(min_value=0, max_value=100_000, places=2)


@given(AMOUNTS, st.lists(AMOUNTS, min_size=1, max_size=12))
def test_a_split_comes_to_the_amount_and_no_part_is_below_zero(amount: Decimal, costs: list[Decimal]) -> None:
    parts = split(amount, costs)
    assert len(parts) == len(costs) and min(parts) >= 0
    assert sum(parts) == (amount if sum(costs) else 0)
    assert all(part == part.quantize(Decimal("0.01")) for part in parts)


def test_a_split_is_that_of_their_sample() -> None:
    assert split(Decimal(100), [Decimal(20), Decimal(3000)]) == [Decimal("0.66"), Decimal("99.34")]


@settings(max_examples=15)  # each of them is a conversation
@given(st.lists(st.decimals(min_value="0.01", max_value=200, places=2), min_size=1, max_size=4))
def test_whatever_was_withdrawn_cancelling_restores(only_twin: RunningSandbox, amounts: list[Decimal]) -> None:
    only_twin.control.reset("demo")
    only_twin.control.rules(SLUG, limits="off")
    client = client_of(only_twin)
    card = card_of(client, SARA).external_id
    bill, known = bill_of(client, VISIT, FIRST), []
    for amount in amounts:
        try:
            known += (
                client.withdraw(CardWithdrawal(card, FIRST, VISIT, amount, tuple(known)))
                .references["transactions"]
                .split()
            )
        except OutcomeUnknown:  # the card is empty
            assert card_of(client, SARA).balance == 0
    left = card_of(client, SARA).balance
    assert left == 100 + points(only_twin, card) == max(100 - sum(amounts), Decimal(0))
    assert bill.left_to_pay - bill_of(client, VISIT, FIRST).left_to_pay == 100 - left
    client.cancel_withdrawal(WithdrawalCancellation(card, FIRST, VISIT))
    assert (card_of(client, SARA).balance, bill_of(client, VISIT, FIRST)) == (Decimal(100), bill)
    assert points(only_twin, card) == 0
