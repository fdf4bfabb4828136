"""What is asked of and answered about cards. Answers made by PostgreSQL are described here."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from branches.api.reading import BranchCode, Id, PageQuery, Reference, Strict, Text, Yes
from loyalty.models import Act, LoyaltyTransaction, Reason
from providers.api.forms import OperationRow

Serializer = serializers.Serializer[Any]
THEIR_ID = 80


@extend_schema_field(
    {"anyOf": [{"type": "string", "pattern": r"^-?\d{1,10}(\.\d{1,2})?$"}, {"type": "number"}]},
)
class Signed(serializers.DecimalField):
    """As text or as a number; two digits after the point."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=12, decimal_places=2, **kwargs)

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, bool):
            self.fail("invalid")
        return super().to_internal_value(data)


# Answers --------------------------------------------------------------------------------------------------------------


class MirroredCard(Serializer):
    id = serializers.IntegerField()
    external_id = serializers.CharField()
    provider = serializers.CharField()
    as_of = serializers.DateTimeField(help_text="when it was certainly so at the provider")


class CardTypeRow(MirroredCard):
    title = serializers.CharField()
    chain = serializers.CharField(allow_null=True)


class ProgramOnCard(Serializer):
    id = serializers.IntegerField(allow_null=True, help_text="for `program` in a visit; null until our copy has it")
    external_id = serializers.CharField()
    title = serializers.CharField()
    value = serializers.CharField(allow_null=True)
    unit = serializers.CharField(allow_null=True, help_text="percent or amount")
    is_discount = serializers.BooleanField(allow_null=True)


class LoyaltyCardRow(MirroredCard):
    last4 = serializers.CharField(help_text="of its number")
    type = serializers.CharField()
    balance = serializers.CharField()
    customer = serializers.IntegerField(help_text="whose: our id, as in customers")
    programs = ProgramOnCard(many=True)


class TransactionRow(MirroredCard):
    movement = serializers.ChoiceField(choices=[name for name, _label in LoyaltyTransaction.MOVEMENTS])
    amount = serializers.CharField(help_text="without a sign: the movement has it")
    day = serializers.DateField(allow_null=True, help_text="they tell no more; null until it is known")
    visit_id = serializers.CharField(allow_null=True)
    program_external_id = serializers.CharField(allow_null=True)


class CardActRow(OperationRow):
    subject = serializers.ChoiceField(choices=Act.Subject.values)
    card_external_id = serializers.CharField(allow_null=True, help_text="of a card that was issued: the new one")
    visit_id = serializers.CharField(allow_null=True)
    record_id = serializers.CharField(allow_null=True)
    requested = serializers.CharField(allow_null=True, help_text="points or money, signed as it was asked for")
    applied = serializers.CharField(allow_null=True, help_text="what was really moved; null until that is known")
    balance = serializers.CharField(allow_null=True, help_text="of the card afterwards")
    left_to_pay = serializers.CharField(allow_null=True, help_text="of the visit afterwards")


# Questions ------------------------------------------------------------------------------------------------------------


class TypeQuery(Strict):
    branch = BranchCode()
    phone = Text(
        required=False, max_length=40, help_text="those that can be issued to it now; all of our copy without it"
    )


class CardQuery(Strict):
    branch = BranchCode()
    phone = Text(max_length=40, help_text="E.164, or as it is written in the country of `branch`")


class TransactionsQuery(PageQuery):
    pass


class IssueForm(Strict):
    branch = BranchCode()
    customer = Id(help_text="of customers, or of cards")
    type = Id(help_text="of card-types")
    number = Text(required=False, max_length=24, allow_blank=True, default="", help_text="they make one without it")
    beside = Yes(required=False, default=False, help_text="though the customer has a card already")
    external_ref = Reference()


class RemoveQuery(Strict):
    branch = BranchCode(required=False, help_text="the first of yours at which the card is used, if left out")
    external_ref = Reference()


class PointsForm(Strict):
    branch = BranchCode()
    scope = serializers.ChoiceField(choices=["location", "chain"], help_text="where it is booked")
    amount = Signed(help_text="above zero it gives, below it takes")
    reason = serializers.ChoiceField(choices=Reason.values)
    note = Text(required=False, allow_blank=True, default="", max_length=200, help_text="needed for the reason other")
    external_ref = Reference()


class InVisit(Strict):
    branch = BranchCode()
    record_id = Text(max_length=THEIR_ID, help_text="their record: one of those of the visit")
    external_ref = Reference()


class WithdrawForm(InVisit):
    card = Id()
    amount = Signed(min_value=0)


class ProgramForm(InVisit):
    card = Id()
    program = Id()


class TakeBackQuery(InVisit):
    pass
