"""Every state of a sale of several vouchers that a page can show, made by the services themselves with no worker at hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from django.test import override_settings
from django.utils import timezone

from branches.models import User
from providers.models import Operation, State
from providers.operations import decide, send_operation
from tests.browser.shop import KARIM, Shop
from tests.sale import SHOP
from tests.scene import QUICK, finish
from vouchers import services
from vouchers.models import Lookup, Redemption

Keep = Callable[[str, str, object], None]


class Sales:
    """`keep` takes the name of a page, the name of its address, and the object in it."""

    def __init__(self, shop: Shop, clerk: User, chief: User, keep: Keep) -> None:
        self.shop, self.chief, self.keep = shop, chief, keep
        self.desk = shop.sale_desk(clerk)
        self._drafts()
        self._redemptions()

    def _drafts(self) -> None:
        self.keep("sale of one", "vouchers:lookup", self._scanned(self.shop.points(10.55)).pk)
        self.keep("sale", "vouchers:lookup", self._scanned(*self.shop.three()).pk)
        self.keep("sale of ten", "vouchers:lookup", self._ten().pk)
        self.keep("sale with troubles", "vouchers:lookup", self._with_troubles().pk)
        self.keep("sale just begun", "vouchers:lookup", self._waiting(None).pk)
        burned = self.desk.scan(self.shop.points(status="burned"))
        self.keep("sale refused", "vouchers:lookup", burned.pk)
        drafted = self.desk.draft(*self.shop.three())
        for step in ("amounts", "confirm"):
            self.keep(f"sale {step}", f"vouchers:{step}", drafted.pk)
        self.keep("sale confirmed owner", "vouchers:lookup", drafted.pk)
        self.keep("sale amounts refused", "vouchers:amounts", self.desk.draft(*self.shop.three()).pk)
        ten = self._ten()
        services.confirm_owner(ten, "0661234501")
        services.set_total(ten, Decimal(12_345), now=timezone.now())
        self.keep("sale of ten confirm", "vouchers:confirm", ten.pk)

    def _scanned(self, *codes: str) -> Lookup:
        first = self.desk.scan(codes[0])
        for code in codes[1:]:
            self.desk.scan(code, first)
        return first

    def _ten(self) -> Lookup:
        return self._scanned(
            *(self.shop.points(points) for points in (10, 25.5, 12.35, 50, 75, 100, 5.05, 150, 1234.5, 1))
        )

    def _with_troubles(self) -> Lookup:
        first = self._scanned(
            self.shop.points(10),
            self.shop.points(20, KARIM),
            self.shop.points(status="burned"),
            self.shop.points(status="frozen"),
            "Nobody01",
            "<b>no code</b>",
        )
        self._waiting(first)
        return first

    def _waiting(self, first: Lookup | None) -> Lookup:
        now = timezone.now()
        code, place = self.shop.points(), self.desk.place
        row = (
            services.add_voucher(first, code, place, now=now) if first else services.start_lookup(code, place, now=now)
        )
        Lookup.objects.filter(pk=row.pk).update(next_at=None)
        return row

    def _redemptions(self) -> None:
        self._kept("sale sending", self._sold())
        self._kept("sale unknown", self._sent("drop_after"))
        self._kept("sale succeeded", finish(self._sold()))
        self._kept("sale of one succeeded", finish(self._sold(self.shop.points(10.55))))
        self._kept("sale partial", finish(self._sent("partial", count=2)))
        self._kept("sale not applied", self._not_applied())
        self._kept("sale refused by them", self._refused())
        self._kept("sale needs review", self._doubtful())
        self._kept("sale decided in part", self._decided_in_part())

    def _kept(self, name: str, operation: Operation) -> None:
        redemption = Redemption.objects.get(operation=operation)
        self.keep(name, "vouchers:redemption", redemption.pk)
        self.keep(f"{name}: slip", "vouchers:slip", redemption.pk)
        self.keep(f"{name}: evidence", "desk:review_detail", redemption.pk)

    def _sold(self, *codes: str) -> Operation:
        return self.desk.sell(*(codes or self.shop.three()))

    def _sent(self, kind: str, *codes: str, **parameters: object) -> Operation:
        codes = codes or self.shop.three()
        operation = self._sold(*codes)
        self.shop.twin.control.fault(kind, provider=SHOP, endpoint="redeem", code=codes[0], **parameters)
        send_operation(operation.pk)
        operation.refresh_from_db()
        return operation

    def _doubtful(self) -> Operation:
        """Sent without an answer; since then the issuer shows all of them canceled."""
        codes = self.shop.three()
        operation = self._sent("drop_before", *codes)
        self.shop.twin.control.put_vouchers(SHOP, *({"code": code, "status": "canceled"} for code in codes))
        with override_settings(WINDOWS=replace(QUICK, review=0)):
            return finish(operation)

    def _decided_in_part(self) -> Operation:
        operation = self._doubtful()
        part = operation.claims.values_list("resource", flat=True)[:2]
        decide(operation, self.chief, applied=True, part=list(part), reason="issuer_portal")
        operation.refresh_from_db()
        return operation

    def _not_applied(self) -> Operation:
        operation = self._sent("drop_before")
        assert operation.state == State.UNKNOWN
        Operation.objects.filter(pk=operation.pk).update(send_before=timezone.now())
        return finish(operation)

    def _refused(self) -> Operation:
        """Of one voucher, which has another owner since."""
        operation = self._sold(code := self.shop.points(30))
        self.shop.twin.control.put_vouchers(SHOP, {"code": code, "customer": KARIM})
        return finish(operation)
