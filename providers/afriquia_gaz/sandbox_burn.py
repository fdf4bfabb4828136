"""How our twin of Kenz'up burns vouchers. Nobody knows how they do it: each open question is a rule (`sandbox.RULES`)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from providers.sandbox.shelf import Draft, Effect, Record
from providers.sandbox.twin import Answer, JsonObject, Request, in_json, object_in

TEXTS = ("terminal_id", "currency", "order_id", "time", "customer")
PHONE = re.compile(r"\+[0-9]{8,15}|0[67][0-9]{8}")
COMPARED = ("amount", "currency", "customer", "vouchers")  # of a sale that comes again (their §3.2: "consistent data")
OTHER_TILL = "POS_OTHER"


def error(status: int, code: str, message: str) -> Answer:
    return in_json(status, {"error": code, "message": message})


def burn(request: Request, terminal: str, draft: Draft, rule: dict[str, str]) -> Answer:
    fields = object_in(request.body)
    wrong = complaint(fields, terminal, request)
    if wrong:
        return error(400, "invalid_request", wrong)
    order = str(fields["order_id"])
    # A provider that burns twice does so for the same order too: else it could not be caught at it.
    known = None if rule["second_use"] == "accepted" else draft.find("sale", order)
    if known is not None:
        return replayed(known, fields, rule)
    no = {code: why for code in fields["vouchers"] if (why := refusal(code, fields, draft, rule))}
    if not no and rule["sum_checked"] == "yes" and worth(fields["vouchers"], draft) > Decimal(str(fields["amount"])):
        return error(int(rule["refusal"]), "amount_too_small", "The vouchers are worth more than the sale.")
    good = [code for code in fields["vouchers"] if code not in no]
    if no and (rule["burn"] == "all_or_nothing" or not good):
        return error(int(rule["refusal"]), next(iter(no.values())), "A voucher cannot be burned.")
    if no and rule["partial_answer"] != "200":
        spend(good, fields, draft)
        return error(int(rule["partial_answer"]), "internal_error", "Something went wrong.")
    spend(good, fields, draft)
    draft.put("sale", order, sale(fields, day_of(fields["time"])))
    return in_json(int(rule["success_status"]), {"order_id": order})


def complaint(fields: JsonObject, terminal: str, request: Request) -> str:
    """What is wrong with the request itself, '' when nothing is."""
    if not request.headers.get("content-type", "").startswith("application/json"):
        return "Content-Type must be application/json."
    missing = [name for name in TEXTS if not isinstance(fields.get(name), str) or not fields[name]]
    if missing:
        return f"{', '.join(missing)} must be text."
    codes = fields.get("vouchers")
    if not isinstance(codes, list) or not codes or not all(isinstance(code, str) and code for code in codes):
        return "vouchers must be a non-empty array of codes."
    checks = {
        "vouchers": len(set(codes)) == len(codes),
        "amount": is_amount(fields.get("amount")),
        "currency": fields["currency"] == "MAD",
        "time": day_of(fields["time"]) != "",
        "customer": bool(PHONE.fullmatch(fields["customer"])),
        "terminal_id": fields["terminal_id"] == terminal,
    }
    return next((f"{name} is not valid." for name, right in checks.items() if not right), "")


def is_amount(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0


def day_of(moment: str) -> str:
    """The day of an ISO 8601 time with its offset; '' for anything else."""
    try:
        found = dt.datetime.fromisoformat(moment)
    except ValueError:
        return ""
    return found.date().isoformat() if found.tzinfo is not None else ""


def replayed(known: Record, fields: JsonObject, rule: dict[str, str]) -> Answer:
    same = all(known[name] == sale(fields, "")[name] for name in COMPARED)
    if same and rule["order_replay"] == "accepted":
        return in_json(int(rule["success_status"]), {"order_id": known["order_id"]})
    return error(int(rule["order_conflict"]), "sale_exists", "A sale with this order_id exists already.")


def refusal(code: str, fields: JsonObject, draft: Draft, rule: dict[str, str]) -> str:
    found = draft.find("voucher", code)
    if found is None:
        return "voucher_not_found"
    again = found["status"] == "burned" and rule["second_use"] == "accepted"
    if found["status"] != "available" and not again:
        return f"voucher_{found['status']}" if found["status"] in ("burned", "canceled") else "voucher_not_available"
    if rule["owner_checked"] == "yes" and digits(found["customer"]) != digits(fields["customer"]):
        return "wrong_customer"
    return ""


def digits(phone: str) -> str:
    """The nine digits behind any of the prefixes a Moroccan number may have."""
    return re.sub(r"[^0-9]", "", phone)[-9:]


def worth(codes: Sequence[str], draft: Draft) -> Decimal:
    found = [draft.find("voucher", code) for code in codes]
    return sum((Decimal(str(one["points_amount"])) for one in found if one), Decimal(0))


def spend(codes: Sequence[str], fields: JsonObject, draft: Draft) -> None:
    for code in codes:
        found = draft.find("voucher", code) or {}
        draft.put("voucher", code, {**found, "status": "burned"})
        amounts = {"points": str(found["points_amount"]), "amount": str(fields["amount"])}
        portal = fields["terminal_id"] == OTHER_TILL
        draft.happened(
            Effect(
                code=code,
                amounts=amounts,
                order_id=fields["order_id"],
                user=fields["terminal_id"],
                actor="portal" if portal else "api",
            )
        )


def spend_elsewhere(code: str, at: dt.datetime, draft: Draft) -> None:
    """The same voucher at a gas station's till."""
    order = f"GAS_{draft.next_number('elsewhere', 1)}"
    fields = {"terminal_id": OTHER_TILL, "amount": 100, "currency": "MAD", "order_id": order, "time": at.isoformat()}
    found = draft.find("voucher", code)
    if found is not None and found["status"] == "available":
        fields |= {"customer": found["customer"], "vouchers": [code]}
        spend([code], fields, draft)
        draft.put("sale", order, sale(fields, at.date().isoformat()))


def sale(fields: JsonObject, day: str) -> JsonObject:
    kept = {name: fields[name] for name in ("order_id", "terminal_id", "time", "amount", "currency", "vouchers")}
    return {**kept, "customer": digits(fields["customer"]), "agent_id": fields.get("agent_id"), "day": day}
