"""Rekaz's JSON, validated. Only what a rule needs is required; documented and measured names are both taken.

Numbers may come as strings and the other way round, ids are opaque (one of their own samples is no GUID), and unknown fields
are ignored. Money is read from its text into `Decimal`.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec

from providers.http import Looser as Loose


class Shape(msgspec.Struct, frozen=True, rename="camel"):
    """Their names in camel case are ours in snake case."""


class AbpError(Shape, frozen=True):
    """What ABP answers when a rule says no (fact sheet §3, 2). `code` was null in every body that was seen."""

    message: str | None = None
    code: Loose = Loose()
    details: Any = None
    validation_errors: Any = None


class Refusal(Shape, frozen=True):
    """Either of their two envelopes: `error` of ABP, or title and status of RFC 9110."""

    error: Any = None
    title: Any = None
    status: Any = None
    errors: Any = None


class Practitioner(Shape, frozen=True):
    id: Loose = Loose()
    name: Loose = Loose()


class Branch(Shape, frozen=True):
    id: Loose
    name: Loose = Loose()
    name_ar: Loose = Loose()
    name_en: Loose = Loose()
    address_url: Loose = Loose()


class Price(Shape, frozen=True):
    id: Loose
    amount: Decimal
    immutable_id: Loose = Loose()
    name: Loose = Loose()
    name_ar: Loose = Loose()
    name_en: Loose = Loose()
    discounted_amount: Decimal | None = None
    deposit_amount: Decimal | None = None
    duration: Decimal | None = None
    billing_cycle: Loose = Loose()
    billing_period: Decimal | None = None
    has_deposit: bool | None = None
    has_occurrence: bool | None = None


class Field(Shape, frozen=True):
    """A field of the merchant's own: its question in a product, its answer in a booking."""

    name: Loose = Loose()
    label: Loose = Loose()
    localized_label: Loose = Loose()
    type: Loose = Loose()
    is_required: bool | None = None
    value: Any = None


class Product(Shape, frozen=True):
    id: Loose
    name: Loose = Loose()
    name_ar: Loose = Loose()
    name_en: Loose = Loose()
    description: Loose = Loose()
    duration: Decimal | None = None
    type: Loose = Loose()
    type_string: Loose = Loose()
    maximum_quantity_per_order: Decimal | None = None
    is_out_of_stock: bool | None = None
    pricing: list[Price] | None = None
    product_providers: list[str | Practitioner] | None = None
    custom_fields: list[Field] | None = None
    branch_ids: list[Loose] | None = None


class Customer(Shape, frozen=True):
    id: Loose
    customer_number: Loose = Loose()
    name: Loose = Loose()
    mobile_number: Loose = Loose()
    email: Loose = Loose()
    customer_type: Loose = Loose()
    address: Loose = Loose()
    company_name: Loose = Loose()
    is_blocked: bool | None = None
    branch_ids: list[Loose] | None = None


class Reservation(Shape, frozen=True):
    id: Loose
    start_at: str
    end_at: str
    status: Loose = Loose()
    custom_status: Loose = Loose()
    customer_name: Loose = Loose()
    customer_mobile: Loose = Loose()
    customer_id: Loose = Loose()
    reservation_number: Loose = Loose()
    product_name: Loose = Loose()
    price_name: Loose = Loose()
    quantity: Decimal | None = None
    providers: list[str | Practitioner] | None = None
    custom_fields: list[Field] | None = None
    invoice_total_amount: Decimal | None = None
    order_total_amount: Decimal | None = None
    reservation_total_amount: Decimal | None = None
    reservation_remaining_amount: Decimal | None = None  # documented
    remaining_amount: Decimal | None = None  # measured
    order_payment_status_string: Loose = Loose()
    cancellation_reason: Loose = Loose()
    creation_time: Loose = Loose()
    branch_id: Loose = Loose()
    branch_name: Loose = Loose()
    meeting_url: Loose = Loose()
    source: Loose = Loose()
    is_walk_in_customer: bool | None = None


class SubscribedItem(Shape, frozen=True):
    id: Loose = Loose()
    price_id: Loose = Loose()
    name: Loose = Loose()
    product_name: Loose = Loose()
    quantity: Decimal | None = None
    billing_cycle: Loose = Loose()


class Subscription(Shape, frozen=True):
    id: Loose
    start_at: str
    end_at: Loose = Loose()
    status: Loose = Loose()
    customer_id: Loose = Loose()
    subscription_code: Loose = Loose()
    creation_time: Loose = Loose()
    items: list[SubscribedItem] | None = None
    branch_id: Loose = Loose()
    occurence_days: list[Loose] | None = None  # their spelling
    occurrence_days: list[Loose] | None = None
    paid_amount: Decimal | None = None
    total_amount: Decimal | None = None
    remaining_amount: Decimal | None = None
    last_invoice_code: Loose = Loose()
    last_invoice_status: Loose = Loose()
    is_paused: bool | None = None
    paused_at: Loose = Loose()
    resume_at: Loose = Loose()


class Attendance(Shape, frozen=True):
    type: Loose = Loose()
    action_type: Loose = Loose()
    action_id: Loose = Loose()
    action_name: Loose = Loose()
    customer_id: Loose = Loose()
    customer_name: Loose = Loose()
    customer_mobile_number: Loose = Loose()
    providers: list[str | Practitioner] | None = None
    action_date_from: Loose = Loose()
    action_date_to: Loose = Loose()
    is_active: bool | None = None
    can_do_check_in: bool | None = None
    is_first_check_in: bool | None = None
    is_package: bool | None = None


class Amounts(Shape, frozen=True):
    total_price: Decimal | None = None
    total_after_discount: Decimal | None = None
    deposit_amount: Decimal | None = None


class Slot(Shape, frozen=True):
    start: str = msgspec.field(name="from")
    end: str = msgspec.field(name="to")
    available_reservations_count: Decimal | None = None
    available_provider_ids: list[Loose] | None = None
    is_out_dated: bool | None = None
    is_available: bool | None = None
    amounts: Amounts | None = None


class Booked(Shape, frozen=True):
    """What a bulk booking answers. The invoice was missing in every live answer (§10)."""

    reservation_ids: list[str]
    invoice_id: Loose = Loose()
    payment_link: Loose = Loose()


class Subscribed(Shape, frozen=True):
    invoice_id: str
    payment_link: Loose = Loose()


class Paused(Shape, frozen=True):
    subscription_id: str
    paused_at: str
    resume_at: str


class Listed(Shape, frozen=True):
    """A collection: every one of them has `items`, some say how many there are in all."""

    items: list[Any]
    total_count: int | None = None


class RawPage(Shape, frozen=True):
    items: list[msgspec.Raw]
    total_count: int | None = None


class Named(Shape, frozen=True):
    id: str | int
