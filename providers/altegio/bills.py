"""What an answer to an act in a visit proves: it is the visit's bill, and only what it shows counts."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from providers.altegio import mapping
from providers.altegio.answers import success_of, unknown
from providers.contracts import LoyaltyTransactionRecord, Movement, Receipt, VisitLoyaltyRecord
from providers.http import Answer
from providers.normalise import plain_amount, zone_named


def receipt_of_withdrawal(
    answer: Answer, card_id: str, visit_id: str, known: Collection[str], secrets: Collection[str]
) -> Receipt:
    """New withdrawals from our card. What they come to is what was taken: it may be less than was asked for (§4.1)."""
    bill = _bill(answer, secrets)
    made = [one for one in bill.transactions if one.movement is Movement.WITHDRAWAL and one.card_id == card_id]
    return _applied(answer, bill, _new(made, known), {"card": card_id, "visit": visit_id}, secrets)


def receipt_of_program(
    answer: Answer, card_id: str, program_id: str, visit_id: str, known: Collection[str], secrets: Collection[str]
) -> Receipt:
    bill = _bill(answer, secrets)
    made = [one for one in bill.transactions if _is_of_program(one, card_id, program_id)]
    names = {"card": card_id, "program": program_id, "visit": visit_id}
    return _applied(answer, bill, _new(made, known), names, secrets)


def receipt_of_referral(answer: Answer, visit_id: str, known: Collection[str], secrets: Collection[str]) -> Receipt:
    """A discount that stands on no card (§4.2)."""
    bill = _bill(answer, secrets)
    made = [one for one in bill.transactions if one.movement is Movement.DISCOUNT and not one.card_id]
    return _applied(answer, bill, _new(made, known), {"visit": visit_id}, secrets)


def receipt_of_cancelled_withdrawal(
    answer: Answer, card_id: str, record_id: str, visit_id: str, secrets: Collection[str]
) -> Receipt:
    bill = _bill_of(answer, record_id, secrets)
    left = [one for one in bill.transactions if one.movement is Movement.WITHDRAWAL and one.card_id == card_id]
    return _cancelled(answer, bill, left, {"card": card_id, "visit": visit_id}, secrets)


def receipt_of_cancelled_program(
    answer: Answer, card_id: str, program_id: str, record_id: str, visit_id: str, secrets: Collection[str]
) -> Receipt:
    bill = _bill_of(answer, record_id, secrets)
    left = [one for one in bill.transactions if _is_of_program(one, card_id, program_id)]
    return _cancelled(answer, bill, left, {"card": card_id, "program": program_id, "visit": visit_id}, secrets)


def _is_of_program(one: LoyaltyTransactionRecord, card_id: str, program_id: str) -> bool:
    return one.movement is Movement.DISCOUNT and (one.card_id, one.program_id) == (card_id, program_id)


def _new(made: Sequence[LoyaltyTransactionRecord], known: Collection[str]) -> list[LoyaltyTransactionRecord]:
    return [one for one in made if one.external_id not in known]


def _applied(
    answer: Answer,
    bill: VisitLoyaltyRecord,
    made: Sequence[LoyaltyTransactionRecord],
    names: Mapping[str, str],
    secrets: Collection[str],
) -> Receipt:
    """Without anything new nobody can tell an answer about nothing from one about another visit: a look does."""
    if not made:
        unknown("nothing_applied", answer, secrets)
    return Receipt(
        references={
            **names,
            "transactions": " ".join(one.external_id for one in made),
            "amounts": " ".join(plain_amount(one.amount) for one in made),
            "applied": plain_amount(mapping.total(made)),
            "left_to_pay": plain_amount(bill.left_to_pay),
        }
    )


def _cancelled(
    answer: Answer,
    bill: VisitLoyaltyRecord,
    left: Sequence[LoyaltyTransactionRecord],
    names: Mapping[str, str],
    secrets: Collection[str],
) -> Receipt:
    if left or not bill.items:  # a visit without items has nothing that was ever paid with points
        unknown("still_there" if left else "other_record", answer, secrets)
    return Receipt(references={**names, "left_to_pay": plain_amount(bill.left_to_pay)})


def _bill(answer: Answer, secrets: Collection[str]) -> VisitLoyaltyRecord:
    try:
        return mapping.bill(success_of(answer, secrets), zone_named("UTC"))
    except ValueError:
        unknown("unreadable", answer, secrets)


def _bill_of(answer: Answer, record_id: str, secrets: Collection[str]) -> VisitLoyaltyRecord:
    """What a bill about another visit does not show proves nothing."""
    bill = _bill(answer, secrets)
    if not bill.may_be_of(record_id):
        unknown("other_record", answer, secrets)
    return bill
