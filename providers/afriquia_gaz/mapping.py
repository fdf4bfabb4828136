"""Between Kenz'up's payloads and our records. Pure: the same bytes for the same order, today and at a re-send."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from providers.afriquia_gaz import SPEC
from providers.afriquia_gaz.payloads import Named, SaleRow, Voucher
from providers.contracts import POINTS, ExportedSale, RedemptionOrder, VoucherRecord, VoucherStatus
from providers.http import parsed
from providers.normalise import clean_text, decimals_of, plain_amount, to_e164

COUNTRY = "MA"
_STATUSES = {
    "available": VoucherStatus.USABLE,
    "burned": VoucherStatus.USED,
    "canceled": VoucherStatus.CANCELED,
    "cancelled": VoucherStatus.CANCELED,
}
_MOST = Decimal("1e9")
_NOISE = Decimal("1e-6")  # what a float adds to an amount, and no price list does
_CENT = Decimal("0.01")
_LONGEST_WORD = 60
_ORDER = re.compile(r"[!-~]{1,64}")
_MOROCCAN_MOBILE = re.compile(r"\+212[67]\d{8}", re.ASCII)


def voucher_path(shop: str, code: str) -> str:
    """Raises ValueError for a code that could not be theirs."""
    return f"/shops/{shop}/vouchers/{quote(_sendable(code), safe='')}"


def journal_path(shop: str, code: str) -> str:
    """The same path as the journal keeps it: a code is money to whoever reads it."""
    return f"/shops/{shop}/vouchers/…{code[-4:] if len(code) > 4 else ''}"


def export_path(shop: str, day: dt.date) -> str:
    """A day more on either side: nobody says in which zone their days begin."""
    start, end = day - dt.timedelta(1), day + dt.timedelta(1)
    return f"/ledger/export-sales/json?shop={shop}&start={start.isoformat()}&end={end.isoformat()}"


def burn_body(order: RedemptionOrder, terminal_id: str) -> bytes:
    """The exact bytes of a burn (fact sheet §4.2), written as their sample of a signed payload is: keys sorted, ", ", ": ".

    Raises ValueError for an order they have no words for.
    """
    _check_vouchers(order)
    if order.currency != SPEC.currency:
        raise ValueError("Afriquia Gaz sells in MAD.")
    if not 0 <= order.client_pays <= order.services_total:
        raise ValueError("The amounts of this order do not add up.")
    if not _ORDER.fullmatch(order.order_ref):
        raise ValueError("This is not a reference of an order.")
    return _body(
        {
            "terminal_id": terminal_id,
            "amount": order.services_total,
            "currency": order.currency,
            "order_id": order.order_ref,
            "time": _with_offset(order.at),
            "customer": _owner(order.customer_phone),
            "vouchers": list(order.codes),
        }
    )


def is_moroccan_mobile(phone: str) -> bool:
    return bool(_MOROCCAN_MOBILE.fullmatch(to_e164(phone, country=COUNTRY)))


def ours_among(entries: Sequence[Any], code: str) -> VoucherRecord | None:
    """The entry whose code is ours to the letter: codes are in mixed case, and their sample of one voucher shows two.

    Raises LookupError when they answered for others only, ValueError when it cannot be read.
    """
    found = [entry for entry in entries if parsed(entry, Named).code == code]
    if entries and not found:
        raise LookupError
    if len(found) > 1:
        raise ValueError("our voucher twice")
    return voucher_record(parsed(found[0], Voucher)) if found else None


def voucher_record(voucher: Voucher) -> VoucherRecord:
    value = _points(voucher.points_amount)
    owner = str(voucher.customer or "")
    return VoucherRecord(
        code=voucher.code,
        external_id="",
        status=_STATUSES.get(clean_text(voucher.status).casefold(), VoucherStatus.UNSEEN),
        raw_status=_word(voucher.status),
        value=value,
        currency=POINTS,
        expires_on=None,
        reason="",
        holder_name="",
        holder_phone=to_e164(owner, country=COUNTRY) or clean_text(owner),
        holder_id_number="",
        cards=(),
        payload={
            "status": _word(voucher.status),
            "points_amount": plain_amount(value),
            "created_at": _word(voucher.created_at if isinstance(voucher.created_at, str) else ""),
        },
    )


def exported_sale(rows: Sequence[SaleRow], order_ref: str) -> ExportedSale | None:
    """One sale may have a row for what was earned and one for what was burned."""
    ours = [row for row in rows if str(row.order_id) == order_ref]
    if not ours:
        return None
    return ExportedSale(
        order_ref=order_ref,
        terminal=_word(str(ours[0].terminal_id or "")),
        sold_at=_word(str(ours[0].sale_timestamp or "")),
        kinds=tuple(_word(row.earn_burn or "") for row in ours),
    )


def _check_vouchers(order: RedemptionOrder) -> None:
    if not 1 <= len(order.codes) <= SPEC.most_codes or len(order.values) != len(order.codes):
        raise ValueError(f"Afriquia Gaz takes one to {SPEC.most_codes} vouchers at a time, each with its points.")
    if len(set(order.codes)) != len(order.codes):
        raise ValueError("A voucher is in this order twice.")
    for code, points in zip(order.codes, order.values, strict=True):
        _sendable(code)
        _points(points)


def _sendable(code: str) -> str:
    if not re.fullmatch(SPEC.code_loose, code, re.ASCII):
        raise ValueError("This is not one of Afriquia Gaz's codes.")
    return code


def _with_offset(moment: str) -> str:
    """As it was frozen. The branch's own offset is in it, because Morocco changes its own for Ramadan."""
    if dt.datetime.fromisoformat(moment).tzinfo is None:
        raise ValueError("The time of a sale needs an offset.")
    return moment


def _owner(phone: str) -> str:
    number = to_e164(phone, country=COUNTRY)
    if not number:
        raise ValueError("The phone of the vouchers' owner is missing or cannot be read.")
    return number


def _points(value: Decimal) -> Decimal:
    """Two decimals at most. Raises ValueError for more, unless they are a float's noise."""
    if not value.is_finite() or not 0 <= value < _MOST:
        raise ValueError("points_amount is not a number of points")
    rounded = value.quantize(_CENT)
    if abs(rounded - value) >= _NOISE:
        raise ValueError("points_amount has more decimals than points have")
    return Decimal(plain_amount(rounded))


def _word(text: str) -> str:
    return clean_text(text)[:_LONGEST_WORD]


def _body(fields: Mapping[str, Any]) -> bytes:
    return ("{" + ", ".join(f'"{name}": {_json(value)}' for name, value in sorted(fields.items())) + "}").encode()


def _json(value: Any) -> str:
    """ASCII, as their sample's encoder writes it; an amount with its two decimals, as their sample has it: 100.00."""
    if isinstance(value, Decimal):
        return _money(value)
    return json.dumps(value)


def _money(amount: Decimal) -> str:
    plain = plain_amount(amount)
    if not 0 < amount < _MOST or len(plain.partition(".")[2]) > decimals_of(SPEC.currency):
        raise ValueError("This is not an amount of MAD.")
    return format(amount.quantize(_CENT), "f")
