"""What is asked of and answered about bookings. Answers made by PostgreSQL are described here."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from branches.api.reading import BranchCode, Id, Moment, PageQuery, Reference, Strict, Text, Whole, Yes
from providers.api.forms import OperationRow
from reservations.forms.changing import DAYS
from reservations.models import Reservation, Subscription

Serializer = serializers.Serializer[Any]
THEIR_ID = 80


# Answers --------------------------------------------------------------------------------------------------------------


class Mirrored(Serializer):
    id = serializers.IntegerField()
    external_id = serializers.CharField()
    provider = serializers.CharField()
    as_of = serializers.DateTimeField(help_text="when it was certainly so at the provider")


class PriceRow(Serializer):
    id = serializers.CharField(help_text="for `price` of slots and subscriptions")
    name = serializers.CharField()
    amount = serializers.CharField()
    currency = serializers.CharField()
    minutes = serializers.IntegerField(allow_null=True)


class QuestionRow(Serializer):
    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # names that the base uses for something else
    required = serializers.BooleanField()  # type: ignore[assignment]  # as above


class PractitionerRow(Serializer):
    id = serializers.CharField()
    name = serializers.CharField()


class ProductRow(Mirrored):
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=["reservation", "subscription"])
    minutes = serializers.IntegerField(allow_null=True)
    prices = PriceRow(many=True)
    practitioners = PractitionerRow(many=True)
    questions = QuestionRow(many=True)


class SlotRow(Serializer):
    id = serializers.CharField(help_text="for `slot` of a booking; good for as long as the time is free")
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    places_left = serializers.IntegerField()
    practitioners = serializers.ListField(child=serializers.CharField())
    total = serializers.CharField(allow_null=True)
    currency = serializers.CharField()


class ReservationRow(Mirrored):
    number = serializers.CharField(allow_null=True)
    status = serializers.ChoiceField(choices=[name for name, _label in Reservation.STATUSES])
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    customer_external_id = serializers.CharField(allow_null=True)
    customer_name = serializers.CharField(help_text="masked")
    customer_phone = serializers.CharField(allow_null=True, help_text="masked")
    product = serializers.CharField()
    price = serializers.CharField()
    quantity = serializers.IntegerField()
    practitioners = PractitionerRow(many=True)
    total = serializers.CharField(allow_null=True)
    remaining = serializers.CharField(allow_null=True)
    currency = serializers.CharField()
    payment_status = serializers.CharField(allow_null=True)
    gone = serializers.BooleanField(help_text="the provider does not list it any more")
    updated_at = serializers.DateTimeField(help_text="when our copy last changed")


class SubscriptionRow(Mirrored):
    code = serializers.CharField(allow_null=True)
    status = serializers.ChoiceField(choices=[name for name, _label in Subscription.STATUSES])
    customer_external_id = serializers.CharField(allow_null=True)
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField(allow_null=True)
    is_paused = serializers.BooleanField()
    paused_at = serializers.DateTimeField(allow_null=True)
    resume_at = serializers.DateTimeField(allow_null=True)
    items = serializers.ListField(child=serializers.DictField())
    total = serializers.CharField(allow_null=True)
    remaining = serializers.CharField(allow_null=True)
    currency = serializers.CharField()


class AttendanceRow(Mirrored):
    subject = serializers.CharField(allow_null=True, help_text="reservation or subscription")
    direction = serializers.CharField(allow_null=True, help_text="check_in or check_out")
    subject_external_id = serializers.CharField(allow_null=True)
    customer_external_id = serializers.CharField(allow_null=True)
    customer_name = serializers.CharField(help_text="masked")
    starts_at = serializers.DateTimeField(allow_null=True)
    ends_at = serializers.DateTimeField(allow_null=True)
    is_active = serializers.BooleanField(help_text="there now")


class ActRow(OperationRow):
    subject = serializers.ChoiceField(choices=["customer", "reservation", "subscription"])
    subject_external_id = serializers.CharField(allow_null=True)
    made_external_ids = serializers.ListField(
        child=serializers.CharField(), help_text="what it made there, by their ids"
    )


# Questions ------------------------------------------------------------------------------------------------------------


class AtBranch(PageQuery):
    branch = BranchCode()


class ProductQuery(AtBranch):
    kind = serializers.ChoiceField(choices=["reservation", "subscription"], required=False)


class SlotQuery(Strict):
    branch = BranchCode()
    price = Text(max_length=THEIR_ID)
    vars()["from"] = serializers.DateField(help_text="first day, in the branch’s calendar")
    to = serializers.DateField(required=False, help_text="last day; a week, if left out, and 31 days at most")
    quantity = Whole(required=False, min_value=1, max_value=100, default=1)
    practitioner = Text(max_length=THEIR_ID, required=False)


class ReservationQuery(AtBranch):
    vars()["from"] = Moment(required=False, help_text="starts at this moment or later")
    to = Moment(required=False, help_text="starts before this moment")
    status = serializers.ChoiceField(choices=[name for name, _label in Reservation.STATUSES], required=False)
    phone = Text(required=False, max_length=40)
    changed_since = Moment(required=False)


class SubscriptionQuery(AtBranch):
    customer = Id(required=False)
    status = serializers.ChoiceField(choices=[name for name, _label in Subscription.STATUSES], required=False)


class AttendanceQuery(AtBranch):
    customer = Id(required=False)
    reservation = Id(required=False)
    subscription = Id(required=False)


# Orders ---------------------------------------------------------------------------------------------------------------


class BookForm(Strict):
    branch = BranchCode()
    customer = Id(help_text="of GET customers")
    slot = Text(max_length=60, help_text="of GET slots")
    answers = serializers.DictField(
        child=Text(max_length=500, allow_blank=True),
        required=False,
        default=dict,
        help_text="to the product’s questions",
    )
    again = Yes(required=False, default=False, help_text="although the customer is booked at that time already")
    external_ref = Reference()


class VerbForm(Strict):
    external_ref = Reference()


class CancelForm(VerbForm):
    reason = Text(max_length=300)
    notify = Yes(required=False, default=False, help_text="send the provider’s message to the customer")


class RescheduleForm(VerbForm):
    slot = Text(max_length=60, help_text="of GET slots, of the price it was booked at")


class SubscribeForm(Strict):
    branch = BranchCode()
    customer = Id()
    price = Text(max_length=THEIR_ID, help_text="of a product of the kind subscription")
    starts_on = serializers.DateField()
    quantity = Whole(required=False, min_value=1, max_value=100, default=1)
    days = serializers.ListField(
        child=serializers.ChoiceField(choices=list(DAYS)), required=False, default=list, max_length=7
    )
    external_ref = Reference()


class PauseForm(VerbForm):
    first = serializers.DateField()
    until = serializers.DateField(help_text="the day on which it goes on")


class ResumeForm(VerbForm):
    on = serializers.DateField()


class AttendForm(Strict):
    reservation = Id(required=False)
    subscription = Id(required=False)
    direction = serializers.ChoiceField(choices=["check_in", "check_out"])
    external_ref = Reference()
