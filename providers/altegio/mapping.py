"""From Altegio's payloads to our records. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal, TypeVar

from providers.altegio import payloads, wire
from providers.altegio.wire import amount, id_or_nothing, identifier, moment, moment_or_none, phone, text, truth
from providers.contracts import (
    AppointmentRecord,
    Attendance,
    CardTypeRecord,
    ChainClientRecord,
    ChainRecord,
    DatedTransaction,
    LocationRecord,
    LoyaltyCardRecord,
    LoyaltyClientRecord,
    LoyaltyTransactionRecord,
    Movement,
    PaymentRecord,
    ProgramRecord,
    ServiceRecord,
    VisitItemRecord,
    VisitLoyaltyRecord,
    VisitRecord,
)
from providers.http import parsed
from providers.normalise import whole_number

T = TypeVar("T")
Unit = Literal["percent", "amount", ""]
# Their official list of transaction types (fact sheet §3.1).
MOVEMENTS = {
    "1": Movement.DISCOUNT,
    "2": Movement.ACCRUAL,
    "3": Movement.WITHDRAWAL,
    "4": Movement.REFERRAL,
    "5": Movement.DEPOSIT_BY_HAND,
    "6": Movement.WITHDRAWAL_BY_HAND,
    "7": Movement.EXPIRY,
    "8": Movement.CERTIFICATE,
    "9": Movement.MEMBERSHIP,
    "10": Movement.MEMBERSHIP_COST,
    "11": Movement.DEPOSIT_USE,
}
TYPE_IDS = {movement: number for number, movement in MOVEMENTS.items()}
ATTENDANCES = {
    "2": Attendance.CONFIRMED,
    "1": Attendance.ARRIVED,
    "0": Attendance.WAITING,
    "": Attendance.WAITING,
    "-1": Attendance.NO_SHOW,
}
UNITS: Mapping[str, Unit] = {"1": "percent", "2": "amount", "percent": "percent", "amount": "amount"}
_LONGEST_WORD = 60
_LONGEST_COMMENT = 2000


def card_type(value: Any, zone: dt.tzinfo, raw: bytes = b"") -> CardTypeRecord:
    found = parsed(value, payloads.CardType)
    chain = _one(found.salon_group)
    return CardTypeRecord(
        external_id=identifier(found.id),
        title=text(found.title),
        chain_id=id_or_nothing(found.salon_group_id or (chain.id if chain else "")),
        chain_title=text(chain.title) if chain else "",
        raw=raw,
    )


def program(value: Any, zone: dt.tzinfo, raw: bytes = b"") -> ProgramRecord:
    return _program(parsed(value, payloads.Program), raw)


def _program(found: payloads.Program, raw: bytes = b"") -> ProgramRecord:
    kind = _one(found.loyalty_type)
    word = found.type or (kind.title if kind else "")
    return ProgramRecord(
        external_id=identifier(found.id),
        title=text(found.title),
        raw_kind=text(word, 120),
        chain_id=id_or_nothing(found.group_id),
        value=amount(found.value),
        unit=UNITS.get(found.value_unit or found.value_unit_id, ""),
        is_discount=truth(kind.is_discount) if kind else _names(found.type, "discount"),
        is_cashback=truth(kind.is_cashback) if kind else _names(found.type, "cashback"),
        raw=raw,
    )


def _names(word: str, family: str) -> bool | None:
    """ "discount_static", "package_discount": the word says it. None without one."""
    return family in word.split("_") if word else None


def card(value: Any, zone: dt.tzinfo, raw: bytes = b"") -> LoyaltyCardRecord:
    found = parsed(value, payloads.Card)
    kind = _one(found.type)
    return LoyaltyCardRecord(
        external_id=identifier(found.id),
        number=text(found.number, _LONGEST_WORD),
        balance=wire.sum_of(found.balance),
        points=amount(found.points),
        paid=amount(found.paid_amount),
        sold=amount(found.sold_amount),
        visits=whole_number(found.visits_count),
        type_id=id_or_nothing(found.type_id or (kind.id if kind else "")),
        type_title=text(kind.title) if kind else "",
        chain_id=id_or_nothing(found.salon_group_id),
        programs=tuple(_program(each) for each in found.programs or ()),
        raw=raw,
    )


def transaction(value: Any, zone: dt.tzinfo, raw: bytes = b"") -> LoyaltyTransactionRecord:
    return _transaction(parsed(value, payloads.Transaction), raw)


def dated(value: Any, zone: dt.tzinfo, raw: bytes = b"") -> DatedTransaction:
    """As the mirror keeps it: beside what they wrote stands the day under which they listed it. Raises ValueError."""
    day = value.get("day") if isinstance(value, Mapping) else None
    return DatedTransaction(transaction(value, zone, raw), dt.date.fromisoformat(day) if isinstance(day, str) else None)


def _transaction(found: payloads.Transaction, raw: bytes = b"") -> LoyaltyTransactionRecord:
    return LoyaltyTransactionRecord(
        external_id=identifier(found.id),
        movement=MOVEMENTS.get(found.type_id, Movement.UNSEEN),
        raw_type=text(found.type_id, _LONGEST_WORD),
        amount=wire.sum_of(found.amount),
        status=text(found.status_id, _LONGEST_WORD),
        card_id=id_or_nothing(found.card_id),
        program_id=id_or_nothing(found.program_id),
        visit_id=id_or_nothing(found.visit_id),
        chain_id=id_or_nothing(found.salon_group_id),
        item_id=id_or_nothing(found.item_id),
        record_id=id_or_nothing(found.item_record_id),
        is_discount=truth(found.is_discount),
        is_withdrawal=truth(found.is_loyalty_withdraw),
        raw=raw,
    )


def bill(value: Any, zone: dt.tzinfo, raw: bytes = b"") -> VisitLoyaltyRecord:
    found = parsed(value, payloads.Bill)
    return VisitLoyaltyRecord(
        transactions=tuple(_transaction(each) for each in found.loyalty_transactions),
        items=tuple(_item(each) for each in found.items),
        payments=tuple(_payment(each, zone) for each in found.payment_transactions),
        raw=raw,
    )


def _item(found: payloads.Item) -> VisitItemRecord:
    kinds: tuple[tuple[Literal["service", "good", "event"], str], ...] = (
        ("service", found.is_service),
        ("good", found.is_good),
        ("event", found.is_event),
    )
    return VisitItemRecord(
        item_id=id_or_nothing(found.item_id),
        title=text(found.item_title),
        kind=next((name for name, said in kinds if truth(said)), ""),
        record_id=id_or_nothing(found.record_id),
        quantity=amount(found.amount),
        first_cost=amount(found.first_cost),
        discount=amount(found.discount),
        cost=wire.sum_of(found.cost),
    )


def _payment(found: payloads.Payment, zone: dt.tzinfo) -> PaymentRecord:
    return PaymentRecord(identifier(found.id), wire.sum_of(found.amount), moment_or_none(found.date, zone))


def client(value: Any, zone: dt.tzinfo, raw: bytes = b"") -> LoyaltyClientRecord:
    found = parsed(value, payloads.Client)
    return LoyaltyClientRecord(
        external_id=identifier(found.id),
        name=_name(found),
        phone=phone(found.phone),
        email=text(found.email),
        card=text(found.card, _LONGEST_WORD),
        visits=whole_number(found.visits if found.visits_count is None else found.visits_count),
        spent=amount(found.spent if found.sold_amount is None else found.sold_amount),
        last_visit_at=moment_or_none(found.last_visit_date, zone),
        changed_at=moment_or_none(found.last_change_date, zone),
        raw=raw,
    )


def _name(found: payloads.Client) -> str:
    return text(found.display_name) or text(f"{found.name} {found.surname}")


def chain_clients(value: Any, zone: dt.tzinfo) -> list[ChainClientRecord]:
    found = parsed(value, payloads.ChainClients).clients
    return [ChainClientRecord(identifier(one.id), id_or_nothing(one.company_id), text(one.name)) for one in found]


def appointment(value: Any, zone: dt.tzinfo, raw: bytes = b"") -> AppointmentRecord:
    return _appointment(parsed(value, payloads.Record), zone, raw)


def _appointment(found: payloads.Record, zone: dt.tzinfo, raw: bytes = b"") -> AppointmentRecord:
    person, staff = _one(found.client), _one(found.staff)
    seconds = whole_number(found.seance_length if found.length is None else found.length)
    return AppointmentRecord(
        external_id=identifier(found.id),
        visit_id=id_or_nothing(found.visit_id),
        place_id=id_or_nothing(found.company_id),
        starts_at=moment(found.date or found.datetime, zone),
        minutes=None if seconds is None else seconds // 60,
        attendance=attendance_of(found.attendance, found.visit_attendance),
        client_id=id_or_nothing(person.id) if person else "",
        client_name=_name(person) if person else "",
        client_phone=phone(person.phone) if person else "",
        practitioner_id=id_or_nothing(found.staff_id or (staff.id if staff else "")),
        practitioner_name=text(staff.name) if staff else "",
        services=tuple(_service(each) for each in found.services or ()),
        comment=text(found.comment, _LONGEST_COMMENT),
        made_at=moment_or_none(found.create_date, zone),
        changed_at=moment_or_none(found.last_change_date, zone),
        is_deleted=truth(found.deleted),
        is_paid=truth(found.paid_full),
        raw=raw,
    )


def attendance_of(own: str, of_visit: str) -> Attendance:
    """Whoever has arrived by either of the two has arrived (fact sheet §5.2)."""
    words = [ATTENDANCES.get(word, Attendance.UNSEEN) for word in (own, of_visit)]
    return Attendance.ARRIVED if Attendance.ARRIVED in words else words[0]


def _service(found: payloads.Service) -> ServiceRecord:
    return ServiceRecord(id_or_nothing(found.id), text(found.title), amount(found.cost))


def visit(value: Any, zone: dt.tzinfo, external_id: str) -> VisitRecord:
    found = parsed(value, payloads.Visit)
    return VisitRecord(
        external_id=external_id,
        attendance=attendance_of(found.attendance, ""),
        starts_at=moment_or_none(found.datetime, zone),
        comment=text(found.comment, _LONGEST_COMMENT),
        appointments=tuple(_appointment(each, zone) for each in found.records or ()),
    )


def location(value: Any, zone: dt.tzinfo, raw: bytes = b"") -> LocationRecord:
    found = parsed(value, payloads.Company)
    return LocationRecord(
        external_id=identifier(found.id),
        title=text(found.title or found.public_title),
        timezone=text(found.timezone_name or (found.timezone if "/" in found.timezone else ""), _LONGEST_WORD),
        is_active=truth(found.active),
        raw=raw,
    )


def chain(value: Any, zone: dt.tzinfo, raw: bytes = b"") -> ChainRecord:
    found = parsed(value, payloads.Group)
    access = found.access if isinstance(found.access, dict) else {}
    return ChainRecord(
        external_id=identifier(found.id),
        title=text(found.title),
        place_ids=tuple(identifier(each.id) for each in found.companies or ()),
        rights=frozenset(text(name, 120) for name, given in access.items() if _is_given(given)),
    )


def _is_given(value: Any) -> bool:
    """'1' in their answers; a number or a truth would mean the same."""
    return str(value).casefold() in ("1", "true")


def _one(value: T | list[Any] | None) -> T | None:
    """An object of theirs that is empty arrives as an empty list."""
    return None if isinstance(value, list) else value


def total(found: Sequence[LoyaltyTransactionRecord]) -> Decimal:
    return sum((one.amount for one in found), Decimal(0))


Decode = Callable[[Any, dt.tzinfo, bytes], Any]
DECODERS: Mapping[str, Decode] = {
    "card_types": card_type,
    "programs": program,
    "clients": client,
    "records": appointment,
    "transactions": dated,
    "cards": card,
}
