"""Between Alreaaiaa's payloads and our records. Pure: the same bytes for the same order, today and at a re-send."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping
from decimal import Decimal

from providers.alreaaiaa import SPEC
from providers.alreaaiaa.payloads import Client, ClientCard, Login, UsedVoucher, User, Voucher
from providers.contracts import CardRecord, Receipt, RedemptionOrder, Session, VoucherRecord, VoucherStatus
from providers.normalise import clean_credential, clean_text, decimals_of, plain_amount, plain_code, to_e164

_STATUSES = {
    "verified": VoucherStatus.USABLE,
    "used": VoucherStatus.USED,
    "expired": VoucherStatus.EXPIRED,
    "canceled": VoucherStatus.CANCELED,
    "cancelled": VoucherStatus.CANCELED,
    "canceld": VoucherStatus.CANCELED,  # their documentation's spelling
    "pending": VoucherStatus.PENDING,
}
_MOST_MONEY = Decimal("1e9")
_LONGEST_WORD = 60
_DATE = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[ T]\d{2}:\d{2}.*)?", re.ASCII)


def login_body(credentials: Mapping[str, str]) -> bytes:
    """Their own documentation has an invisible U+0650 before two e-mails: copied as it is, it logs nobody in (§3.1)."""
    return _body({"email": clean_credential(credentials["email"]).value, "password": credentials["password"]})


def find_body(code: str) -> bytes:
    """Raises ValueError for a code that could not be theirs."""
    return _body({"voucher_code": _sendable(code)})


def redeem_body(order: RedemptionOrder) -> bytes:
    """The exact bytes of a redemption: documented keys in documented order, amounts as plain texts in SAR (§3.3).

    Raises ValueError for an order they have no words for: not one voucher, another currency, sums that do not add up.
    """
    if len(order.codes) != 1 or len(order.values) != 1:
        raise ValueError("Alreaaiaa takes one voucher at a time.")
    if order.currency != SPEC.currency:
        raise ValueError("Alreaaiaa's amounts are in SAR.")
    value = _sendable_amount(order.values[0])
    paid = _sendable_amount(order.client_pays)
    if order.services_total - order.values[0] != order.client_pays:
        raise ValueError("The amounts of this order do not add up.")
    return _body(
        {
            "voucher_code": _sendable(order.codes[0]),
            "voucher_price": value,
            "total_services_price": _sendable_amount(order.services_total),
            "total_client_paid_amount": paid,
        }
    )


def same_code(ours: str, theirs: str) -> bool:
    return plain_code(ours, folds_case=True) == plain_code(theirs, folds_case=True)


def is_used(voucher: UsedVoucher) -> bool:
    return _status(voucher.status) is VoucherStatus.USED


def session(login: Login) -> Session:
    user = login.user or User()
    return Session(token=login.token, user_name=clean_text(user.name), user_id=user.id)


def voucher_record(voucher: Voucher) -> VoucherRecord:
    """Raises ValueError without an id, a readable amount and a readable expiry: they decide what a customer pays."""
    owner = voucher.client or Client()
    if not voucher.id:
        raise ValueError("a voucher without an id")
    value = _amount(voucher.price_value)
    return VoucherRecord(
        code=voucher.voucher_code,
        external_id=voucher.id,
        status=_status(voucher.status),
        raw_status=_word(voucher.status),
        value=value,
        currency=SPEC.currency,
        expires_on=_date(voucher.expiry_date) if voucher.expiry_date else None,
        reason=clean_text(voucher.reason),
        holder_name=clean_text(owner.name),
        holder_phone=_phone(owner.phone, owner.country_code),
        holder_id_number=owner.identity_number,
        cards=tuple(_card(card) for card in voucher.client_cards or ()),
        payload=_mirrored(voucher, value),
    )


def receipt(voucher: UsedVoucher, code: str) -> Receipt:
    names = ("id", "client_id", "center_id", "voucher_id", "order_id", "created_at", "updated_at")
    found = {name: _word(getattr(voucher, name)) for name in names}
    return Receipt(codes=(code,), references={name: word for name, word in found.items() if word})


def _body(fields: Mapping[str, str]) -> bytes:
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()


def _sendable(code: str) -> str:
    if not re.fullmatch(SPEC.code_loose, code.upper(), re.ASCII) or not code.isascii():
        raise ValueError("This is not one of Alreaaiaa's codes.")
    return code


def _sendable_amount(amount: Decimal) -> str:
    if _decimals(amount) > decimals_of(SPEC.currency) or amount < 0:
        raise ValueError("This is not an amount of SAR.")
    return plain_amount(amount)


def _decimals(amount: Decimal) -> int:
    return len(plain_amount(amount).partition(".")[2])


def _amount(value: Decimal) -> Decimal:
    if not value.is_finite() or not 0 <= value < _MOST_MONEY or _decimals(value) > decimals_of(SPEC.currency):
        raise ValueError("price_value is not an amount of SAR")
    return Decimal(plain_amount(value))


def _status(word: str) -> VoucherStatus:
    return _STATUSES.get(clean_text(word).casefold(), VoucherStatus.UNSEEN)


def _word(text: str) -> str:
    return clean_text(text)[:_LONGEST_WORD]


def _date(text: str) -> dt.date:
    match = _DATE.fullmatch(text.strip())
    if not match:
        raise ValueError("not a date")
    return dt.date.fromisoformat(match[1])


def _date_or_none(text: str) -> dt.date | None:
    try:
        return _date(text)
    except ValueError:
        return None


def _phone(raw: str, country_code: str = "") -> str:
    return to_e164(raw, country="SA", country_code=country_code) or clean_text(raw)


def _card(card: ClientCard) -> CardRecord:
    """A card's dates are for the eye only, so one that cannot be read hides nothing else."""
    return CardRecord(
        external_id=card.id,
        name=clean_text(card.fullname),
        phone=_phone(card.phone),
        id_number=card.identity_number,
        valid_from=_date_or_none(card.start_date),
        valid_until=_date_or_none(card.end_date),
    )


def _mirrored(voucher: Voucher, value: Decimal) -> dict[str, str]:
    """The fields the mirror may keep raw: no person, no card, no code, and no free text that may name one."""
    return {
        "id": _word(voucher.id),
        "client_id": _word(voucher.client_id),
        "price_value": plain_amount(value),
        "expiry_date": _word(voucher.expiry_date),
        "status": _word(voucher.status),
    }
