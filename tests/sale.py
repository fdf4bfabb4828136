"""One sale with several vouchers, as tests make it: by the services, never by writing states."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from providers import operations
from providers.models import Operation
from providers.sandbox.running import RunningSandbox
from providers.sandbox.shelf import Effect
from vouchers import services
from vouchers.models import Lookup, Redemption
from vouchers.services import CannotRedeem, Place

SHOP = "afriquia_gaz"
AMINA, KARIM = "0661234501", "0672345602"
CODES = ("Kz7mPq2A", "Kz7mPq2B", "Kz7mPq2D")  # Amina's: 10, 25.5 and 12.35 points
HERS, HIS, BURNED = "Kz7mPq2C", "Wt4xNc8A", "Wt4xNc8C"
WORTH = [Decimal("9.00"), Decimal("22.95"), Decimal("11.12")]  # 10, 25.5 and 12.35 points at 0.9: 11.115 is rounded up


class SaleDesk:
    def __init__(self, place: Place, twin: RunningSandbox) -> None:
        self.place = place
        self.twin = twin

    def begin(self, code: str, first: Lookup | None = None) -> Lookup:
        """Scanned, and nobody has asked yet."""
        now = timezone.now()
        if first:
            return services.add_voucher(first, code, self.place, now=now)
        return services.start_lookup(code, self.place, now=now)

    def scan(self, code: str, first: Lookup | None = None) -> Lookup:
        row = self.begin(code, first)
        if row.state == Lookup.State.WAITING:
            services.look_up_voucher(row.pk)
        return Lookup.objects.select_related("voucher", "account", "branch").get(pk=row.pk)

    def draft(self, *codes: str, phone: str = AMINA, total: str = "200") -> Lookup:
        first = self.scan(codes[0])
        for code in codes[1:]:
            self.scan(code, first)
        services.confirm_owner(first, phone)
        services.set_total(first, Decimal(total), now=timezone.now())
        return first

    def press(self, lookup: Lookup) -> Redemption:
        return services.redeem_voucher(lookup, self.place, now=timezone.now())

    def sell(self, *codes: str, total: str = "200") -> Operation:
        return Operation.objects.get(redemption=self.press(self.draft(*(codes or CODES), total=total)))

    def send(self, operation: Operation) -> Operation:
        operations.send_operation(operation.pk)
        operation.refresh_from_db()
        return operation

    def burned(self) -> dict[str, list[Effect]]:
        found: dict[str, list[Effect]] = {}
        for effect in self.twin.control.ledger(SHOP):
            found.setdefault(effect.code, []).append(effect)
        return found

    def burns(self) -> int:
        return sum(seen.endpoint == "redeem" for seen in self.twin.control.requests(SHOP))


def refused(work: Any, *arguments: Any, **named: Any) -> str:
    with pytest.raises(CannotRedeem) as refusal:
        work(*arguments, **named)
    return str(refusal.value.code)
