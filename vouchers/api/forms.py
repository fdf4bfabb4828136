"""What is asked of and answered about vouchers. The answers about redemptions are made by PostgreSQL; these describe them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from branches.api.reading import REFERENCE, BranchCode, Moment, PageQuery, Reference, Strict, Text
from providers.api.forms import Standing
from providers.standing import STATUSES

Serializer = serializers.Serializer[Any]
LONGEST_CODE = 200
MOST_CODES = 20
VERIFIED = ("usable", "used", "expired", "canceled", "not_found", "unknown")


@extend_schema_field(
    {"anyOf": [{"type": "string", "pattern": r"^\d{1,10}(\.\d{1,2})?$"}, {"type": "number", "minimum": 0}]}
)
class Money(serializers.DecimalField):
    """As text or as a number; two digits after the point."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=12, decimal_places=2, min_value=0, **kwargs)

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, bool):
            self.fail("invalid")
        return super().to_internal_value(data)


class VerifyForm(Strict):
    branch = BranchCode()
    provider = Text(max_length=32)
    code = Text(max_length=LONGEST_CODE)


class CardRow(Serializer):
    id = serializers.CharField(help_text="for `card` of a redemption")
    name = serializers.CharField(help_text="masked")
    valid_until = serializers.DateField(allow_null=True)


class Verified(Serializer):
    provider = serializers.CharField()
    code = serializers.CharField(help_text="as we understood it")
    status = serializers.ChoiceField(choices=VERIFIED)
    value = serializers.CharField(allow_null=True)
    currency = serializers.CharField(allow_null=True, help_text="or PTS, for points")
    expires_on = serializers.DateField(allow_null=True)
    holder = serializers.CharField(allow_null=True, help_text="masked")
    cards = CardRow(many=True)
    as_of = serializers.DateTimeField(allow_null=True)
    source = serializers.ChoiceField(  # type: ignore[assignment]  # a name that the base uses for something else
        choices=["provider", "wasl", "none"],
        help_text="who says so: the provider just now, our own books, or nobody in time",
    )


class RedeemForm(Strict):
    branch = BranchCode()
    provider = Text(max_length=32)
    codes = serializers.ListField(child=Text(max_length=LONGEST_CODE), min_length=1, max_length=MOST_CODES)
    services_total = Money(help_text="of the bill, before the vouchers")
    paid = Money(help_text="what the customer pays besides: services_total less the value of the vouchers")
    currency = Text(max_length=3)
    customer_phone = Text(max_length=40, required=False, help_text="of the owner, where the issuer knows owners by it")
    card = Text(
        max_length=80, required=False, help_text="who is there, of the `cards` of verify; the first, if left out"
    )
    external_ref = Reference()


class UsedCode(Serializer):
    last4 = serializers.CharField()
    status = serializers.ChoiceField(choices=["used", "not_used", "unknown"])


class RedemptionRow(Standing):
    id = serializers.UUIDField()
    operation = serializers.UUIDField(help_text="for operations/{id}")
    reference = serializers.CharField()
    services_total = serializers.CharField()
    paid = serializers.CharField()
    codes = UsedCode(many=True)


class RedemptionQuery(PageQuery):
    external_ref = Text(max_length=REFERENCE, required=False)
    status = serializers.ChoiceField(choices=STATUSES, required=False)
    changed_since = Moment(required=False)
