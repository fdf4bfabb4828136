"""What redeeming vouchers means to the operations engine. Knows the contract of a voucher provider, and no provider."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.db.models import Q

from providers.contracts import Receipt, RedemptionOrder, VoucherProvider, VoucherRecord, VoucherStatus
from providers.errors import ProviderError
from providers.models import Operation, State
from providers.operations import Look, Verdict
from vouchers import sync
from vouchers.models import Lookup, Redemption, RedemptionLine, code_hash

KIND = "voucher.redeem"


RESOURCE = "voucher:"  # and the code's hash


def resource(code: str) -> str:
    return resource_of(code_hash(code))


def resource_of(hashed: str) -> str:
    return f"{RESOURCE}{hashed}"


def used_in(operation: Operation) -> frozenset[str]:
    """The resources that this operation has used: all, the proven part, or none (yet)."""
    if operation.in_part:
        return frozenset(operation.outcome.get("applied", ()))
    whole = operation.state in (State.SUCCEEDED, State.RESOLVED_APPLIED)
    return frozenset(operation.claims.values_list("resource", flat=True)) if whole else frozenset()


def lines_used(redemption: Redemption) -> list[RedemptionLine]:
    """The codes that a redemption has used: all, the proven part, or none (yet)."""
    operation, lines = redemption.operation, list(redemption.lines.all())
    if operation.state in (State.SUCCEEDED, State.RESOLVED_APPLIED) and not operation.in_part:
        return lines
    used = used_in(operation)
    return [line for line in lines if resource_of(line.code_hash) in used]


def order_from(request: Mapping[str, Any]) -> RedemptionOrder:
    """The frozen request (canonical JSON of the operation) as the contract's order."""
    return RedemptionOrder(
        order_ref=request["order_ref"],
        codes=tuple(request["codes"]),
        values=tuple(Decimal(value) for value in request["values"]),
        services_total=Decimal(request["services_total"]),
        client_pays=Decimal(request["client_pays"]),
        currency=request["currency"],
        customer_phone=request.get("customer_phone", ""),
        at=request.get("at", ""),
    )


class RedeemVouchers:
    kind = KIND
    setting = True  # a used voucher cannot be used again: the provider's own rule
    keeps_claims = True

    def look(self, client: VoucherProvider, request: Mapping[str, Any]) -> Look:
        order = order_from(request)
        records = [client.find_voucher(code) for code in order.codes]
        facts = {"vouchers": [fact_of(code, record) for code, record in zip(order.codes, records, strict=True)]}
        found = tuple(record for record in records if record is not None)
        verdict, code = _verdict(order, records)
        used = frozenset(resource(code) for code, record in zip(order.codes, records, strict=True) if _is_used(record))
        return Look(verdict, code, facts, used, found)

    def attribute(self, client: VoucherProvider, request: Mapping[str, Any], look: Look) -> Look:
        """All used, and their books say by another order: that is no success of ours, and a person decides. Of a part they
        say nothing: a burn that broke down in the middle may be in no book."""
        if look.verdict != Verdict.APPLIED:
            return look
        try:
            ours = client.is_ours(order_from(request))
        except ProviderError:
            return look
        if ours is False:
            return replace(look, verdict=Verdict.UNCLEAR, code="used_by_another")
        return look if ours is None else replace(look, facts={**look.facts, "order": "listed"})

    def send(self, client: VoucherProvider, request: Mapping[str, Any]) -> Receipt:
        return client.redeem_vouchers(order_from(request))

    def store(self, operation: Operation, records: tuple[VoucherRecord, ...], now: dt.datetime) -> None:
        for record in records:
            sync.store_voucher(operation.account, record, now)

    def finished(self, operation: Operation, now: dt.datetime) -> None:
        """The family's cards are not needed any more; a proven use shows in the mirror at once."""
        theirs = Q(redemption__operation=operation) | Q(first__redemption__operation=operation)
        Lookup.objects.filter(theirs).update(sealed_cards=b"")
        if operation.state == State.SUCCEEDED:
            lines = RedemptionLine.objects.filter(redemption__operation=operation)
            sync.store_used(operation.account, list(lines.values_list("code_hash", flat=True)), now)


def _verdict(order: RedemptionOrder, records: list[VoucherRecord | None]) -> tuple[Verdict, str]:
    used = sum(_is_used(record) for record in records)
    if used == len(records):
        return Verdict.APPLIED, "already_used"
    if used:
        return Verdict.PARTIAL, "already_used"
    for value, record in zip(order.values, records, strict=True):
        problem = problem_of(record)
        if problem:
            return (Verdict.UNCLEAR if problem == "unseen_status" else Verdict.BLOCKED), problem
        if record is not None and record.value != value:
            return Verdict.BLOCKED, "value_changed"
    return Verdict.CLEAR, ""


def problem_of(record: VoucherRecord | None) -> str:
    """Why a voucher cannot be used, as our refusal code; '' when it can."""
    if record is None:
        return "not_found"
    return {
        VoucherStatus.USABLE: "",
        VoucherStatus.USED: "already_used",
        VoucherStatus.EXPIRED: "expired",
        VoucherStatus.CANCELED: "canceled",
        VoucherStatus.PENDING: "pending",
        VoucherStatus.UNSEEN: "unseen_status",
    }[record.status]


def _is_used(record: VoucherRecord | None) -> bool:
    return record is not None and record.status == VoucherStatus.USED


def fact_of(code: str, record: VoucherRecord | None) -> dict[str, str]:
    if record is None:
        return {"last4": code[-4:], "status": "not_found"}
    return {
        "last4": code[-4:],
        "status": record.status,
        "raw_status": record.raw_status[:40],
        "value": str(record.value),
    }
