"""Our twin of Alreaaiaa: strict about what it is asked, exact about what it answers.

Where their documentation is silent the behaviour is a rule that can be chosen (`RULES`); the defaults are assumptions.
It shares no line with our client, so that both cannot make the same mistake.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from providers.alreaaiaa import sandbox_vouchers as vouchers
from providers.alreaaiaa.sandbox_tokens import USERS, User, token_for, user_of
from providers.sandbox import laravel
from providers.sandbox.shelf import Draft, Effect, Record
from providers.sandbox.twin import Answer, JsonObject, Request, Twin, Unfit, in_html, in_json, object_in

ENDPOINTS = {"getAuthToken": "login", "findClientCenterVouchers": "find", "makeClientCenterVouchersUsed": "redeem"}
RULES: Mapping[str, tuple[str, ...]] = {
    "already_used": ("200", "400", "422"),  # HTTP status of every "no" to mark used
    "amounts_checked": ("yes", "no"),
    "login_failure": ("200", "400", "401", "422"),
    "second_use": ("refused", "accepted"),  # accepted: a provider that doubles whenever it is asked twice
    "unauthorized": ("envelope", "laravel", "jwt", "family_200", "family_401", "html"),
}
AMOUNTS = ("voucher_price", "total_services_price", "total_client_paid_amount")
FIRST_ORDER = 75131
RIYADH = dt.timezone(dt.timedelta(hours=3))
NOT_FOUND = {"msg": "Voucher does not exist.", "data": None, "key": "success"}
FOUND_KEYS = (
    "id",
    "client_id",
    "price_value",
    "expiry_date",
    "voucher_code",
    "status",
    "reason",
    "client",
    "client_cards",
)
USED_KEYS = (
    *("id", "client_id", "center_id", "voucher_id", "price_value", "order_id", "expiry_date", "voucher_code", "status"),
    *("reason", "created_at", "updated_at"),
)


def twin() -> Twin:
    return Alreaaiaa()


class Alreaaiaa:
    slug = "alreaaiaa"
    prefix = "/alreaaiaa/api/v1"
    endpoints = tuple(ENDPOINTS.values())
    reads = frozenset({"find"})
    secret_endpoints = frozenset({"login"})
    rules = RULES

    def stock(self, draft: Draft, scenario: str, today: dt.date) -> None:
        for voucher in vouchers.of_scenario(scenario, today):
            draft.put("voucher", voucher["voucher_code"], voucher)

    def endpoint_of(self, request: Request) -> str:
        return ENDPOINTS.get(request.path, "")

    def codes_of(self, request: Request) -> tuple[str, ...]:
        code = object_in(request.body).get("voucher_code")
        return (code,) if code and isinstance(code, str) else ()

    def answer(self, request: Request, draft: Draft) -> Answer:
        endpoint = self.endpoint_of(request)
        if not endpoint:
            return laravel.no_route(f"api/v1/{request.path}")
        if request.method != "POST":
            return laravel.wrong_method(request.method, f"api/v1/{request.path}", "POST")
        fields = laravel.fields_of(request)
        if endpoint == "login":
            return log_in(fields, request, draft)
        user = user_of(request, draft)
        if user is None:
            return self.unauthorized(draft.rule("unauthorized", "envelope"), request)
        return find(fields, draft) if endpoint == "find" else mark_used(fields, user, request, draft)

    def unauthorized(self, shape: str, request: Request) -> Answer:
        text = "Token Signature could not be verified." if "authorization" in request.headers else "Token not provided"
        shapes = {
            "envelope": in_json(401, {"msg": "Unauthenticated.", "data": None, "key": "unauthenticated"}),
            "laravel": in_json(401, {"message": "Unauthenticated."}),
            "jwt": in_json(401, {"message": text}, {"WWW-Authenticate": "jwt-auth"}),
            "family_200": in_json(200, {"key": "unauthenticated", "msg": "Unauthenticated."}),
            "family_401": in_json(401, {"key": "unauthenticated", "msg": "Unauthenticated."}),
            "html": in_html(401, "<html><body><h1>401 Unauthorized</h1></body></html>"),
        }
        return shapes.get(shape, shapes["envelope"])

    def about_another(self, answer: Answer, codes: Sequence[str], draft: Draft) -> Answer:
        other = next((one for one in draft.of_kind("voucher") if one["voucher_code"] not in codes), None)
        if other is None:
            return answer
        given = object_in(answer.body)
        if "user" in (given.get("data") or {}):  # a login names no voucher
            return answer
        shown = {
            **(given.get("data") or shown_when_found(other)),
            "id": other["id"],
            "voucher_code": other["voucher_code"],
        }
        return in_json(answer.status, {"msg": given.get("msg"), "data": shown, "key": "success"})

    def use_at_portal(self, code: str, at: dt.datetime, draft: Draft) -> None:
        voucher = draft.find("voucher", code)
        if voucher is not None and voucher["status"] == "verified":
            use(voucher, {}, "portal", at, draft)

    def put_voucher(self, fields: JsonObject, draft: Draft, today: dt.date) -> JsonObject:
        vouchers.check(fields)
        code = fields["voucher_code"]
        known = draft.find("voucher", code) or vouchers.fresh(draft.next_number("voucher", 5000), code, today)
        voucher = {**known, **fields}
        draft.put("voucher", code, voucher)
        return voucher

    def revoke_tokens(self, user: str, draft: Draft) -> None:
        emails = [one.email for one in USERS if user in ("", one.email)]
        if not emails:
            raise Unfit(f"user must be one of {', '.join(one.email for one in USERS)}; got {user!r}")
        for email in emails:
            draft.next_number(f"generation {email}", 1)

    def login(self) -> Mapping[str, str]:
        """What their documentation gives for its test system."""
        return {"email": USERS[0].email, "password": USERS[0].password}


def log_in(fields: JsonObject, request: Request, draft: Draft) -> Answer:
    wrong = laravel.not_strings(fields, ("email", "password"))
    if wrong:
        return laravel.invalid(wrong)
    # Compared exactly: the invisible mark in front of the documentation's e-mail is not forgiven.
    user = next((one for one in USERS if (one.email, one.password) == (fields["email"], fields["password"])), None)
    if user is None:
        return refused(draft.rule("login_failure", "200"), "Invalid credentials.")
    shown = {"id": user.number, "name": user.name, "email": user.email, "phone": user.phone}
    content = {"user": shown, "token": token_for(user, request, draft)}
    return in_json(
        200, {"msg": "Authentication successful. Access token generated.", "data": content, "key": "success"}
    )


def find(fields: JsonObject, draft: Draft) -> Answer:
    wrong = laravel.not_strings(fields, ("voucher_code",))
    if wrong:
        return laravel.invalid(wrong)
    voucher = visible_voucher(fields["voucher_code"], draft)
    if voucher is None:
        return in_json(200, NOT_FOUND)
    return in_json(200, {"msg": "Voucher data", "data": shown_when_found(voucher), "key": "success"})


def mark_used(fields: JsonObject, user: User, request: Request, draft: Draft) -> Answer:
    wrong = laravel.not_strings(fields, ("voucher_code", *AMOUNTS)) or laravel.not_amounts(fields, AMOUNTS)
    if wrong:
        return laravel.invalid(wrong)
    voucher = visible_voucher(fields["voucher_code"], draft)
    if voucher is None:
        return in_json(200, NOT_FOUND)
    again = voucher["status"] == "used" and draft.rule("second_use", "refused") == "accepted"
    if voucher["status"] != "verified" and not again:
        word = "already used" if voucher["status"] == "used" else f"is {voucher['status']}"
        return refused(draft.rule("already_used", "200"), f"Voucher {word}.")
    amounts = {name: fields[name] for name in AMOUNTS}
    if draft.rule("amounts_checked", "yes") == "yes" and not adds_up(amounts, voucher):
        return refused("422", "The amounts do not match the voucher.")
    used = use(voucher, amounts, user.email, request.at, draft)
    shown = {**used, "client_id": used["client"]["id"]}
    content = {name: shown[name] for name in USED_KEYS}
    return in_json(200, {"msg": "Voucher updated successfully", "data": content, "key": "success"})


def use(voucher: Record, amounts: dict[str, str], who: str, at: dt.datetime, draft: Draft) -> Record:
    order = draft.next_number("order", FIRST_ORDER)
    stamp = at.astimezone(RIYADH).strftime("%Y-%m-%d %H:%M:%S")
    used = {**voucher, "status": "used", "order_id": order, "updated_at": stamp}
    draft.put("voucher", voucher["voucher_code"], used)
    actor: Any = "portal" if who == "portal" else "api"
    draft.happened(Effect(code=voucher["voucher_code"], amounts=amounts, order_id=str(order), user=who, actor=actor))
    return used


def adds_up(amounts: Mapping[str, str], voucher: Record) -> bool:
    price, total, paid = (Decimal(amounts[name]) for name in AMOUNTS)
    return price == Decimal(str(voucher["price_value"])) and total - price == paid


def visible_voucher(code: str, draft: Draft) -> Record | None:
    voucher = draft.find("voucher", code)
    return None if voucher is None or voucher["status"] == "pending" else voucher


def shown_when_found(voucher: Record) -> JsonObject:
    shown = {**voucher, "client_id": voucher["client"]["id"]}
    return {name: shown[name] for name in FOUND_KEYS}


def refused(status: str, text: str) -> Answer:
    return in_json(int(status), {"msg": text, "data": None, "key": "fail"})
