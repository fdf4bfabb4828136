"""What our twin of Rekaz does when it is told to: customers, subscriptions, attendances. Bookings are beside it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

from providers.rekaz import sandbox_clinic as clinic
from providers.rekaz.sandbox_clinic import Row, guid, iso
from providers.rekaz.sandbox_lists import attendance, find, rows_of
from providers.rekaz.sandbox_say import invalid, not_there, refused
from providers.rekaz.sandbox_shapes import shaper
from providers.rekaz.sandbox_slots import moment, price_of
from providers.sandbox.shelf import Draft, Effect
from providers.sandbox.twin import Answer, JsonObject, Request, in_json

Act = Callable[[JsonObject, Request, Draft], Answer]
ACTOR = "api"


def happened(code: str, draft: Draft, **amounts: str) -> None:
    draft.happened(Effect(code=code, amounts=amounts, order_id=amounts.pop("invoice", ""), user=ACTOR))


def done(content: object, draft: Draft) -> Answer:
    return in_json(int(draft.rule("success_status", "200")), content)


def is_lax(draft: Draft) -> bool:
    """A provider that does it again whenever it is asked again."""
    return draft.rule("second_use", "refused") == "accepted"


def create_customer(fields: JsonObject, request: Request, draft: Draft) -> Answer:
    wrong = {name: f"The {name} field is required." for name in ("name", "mobileNumber") if not _text(fields, name)}
    if fields.get("type") not in (1, 2):
        wrong["type"] = "The field Type is invalid."
    if wrong:
        return invalid(wrong, draft)
    phone = _stored_phone(_text(fields, "mobileNumber"))
    if not re.fullmatch(r"\d{7,15}", phone):
        return invalid({"mobileNumber": "Must be a valid Saudi mobile number"}, draft)
    if not is_lax(draft) and any(row["mobileNumber"] == phone for row in rows_of("customer", draft)):
        return refused("phone_known", request, draft)
    row = new_customer(fields, phone, request, draft)
    happened(row["id"], draft)
    return done(row["id"], draft)


def new_customer(fields: JsonObject, phone: str, request: Request, draft: Draft) -> Row:
    number = draft.next_number("customer", 124_000)
    identifier = guid(f"customer/{request.sequence}/{number}")
    more = {name: fields.get(name) for name in ("email", "address", "companyName")}
    more |= {"customFields": fields.get("customFields") or {}, "branchIds": [_text(fields, "branchId") or clinic.OLAYA]}
    is_company = fields.get("type") == 2
    row = clinic.customer(identifier, _text(fields, "name"), phone, number=number, is_company=is_company) | more
    draft.put("customer", identifier, row)
    return row


def customer_for(fields: JsonObject, request: Request, draft: Draft) -> Row | Answer:
    """The customer of a booking or a subscription: one they have, or one whose details come along."""
    details = fields.get("customerDetails")
    if isinstance(details, dict):
        phone = _stored_phone(_text(details, "mobileNumber"))
        if any(row["mobileNumber"] == phone for row in rows_of("customer", draft)):
            return refused("phone_known", request, draft)
        return new_customer({**details, "branchId": fields.get("branchId")}, phone, request, draft)
    identifier = _text(fields, "customerId")
    found = find("customer", identifier, draft)
    if found is None:
        return not_there("Customer", identifier, draft)
    return refused("blocked", request, draft) if found["isBlocked"] else found


def subscribe(fields: JsonObject, request: Request, draft: Draft) -> Answer:
    starts, items = moment(fields.get("startAt"), draft), fields.get("items")
    if starts is None or not isinstance(items, list) or not items:
        return invalid({"startAt" if starts is None else "items": "The value is not valid."}, draft)
    price = price_of(_text(items[0], "priceId"), draft) if isinstance(items[0], dict) else None
    if price is None:
        return not_there("Price", _text(items[0], "priceId") if isinstance(items[0], dict) else "", draft)
    if price.product["type"] != 1:
        return refused("wrong_kind", request, draft)
    person = customer_for(fields, request, draft)
    if isinstance(person, Answer):
        return person
    number = draft.next_number("subscription", 500)
    invoice = guid(f"invoice/{request.sequence}")
    row = clinic.subscription(
        number,
        person,
        price.product,
        starts,
        id=guid(f"subscription/{request.sequence}/{number}"),
        status="Pending",
        branchId=_text(fields, "branchId") or clinic.OLAYA,
        occurenceDays=fields.get("occurenceDays") or [],
        discount=fields.get("discount") or {"type": "Fixed", "value": 0},
        creationTime=iso(request.at),
        paidAmount=0,
        remainingAmount=price.price["discountedAmount"],
        lastInvoiceStatus="Pending",
    )
    draft.put("subscription", row["id"], row)
    happened(row["id"], draft, invoice=invoice)
    return done({"invoiceId": invoice}, draft)


def pause(identifier: str, fields: JsonObject, request: Request, draft: Draft) -> Answer:
    row = find("subscription", identifier, draft)
    if row is None:
        return not_there("Subscription", identifier, draft)
    begins, ends = moment(fields.get("pausedAt"), draft), moment(fields.get("resumeAt"), draft)
    if begins is None or ends is None:
        return invalid({"pausedAt" if begins is None else "resumeAt": "The value is not valid."}, draft)
    if row["status"] != "Active":
        return refused("not_active", request, draft)
    if ends <= begins:
        return refused("pause_order", request, draft)
    now = begins <= request.at
    changed = {"pausedAt": iso(begins), "resumeAt": iso(ends), "isPaused": now, "status": "Paused" if now else "Active"}
    draft.put("subscription", row["id"], row | changed)
    happened(row["id"], draft, until=iso(ends))
    return done({"subscriptionId": row["id"], "pausedAt": fields["pausedAt"], "resumeAt": fields["resumeAt"]}, draft)


def resume(identifier: str, fields: JsonObject, request: Request, draft: Draft) -> Answer:
    row = find("subscription", identifier, draft)
    if row is None:
        return not_there("Subscription", identifier, draft)
    at = moment(fields.get("resumeAt"), draft)
    if at is None:
        return invalid({"resumeAt": "The value is not valid."}, draft)
    if not row["pausedAt"]:
        return refused("not_paused", request, draft)
    over = at <= request.at
    changed = (
        {"isPaused": False, "pausedAt": None, "resumeAt": None, "status": "Active"} if over else {"resumeAt": iso(at)}
    )
    draft.put("subscription", row["id"], row | changed)
    happened(row["id"], draft, resumed=iso(at))
    return done(shaper(draft)(row | changed), draft)


def attend(fields: JsonObject, request: Request, draft: Draft) -> Answer:
    kind, direction = fields.get("type"), fields.get("actionType")
    if kind not in (0, 1) or direction not in (0, 1):
        return invalid({"type": "The value is not valid."}, draft)
    subject = "subscription" if kind else "reservation"
    row = find(subject, _text(fields, "actionId"), draft)
    if row is None:
        return not_there(subject.capitalize(), _text(fields, "actionId"), draft)
    word = _cannot_attend(row, direction == 1, fields, draft)
    if word:
        return refused(word, request, draft)
    made = _attendance(row, subject, direction == 1, request, draft)
    draft.put("attendance", guid(f"attendance/{request.sequence}"), made)
    happened(row["id"], draft, direction=made["_direction"])
    return done(shaper(draft)(attendance(made, draft)), draft)


def _cannot_attend(row: Row, is_out: bool, fields: JsonObject, draft: Draft) -> str:
    if row["customerId"] != _text(fields, "customerId").lower():
        return "other_customer"
    if is_lax(draft):
        return ""
    if row["status"] not in ("Confirmed", "Active"):
        return "not_active" if "subscriptionCode" in row else "not_confirmed"
    inside = _is_inside(row["id"], draft)
    if is_out:
        return "" if inside else "not_checked_in"
    return "checked_in" if inside else ""


def _is_inside(identifier: str, draft: Draft) -> bool:
    ours = [row for row in rows_of("attendance", draft) if row["actionId"] == identifier]
    return bool(ours) and ours[-1]["_direction"] == "CheckIn"


def _attendance(row: Row, subject: str, is_out: bool, request: Request, draft: Draft) -> Row:
    person = find("customer", row["customerId"], draft) or {}
    names = [one["name"] for one in row.get("providers", [])]
    return visit(row, person, names, subject=subject, is_out=is_out, at=request.at) | {
        "isFirstCheckIn": not any(one["actionId"] == row["id"] for one in rows_of("attendance", draft))
    }


def visit(row: Row, person: Row, names: list[str], *, subject: str, is_out: bool, at: dt.datetime) -> Row:
    return {
        "customerId": row["customerId"],
        "customerName": person.get("name", ""),
        "customerMobileNumber": person.get("mobileNumber", ""),
        "customerNumber": person.get("customerNumber"),
        "providers": names,
        "customerImageUrl": None,
        "actionName": row.get("productName") or row["items"][0]["productName"],
        "actionId": row["id"],
        "actionDateFrom": row["startAt"] if subject == "reservation" else iso(at),
        "actionDateTo": row["endAt"],
        "isActive": not is_out,
        "canDoCheckIn": is_out,
        "isFirstCheckIn": False,
        "customFields": [],
        "isPackage": False,
        "_subject": subject.capitalize(),
        "_direction": "CheckOut" if is_out else "CheckIn",
    }


def _text(fields: JsonObject, name: str) -> str:
    value = fields.get(name)
    return value if isinstance(value, str) else ""


def _stored_phone(phone: str) -> str:
    """They keep it without its plus."""
    return phone.lstrip("+").strip()
