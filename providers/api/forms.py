"""What is asked of and answered about operations and mirror runs. The answers are made by PostgreSQL; these describe them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from branches.api.reading import REFERENCE, BranchCode, PageQuery, Text
from providers.standing import STATUSES

Serializer = serializers.Serializer[Any]


class Standing(Serializer):
    """How an operation stands."""

    status = serializers.ChoiceField(choices=STATUSES)
    evidence = serializers.ChoiceField(choices=["response", "inferred", "person"], allow_null=True)
    provider = serializers.CharField()
    branch = serializers.CharField()
    amount = serializers.CharField(help_text="money, as text")
    currency = serializers.CharField()
    provider_reference = serializers.DictField(child=serializers.CharField())
    refusal_code = serializers.CharField(allow_null=True)
    safe_to_retry = serializers.BooleanField(
        help_text="nothing happened: the same may be asked for again, with a new Idempotency-Key"
    )
    external_ref = serializers.CharField(allow_null=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class OperationRow(Standing):
    id = serializers.UUIDField()
    reference = serializers.CharField(help_text="ours, as it stands on the slip and in the staff’s pages")
    kind = serializers.CharField()


class AnyOperationRow(OperationRow):
    """The last four where points are counted, null elsewhere and until they are known."""

    requested = serializers.CharField(allow_null=True, help_text="signed as it was asked for")
    applied = serializers.CharField(allow_null=True, help_text="what was really moved")
    balance = serializers.CharField(allow_null=True, help_text="of the card afterwards")
    left_to_pay = serializers.CharField(allow_null=True, help_text="of the visit afterwards")


class OperationQuery(PageQuery):
    external_ref = Text(max_length=REFERENCE)


class RunQuery(PageQuery):
    branch = BranchCode(required=False)


class RunRow(Serializer):
    id = serializers.IntegerField()
    provider = serializers.CharField()
    branches = serializers.ListField(child=serializers.CharField())
    collection = serializers.CharField()
    status = serializers.ChoiceField(choices=["running", "green", "amber", "red"])
    reasons = serializers.ListField(child=serializers.CharField())
    full = serializers.BooleanField()
    complete = serializers.BooleanField()
    reported = serializers.IntegerField(allow_null=True)
    read = serializers.IntegerField()
    changed = serializers.IntegerField()
    gone = serializers.IntegerField()
    quarantined = serializers.IntegerField()
    began_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
