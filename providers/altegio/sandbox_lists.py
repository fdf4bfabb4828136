"""What our twin of Altegio tells when it is asked: people, appointments, transactions by the day, places and rights."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

from providers.altegio import sandbox_salon as salon
from providers.altegio import sandbox_shapes as shapes
from providers.altegio.sandbox_salon import Row
from providers.altegio.sandbox_say import invalid, no, not_there, yes
from providers.sandbox.shelf import Draft
from providers.sandbox.twin import Answer, JsonObject, Request

Query = Mapping[str, str]
# They take the names of both their documentations.
ALIASES = {"location_ids": "company_ids", "locationId": "company_ids", "appointment_id": "record_id"}


def query_of(request: Request) -> Query:
    return {ALIASES.get(name, name): value for name, value in parse_qsl(request.query, keep_blank_values=True)}


def groups(draft: Draft) -> Answer:
    """The other chain is one where our user may look and nothing else."""
    rights = {name: "1" for name in salon.RIGHTS if name != draft.rule("right_missing", "none")}
    places = [{"id": key, "title": title} for key, (title, _zone, _currency) in salon.PLACES.items()]
    ours = {"id": salon.CHAIN, "title": "Ruba Clinics", "companies": places, "access": rights}
    other = {"id": salon.OTHER_CHAIN, "title": "Others", "companies": [], "access": []}
    return yes([ours, other], draft)


def companies(draft: Draft) -> Answer:
    return yes([company(place) for place in salon.PLACES], draft)


def show_company(place: int, draft: Draft) -> Answer:
    return yes(company(place), draft) if place in salon.PLACES else not_there(draft)


def company(place: int) -> Row:
    title, zone, currency = salon.PLACES[place]
    hours = (dt.datetime(2026, 1, 15, tzinfo=ZoneInfo(zone)).utcoffset() or dt.timedelta()) // dt.timedelta(hours=1)
    return {
        "id": place,
        "title": title,
        "public_title": title,
        "active": 1,
        "timezone": hours,
        "timezone_name": zone,
        "currency_short_title": currency,
    }


def programs(place: int, draft: Draft) -> Answer:
    found = [shapes.searched(key, one) for key, one in salon.PROGRAMS.items()]
    return yes(found, draft, {"count": len(found)})


def clients(place: int, query: Query, draft: Draft) -> Answer:
    found: Sequence[Row] = shapes.clients_in(place, draft)
    if query.get("phone"):
        found = [row for row in found if query["phone"].lstrip("+") in row["_phone"]]
    if query.get("changed_after"):
        after = _after(query["changed_after"], place)
        if after is None:
            return _bad_filter("changed_after", draft)
        found = [row for row in found if _is_after(row, after, draft)]
    return _paged(found, query, draft, shapes.client)


def show_client(place: int, identifier: int, draft: Draft) -> Answer:
    row = shapes.client_of(identifier, draft)
    if row is None or row["_place"] != place:
        return not_there(draft, "Client not found")
    return yes(shapes.client(row), draft)


def search(place: int, fields: JsonObject, draft: Draft) -> Answer:
    """Fields that it does not know are left out without a word, and without any it tells ids alone."""
    size, page = fields.get("page_size", 25), fields.get("page", 1)
    if not isinstance(size, int) or not 1 <= size <= 200 or not isinstance(page, int) or page < 1:
        return _bad_filter("page_size", draft)
    wanted = [_quick(one) for one in fields.get("filters") or []]
    found = [row for row in shapes.clients_in(place, draft) if all(_has(row, text) for text in wanted)]
    names = [name for name in fields.get("fields") or ["id"] if name in _searched(found[0] if found else {})]
    rows = [{name: _searched(row)[name] for name in names} for row in found[(page - 1) * size : page * size]]
    return yes(rows, draft, {"total_count": len(found)})


def _searched(row: Row) -> Row:
    """Here the phone comes without its plus, and a visit that never was as an empty text."""
    keys = {"id": row.get("id"), "name": row.get("name"), "phone": row.get("_phone"), "email": row.get("email")}
    return {**keys, "last_visit_date": "", "first_visit_date": "", "sold_amount": Decimal("12.50"), "visits_count": 1}


def _quick(one: Any) -> str:
    state = one.get("state") if isinstance(one, dict) else None
    return str(state.get("value", "")) if isinstance(state, dict) else ""


def _has(row: Row, text: str) -> bool:
    return text.casefold() in row["name"].casefold() or text.lstrip("+") in row["_phone"]


def in_chain(query: Query, draft: Draft) -> Answer:
    phone = query.get("phone", "").lstrip("+")
    if not phone:
        return invalid("phone", "The phone is required.", draft)
    found = [row for place in salon.PLACES for row in shapes.clients_in(place, draft) if row["_phone"] == phone]
    if not found:
        return not_there(draft, "Client not found")
    rows = [{"id": row["id"], "company_id": row["_place"], "name": row["name"], "email": ""} for row in found]
    return yes({"salon_group_id": salon.CHAIN, "phone": phone, "clients": rows}, draft)


def records(place: int, query: Query, draft: Draft) -> Answer:
    found = [dict(row) for row in draft.of_kind("record") if row["_place"] == place]
    if query.get("with_deleted") not in ("1", "true"):
        found = [row for row in found if not row["deleted"]]
    if query.get("changed_after"):
        after = _after(query["changed_after"], place)
        if after is None:
            return _bad_filter("changed_after", draft)
        found = [row for row in found if _is_after(row, after, draft)]
    return _paged(found, query, draft, lambda row: shapes.record(row, draft))


def show_record(place: int, identifier: int, draft: Draft) -> Answer:
    row = draft.find("record", str(identifier))
    if row is None or row["_place"] != place:
        return not_there(draft)
    return yes(shapes.record(dict(row), draft), draft)


def show_visit(identifier: int, draft: Draft) -> Answer:
    found = [dict(row) for row in draft.of_kind("record") if row["visit_id"] == identifier and not row["deleted"]]
    if not found:
        return not_there(draft)
    shown = [shapes.record(row, draft) for row in found]
    first = {"attendance": found[0]["attendance"], "datetime": shown[0]["datetime"], "comment": ""}
    return yes({**first, "records": shown}, draft)


def transactions(query: Query, draft: Draft) -> Answer:
    """By the day, in UTC. They say how many are in this answer and not how many there are."""
    try:
        first, last = (dt.date.fromisoformat(query.get(name, "")) for name in ("created_after", "created_before"))
    except ValueError:
        return invalid("created_after", "Validation error", draft)
    kinds, visits = _csv(query, "types"), _csv(query, "visit_ids")
    found = [
        dict(row)
        for row in draft.of_kind("transaction")
        if not row["gone"]
        and first <= dt.datetime.fromisoformat(row["at"]).date() <= last
        and (not kinds or str(row["type_id"]) in kinds)
        and (not visits or str(row["visit_id"]) in visits)
    ]
    page, size = _number(query, "page", 1), min(_number(query, "count", 25), _most(draft))
    rows = [shapes.transaction(row) for row in found[(page - 1) * size : page * size]]
    return yes(rows, draft, {"count": len(rows)})


def _csv(query: Query, name: str) -> list[str]:
    return [one for one in query.get(name, "").split(",") if one]


def _paged(found: Sequence[Row], query: Query, draft: Draft, shown: Any) -> Answer:
    page, size = _number(query, "page", 1), min(_number(query, "count", 20), _most(draft))
    rows = [shown(row) for row in found[(page - 1) * size : page * size]]
    return yes(rows, draft, {"page": page, "total_count": len(found)})


def _most(draft: Draft) -> int:
    """How long a page may be at most nobody has documented."""
    return int(draft.rule("page_size", "200"))


def _number(query: Query, name: str, default: int) -> int:
    text = query.get(name, "")
    return max(1, int(text)) if text.isdigit() else default


def _after(text: str, place: int) -> dt.datetime | None:
    """Their filters are taken for the wall clock of the place, which nobody has verified."""
    try:
        return dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(salon.PLACES[place][1]))
    except (KeyError, ValueError):
        return None


def _is_after(row: Row, after: dt.datetime, draft: Draft) -> bool:
    changed = dt.datetime.fromisoformat(row["_changed"])
    return changed > after or (changed == after and draft.rule("changed_after", "inclusive") == "inclusive")


def _bad_filter(name: str, draft: Draft) -> Answer:
    return no(400, "Invalid filter value", draft, {name: ["Invalid filter state value"]})
