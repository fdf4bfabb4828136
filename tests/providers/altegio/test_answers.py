"""What proves that Altegio did something, what proves that it did not, and what proves nothing: fact sheet §1.3 and §1.4."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from providers.contracts import CardWithdrawal, Referral
from providers.errors import BrokenContract, Misconfigured, OutcomeUnknown, Rejected, Unavailable
from tests.providers.altegio.account import PHONE, USER, captured, desk, refusal
from tests.providers.altegio.acts import CARD, NO, READS, RECORD, VISIT, WRITES, sample
from tests.providers.scripted_server import Script, answer
from tests.providers.test_contracts import PROVES_NOTHING

SEVERAL = ("card_types", "cards_of_phone", "transactions", "visit_loyalty", "search_clients", "page", "check_login")
HUNDRED = Decimal(100)
LISTS = [
    name for name in READS if name not in ("location", "visit_loyalty", "visit", "appointment", "clients_in_chain")
]


@pytest.mark.parametrize("name", WRITES)
@pytest.mark.parametrize("case", PROVES_NOTHING)
def test_an_answer_that_proves_nothing_is_unknown_and_nothing_is_sent_again(name: str, case: str) -> None:
    error, at = refusal(WRITES[name], PROVES_NOTHING[case])
    assert (type(error), at.server.connections) == (OutcomeUnknown, 1)


@pytest.mark.parametrize("name", WRITES)
@pytest.mark.parametrize(("status", "code"), [(400, "provider_refused"), (404, "not_there"), (422, "provider_refused")])
@pytest.mark.parametrize("meta", [{"message": "No."}, [], {}, {"errors": [{"amount": "x"}], "message": "No."}])
def test_a_no_in_their_envelope_is_a_no(name: str, status: int, code: str, meta: object) -> None:
    error, at = refusal(WRITES[name], answer({"success": False, "data": None, "meta": meta}, status))
    assert (type(error), error.code, at.server.connections) == (Rejected, code, 1)


@pytest.mark.parametrize("name", WRITES)
@pytest.mark.parametrize("status", [200, 201, 405, 408, 409, 423, 429, 500, 503])
def test_their_no_under_any_other_status_decides_nothing(name: str, status: int) -> None:
    assert type(refusal(WRITES[name], answer(NO, status))[0]) is OutcomeUnknown


@pytest.mark.parametrize("name", WRITES)
@pytest.mark.parametrize(
    "body", [{"success": False, "data": {"id": 1}}, {"success": "no"}, {"message": "No."}, [NO], "null"]
)
def test_a_no_in_any_other_shape_decides_nothing(name: str, body: object) -> None:
    assert type(refusal(WRITES[name], answer(body, 422))[0]) is OutcomeUnknown


@pytest.mark.parametrize("name", WRITES)
@pytest.mark.parametrize("status", [402, 403])
def test_a_licence_that_ended_and_a_missing_right_are_ours_to_mend(name: str, status: int) -> None:
    error, _ = refusal(WRITES[name], answer(NO, status))
    assert (type(error), error.code) == (Misconfigured, "account_blocked")


@pytest.mark.parametrize("act", ["transact", "transact_in_chain"])
@pytest.mark.parametrize("change", [{"id": 9210521}, {"id": None}, {"balance": None}, {"balance": "many"}])
def test_a_transaction_is_proved_by_our_card_alone(act: str, change: dict[str, Any]) -> None:
    body = sample("manual_transaction.response")
    body["data"] |= change
    assert type(refusal(WRITES[act], answer(body))[0]) is OutcomeUnknown


def test_a_transaction_by_hand_needs_their_yes_beside_the_card() -> None:
    """This call alone is documented with an envelope."""
    assert type(refusal(WRITES["transact"], answer(sample("manual_transaction.response")["data"]))[0]) is OutcomeUnknown


def test_a_removal_is_proved_by_204_and_by_an_older_200_with_their_yes() -> None:
    for script in (answer("", 204), answer({"success": True, "data": [], "meta": []})):
        with desk(script) as at:
            assert WRITES["remove_card"](at.client).references == {"card": CARD}


@pytest.mark.parametrize("change", [{"card_id": 9210521}, {"type_id": 1}])
def test_a_withdrawal_of_another_card_and_a_discount_prove_no_withdrawal(change: dict[str, int]) -> None:
    body = sample("withdraw.response")
    body["loyalty_transactions"] = [one | change for one in body["loyalty_transactions"]]
    error, _ = refusal(WRITES["withdraw"], answer(body))
    assert (type(error), error.code) == (OutcomeUnknown, "nothing_applied")


def test_what_was_there_before_is_not_ours() -> None:
    order = CardWithdrawal(CARD, RECORD, VISIT, HUNDRED, known=("22988861",))
    with desk(captured("withdraw")) as at:
        receipt = at.client.withdraw(order)
    assert (receipt.references["transactions"], receipt.references["applied"]) == ("22988862", "99.34")
    all_known = CardWithdrawal(CARD, RECORD, VISIT, HUNDRED, known=("22988861", "22988862"))
    error, _ = refusal(lambda client: client.withdraw(all_known), captured("withdraw"))
    assert (type(error), error.code) == (OutcomeUnknown, "nothing_applied")


def test_a_cancelled_withdrawal_leaves_a_bill_without_one() -> None:
    body = sample("withdraw.response")
    body["items"][1]["record_id"] = int(RECORD)
    error, _ = refusal(WRITES["cancel_withdrawal"], answer(body))
    assert (type(error), error.code) == (OutcomeUnknown, "still_there")
    body["loyalty_transactions"] = []
    with desk(answer(body)) as at:
        assert WRITES["cancel_withdrawal"](at.client).references["left_to_pay"] == "3020"
    body["items"] = []
    assert type(refusal(WRITES["cancel_withdrawal"], answer(body))[0]) is OutcomeUnknown


@pytest.mark.parametrize("act", ["cancel_withdrawal", "cancel_program"])
def test_a_bill_about_another_visit_proves_no_cancellation(act: str) -> None:
    body = sample("withdraw.response") | {"loyalty_transactions": []}  # its items are of another record than ours
    error, _ = refusal(WRITES[act], answer(body))
    assert (type(error), error.code) == (OutcomeUnknown, "other_record")


def test_a_program_is_proved_by_its_discount_and_a_referral_by_one_on_no_card() -> None:
    body = sample("withdraw.response")
    body["loyalty_transactions"][0] |= {"type_id": 1, "program_id": 18005, "is_discount": True}
    with desk(answer(body)) as at:
        assert WRITES["apply_program"](at.client).references["applied"] == "0.66"
    assert type(refusal(WRITES["cancel_program"], answer(body))[0]) is OutcomeUnknown
    assert type(refusal(WRITES["apply_referral"], answer(body))[0]) is OutcomeUnknown
    body["loyalty_transactions"][0] |= {"card_id": 0}
    with desk(answer(body)) as at:
        assert at.client.apply_referral(Referral(RECORD, VISIT, PHONE)).references["applied"] == "0.66"
        assert "13155550175" not in repr(at.calls)


# Reads


@pytest.mark.parametrize("name", SEVERAL)
@pytest.mark.parametrize("case", [case for case in PROVES_NOTHING if not case.startswith(("401", "403"))])
def test_a_read_never_says_unknown(name: str, case: str) -> None:
    try:
        with desk(PROVES_NOTHING[case]) as at:
            READS[name](at.client)
    except (Unavailable, BrokenContract, Misconfigured, Rejected):
        pass


@pytest.mark.parametrize("name", SEVERAL)
@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_a_provider_that_is_busy_is_unavailable_and_its_wish_is_kept(name: str, status: int) -> None:
    error, _ = refusal(READS[name], answer("", status, {"Retry-After": "7"}))
    assert (type(error), error.retry_after) == (Unavailable, 7)


@pytest.mark.parametrize(("headers", "seconds"), [({"Retry-After": "7"}, 7.0), ({}, 2.0)])
def test_a_429_holds_everybody_back(headers: dict[str, str], seconds: float) -> None:
    held: list[float] = []
    refusal(READS["card_types"], answer(NO, 429, headers), hold=held.append)
    refusal(WRITES["transact"], answer(NO, 429, headers), hold=held.append)
    assert held == [seconds, seconds]


@pytest.mark.parametrize("name", ["location", "visit_loyalty", "visit", "appointment"])
def test_what_they_do_not_have_is_none(name: str) -> None:
    with desk(answer({"success": False, "data": None, "meta": []}, 404)) as at:
        assert READS[name](at.client) is None


def test_nobody_with_a_phone_is_nobody() -> None:
    with desk(answer({"success": False, "data": None, "meta": {"message": "Client not found"}}, 404)) as at:
        assert READS["clients_in_chain"](at.client) == []


@pytest.mark.parametrize("name", [name for name in LISTS if name not in ("check_login",)])
def test_a_no_under_a_200_is_no_empty_list(name: str) -> None:
    error, _ = refusal(READS[name], answer(NO))
    assert (type(error), error.code) == (Rejected, "refused")


def pages(*sizes: int, total: int | None = None) -> list[Script]:
    """Rows with ids of their own, page after page."""
    rows = iter(sample("transactions.response")["data"][0] | {"id": n} for n in range(1, 10_000))
    meta = [] if total is None else {"total_count": total}
    return [answer({"success": True, "data": [next(rows) for _ in range(size)], "meta": meta}) for size in sizes]


@pytest.mark.parametrize(
    ("sizes", "total", "asked"),
    [
        ((25, 25, 3), None, 3),
        ((25, 25, 0), None, 3),  # a last page that is full is followed by an empty one
        ((19,), None, 1),
        ((200, 50), None, 2),
        ((50, 50), 100, 2),
        ((0,), None, 1),
        ((25, 0), 9_000, 2),  # a total that lies ends at nothing new
    ],
)
def test_a_list_ends_where_it_ends_whatever_their_longest_page_is(
    sizes: tuple[int, ...], total: int | None, asked: int
) -> None:
    with desk(*pages(*sizes, total=total)) as at:
        assert len(READS["transactions"](at.client)) == sum(sizes)
    assert at.server.connections == asked


def test_rows_that_move_between_pages_count_once() -> None:
    (page,) = pages(25)
    with desk(page, page) as at:
        assert len(READS["transactions"](at.client)) == 25


def test_a_list_without_an_end_is_an_error_and_no_part_of_the_truth() -> None:
    error, at = refusal(READS["transactions"], *pages(*[25] * 41))
    assert (type(error), error.code, at.server.connections) == (BrokenContract, "list_too_long", 40)


@pytest.mark.parametrize("status", [402, 403])
def test_a_read_without_the_right_is_ours_to_mend(status: int) -> None:
    assert type(refusal(READS["card_types"], answer(NO, status))[0]) is Misconfigured


def test_an_error_repeats_nothing_that_we_sent() -> None:
    body = {"success": False, "data": None, "meta": {"message": f"Phone {PHONE[1:]} with card 9090909 of {USER}"}}
    error, at = refusal(WRITES["issue_card"], answer(body, 422))
    kept = f"{error} {error.detail} {at.calls}"
    assert [word for word in (PHONE[1:], "9090909", USER) if word in kept] == []


def test_the_journal_blots_out_both_tokens_wherever_they_are_repeated() -> None:
    body = {"success": False, "data": None, "meta": {"message": f"Bearer canary-partner, User {USER}: no."}}
    _, at = refusal(READS["card_types"], answer(body, 422))
    assert "no." in repr(at.calls)
    assert [word for word in ("canary-partner", USER) if word in repr(at.calls)] == []
