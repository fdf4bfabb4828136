"""From what our twin of Altegio keeps to what it shows: cards, clients, records, transactions, a visit's bill."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, overload
from zoneinfo import ZoneInfo

from providers.altegio import sandbox_salon as salon
from providers.altegio.sandbox_salon import Row
from providers.sandbox.shelf import Draft

TITLES = {
    1: "Promotion discount",
    2: "Loyalty program accrual",
    3: "Loyalty card withdrawal",
    4: "Referral accrual",
    5: "Manual replenishment",
    6: "Manual withdrawal",
    7: "Overdue points withdrawal",
}
CHAIN = {"id": salon.CHAIN, "title": "Ruba Clinics"}


def client_of(identifier: int, draft: Draft) -> Row | None:
    """One that is kept, or one of the many that are made when they are asked for."""
    kept = draft.find("client", str(identifier))
    if kept is not None:
        return dict(kept)
    number, many = identifier - salon.MANY_CLIENTS, draft.find("many", "") or {"count": 0}
    if not 0 <= number < many["count"]:
        return None
    return salon.many_client(number, many["seed"], dt.datetime.fromisoformat(many["at"]))


class Crowd(Sequence[Row]):
    """Clients of one place: those that are kept, and behind them many that are made when somebody looks at them."""

    def __init__(self, own: Sequence[Row], many: Mapping[str, Any]) -> None:
        self._own = own
        self._many = many

    def __len__(self) -> int:
        return len(self._own) + int(self._many["count"])

    @overload
    def __getitem__(self, place: int) -> Row: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[Row]: ...

    def __getitem__(self, place: int | slice) -> Row | Sequence[Row]:
        if isinstance(place, slice):
            return [self[one] for one in range(*place.indices(len(self)))]
        if place >= len(self):
            raise IndexError(place)
        if place < len(self._own):
            return self._own[place]
        at = dt.datetime.fromisoformat(self._many["at"])
        return salon.many_client(place - len(self._own), self._many["seed"], at)


def clients_in(place: int, draft: Draft) -> Crowd:
    own = [dict(row) for row in draft.of_kind("client") if row["_place"] == place]
    many = draft.find("many", "") if place == salon.OLAYA else None
    return Crowd(own, many or {"count": 0})


def card_of(identifier: int, draft: Draft) -> Row | None:
    kept = draft.find("card", str(identifier))
    if kept is not None:
        return None if kept["gone"] else dict(kept)
    number = identifier - salon.MANY_CARDS
    return salon.many_card(number) if 0 <= number < (draft.find("many", "") or {"count": 0})["count"] else None


def cards_of(client_id: int, phone: str, draft: Draft) -> list[Row]:
    """By either of the two."""
    kept = [dict(row) for row in draft.of_kind("card")]
    found = [row for row in kept if not row["gone"] and (row["client_id"] == client_id or row["phone"] == phone)]
    many = draft.find("many", "") or {"count": 0}
    number = int(phone[-7:]) if phone.startswith("96655") and len(phone) == 12 else client_id - salon.MANY_CLIENTS
    is_one = 0 <= number < many["count"] and not any(row["id"] == salon.MANY_CARDS + number for row in kept)
    return [*found, salon.many_card(number)] if is_one else found


def card(row: Row, draft: Draft) -> Row:
    number = row["number"] if draft.rule("card_number", "text") == "text" else int(row["number"])
    return {
        **figures(row, number),
        "type": {"id": row["type_id"], "title": salon.TYPES[row["type_id"]], "salon_group_id": salon.CHAIN},
        "salon_group": CHAIN,
        "programs": [of_card(key, one) for key, one in salon.PROGRAMS.items() if one["card"] == row["type_id"]],
    }


def figures(row: Row, number: str | int) -> Row:
    """What a transaction by hand answers of a card."""
    return {
        "id": row["id"],
        "balance": Decimal(row["balance"]),
        "points": Decimal(0),
        "paid_amount": Decimal(1000),
        "sold_amount": Decimal(1000),
        "visits_count": 1,
        "number": number,
        "type_id": row["type_id"],
        "salon_group_id": salon.CHAIN,
    }


def of_card(identifier: int, one: Row) -> Row:
    """A program as a card names it."""
    is_discount = one["type"].startswith("discount")
    kind = {"id": one["kind"], "title": one["title"], "is_discount": is_discount, "is_cashback": not is_discount}
    return {
        "id": identifier,
        "title": one["title"],
        "value": one["value"],
        "loyalty_type_id": one["kind"],
        "item_type_id": 3,
        "value_unit_id": 1,
        "group_id": salon.CHAIN,
        "loyalty_type": {**kind, "is_static": True, "is_accumulative": False},
        "rules": [],
    }


def searched(identifier: int, one: Row) -> Row:
    """The same as their search names it."""
    return {
        "id": identifier,
        "title": one["title"],
        "type": one["type"],
        "loyalty_type_id": one["kind"],
        "value_unit_id": 1,
        "value_unit": "percent",
        "service_item_type": "any_allowed",
        "good_item_type": "any_allowed",
        "group_id": salon.CHAIN,
        "params_source_type": "loyalty_card",
    }


def card_type(identifier: int) -> Row:
    return {"id": identifier, "title": salon.TYPES[identifier], "salon_group_id": salon.CHAIN, "salon_group": CHAIN}


def client(row: Row) -> Row:
    """As their list has it: the phone with its plus, an empty object as an empty list."""
    return {
        "id": row["id"],
        "name": row["name"],
        "surname": "",
        "phone": f"+{row['_phone']}",
        "email": row["email"],
        "card": "",
        "categories": [],
        "discount": 0,
        "spent": Decimal(0),
        "balance": Decimal(0),
        "visits": 1,
        "last_change_date": salon.stamp(dt.datetime.fromisoformat(row["_changed"]), row["_place"]),
        "custom_fields": [],
    }


def record(row: Row, draft: Draft) -> Row:
    starts, place = dt.datetime.fromisoformat(row["_starts"]), row["_place"]
    person = client_of(row["_client"], draft)
    return {
        "id": row["id"],
        "company_id": place,
        "staff_id": 9,
        "services": [
            {
                "id": key,
                "title": title,
                "cost": cost,
                "cost_to_pay": cost,
                "first_cost": cost,
                "discount": 0,
                "amount": 1,
            }
            for key, (title, cost) in salon.SERVICES.items()
            if key in row["_services"]
        ],
        "goods_transactions": [],
        "staff": {"id": 9, "name": salon.STAFF[9], "specialization": "", "position": []},
        "client": None if person is None else {**client(person), "display_name": person["name"]},
        "date": local(starts, place).strftime("%Y-%m-%d %H:%M:%S"),
        "datetime": _datetime(starts, place, draft),
        "create_date": salon.stamp(dt.datetime.fromisoformat(row["_made"]), place),
        "last_change_date": salon.stamp(dt.datetime.fromisoformat(row["_changed"]), place),
        "comment": "",
        "online": False,
        "visit_attendance": row["attendance"],
        "attendance": row["attendance"],
        "confirmed": 1,
        "seance_length": 3600,
        "length": 3600,
        "visit_id": row["visit_id"],
        "deleted": row["deleted"],
        "paid_full": 0,
        "custom_fields": [],
        "documents": [{"id": 8_000_000 + row["visit_id"], "type_id": 7, "visit_id": row["visit_id"]}],
    }


def local(at: dt.datetime, place: int) -> dt.datetime:
    return at.astimezone(ZoneInfo(salon.PLACES[place][1]))


def _datetime(at: dt.datetime, place: int, draft: Draft) -> str:
    """The clock is right; the offset beside it may have forgotten that it is summer."""
    found = local(at, place)
    if draft.rule("offset", "right") == "forgets_summer":
        offset = found.utcoffset() or dt.timedelta()
        found = found.replace(tzinfo=dt.timezone(offset - (found.dst() or dt.timedelta())))
    return found.isoformat()


def transaction(row: Row) -> Row:
    kind, is_good = row["type_id"], bool(row.get("goods_transaction_id"))
    return {
        "id": row["id"],
        "visit_id": row["visit_id"],
        "status_id": 1,
        "amount": Decimal(row["amount"]),
        "type_id": kind,
        "card_id": row["card_id"],
        "program_id": row["program_id"],
        "certificate_id": 0,
        "abonement_id": 0,
        "salon_group_id": salon.CHAIN,
        "item_id": row["item_id"],
        "item_type_id": 0 if not row["item_id"] else 7 if is_good else 1,
        "item_record_id": row["record_id"],
        "goods_transaction_id": row.get("goods_transaction_id", 0),
        "is_discount": kind == 1,
        "is_loyalty_withdraw": kind == 3,
        "type": {"id": kind, "title": TITLES[kind]},
    }
