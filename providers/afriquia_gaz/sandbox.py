"""Our twin of Kenz'up, for Afriquia Gaz vouchers: strict about what it is asked, exact about what it answers.

Their page says little beyond the two requests; the rest is a rule that can be chosen (`RULES`), and the defaults are
assumptions. It shares no line with our client, so that both cannot make the same mistake.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from urllib.parse import unquote

from providers.afriquia_gaz import sandbox_shop as shop
from providers.afriquia_gaz import sandbox_vouchers as vouchers
from providers.afriquia_gaz.sandbox_burn import burn, error, spend_elsewhere
from providers.sandbox.shelf import Draft, Record
from providers.sandbox.twin import Answer, JsonObject, Request, Twin, Unfit, in_html, in_json, object_in

STATUS = re.compile(r"shops/([^/]+)/vouchers/([^/]+)")
BURN = re.compile(r"shops/([^/]+)/vouchers-burn")
EXPORT = "ledger/export-sales/json"
METHODS = {"find": "GET", "redeem": "POST", "export": "GET"}
RULES: Mapping[str, tuple[str, ...]] = {
    "burn": ("all_or_nothing", "partial"),  # of several vouchers when one cannot be burned
    "export": ("lists_burns", "silent"),
    "order_conflict": ("409", "422"),  # HTTP status for an order_id with other data
    "order_replay": ("accepted", "refused"),  # the same order again, with the same data
    "owner_checked": ("yes", "no"),
    "partial_answer": ("500", "200", "422"),
    "refusal": ("422", "400", "404"),  # HTTP status of every "no" to a burn
    "second_use": ("refused", "accepted"),  # accepted: a provider that doubles whenever it is asked twice
    "signature": ("strict", "lenient"),
    "status_shape": ("array", "object", "seed_literal"),  # seed_literal: a stranger's voucher beside ours, as printed
    "success_status": ("200", "201"),
    "sum_checked": ("no", "yes"),  # may the vouchers be worth more than the sale?
    "unauthorized": ("envelope", "forbidden", "html"),
    "unknown_code": ("404", "empty_array"),
}


def twin() -> Twin:
    return KenzUp()


class KenzUp:
    slug = "afriquia_gaz"
    prefix = "/afriquia_gaz/api/v1"
    endpoints = tuple(METHODS)
    reads = frozenset({"find", "export"})
    secret_endpoints: frozenset[str] = frozenset()
    rules = RULES

    def stock(self, draft: Draft, scenario: str, today: dt.date) -> None:
        for voucher in vouchers.of_scenario(scenario, today):
            draft.put("voucher", voucher["code"], voucher)

    def endpoint_of(self, request: Request) -> str:
        if request.path == EXPORT:
            return "export"
        if STATUS.fullmatch(request.path):
            return "find"
        return "redeem" if BURN.fullmatch(request.path) else ""

    def codes_of(self, request: Request) -> tuple[str, ...]:
        if asked := STATUS.fullmatch(request.path):
            return (unquote(asked[2]),)
        codes = object_in(request.body).get("vouchers")
        return tuple(code for code in codes if isinstance(code, str)) if isinstance(codes, list) else ()

    def answer(self, request: Request, draft: Draft) -> Answer:
        endpoint = self.endpoint_of(request)
        if not endpoint:
            return not_found()
        if request.method != METHODS[endpoint]:
            return error(405, "method_not_allowed", f"Use {METHODS[endpoint]}.")
        rule = {name: draft.rule(name, choices[0]) for name, choices in RULES.items()}
        if endpoint == "export":
            return export(request, draft, rule)
        terminal, wrong = shop.caller(request, self.prefix, draft, strict=rule["signature"] == "strict")
        if not terminal or not request.path.startswith(f"shops/{shop.SHOP}/"):
            return unauthorized(rule["unauthorized"], wrong or "This is not your shop.")
        return burn(request, terminal, draft, rule) if endpoint == "redeem" else self._status(request, draft, rule)

    def _status(self, request: Request, draft: Draft, rule: dict[str, str]) -> Answer:
        (code,) = self.codes_of(request)
        voucher = draft.find("voucher", code)
        if voucher is None:
            return in_json(200, []) if rule["unknown_code"] == "empty_array" else not_found()
        if rule["status_shape"] == "object":
            return in_json(200, voucher)
        others = [other_than([code], draft)] if rule["status_shape"] == "seed_literal" else []
        return in_json(200, [voucher, *(one for one in others if one)])

    def unauthorized(self, shape: str, request: Request) -> Answer:
        return unauthorized(shape, "The signature could not be verified.")

    def about_another(self, answer: Answer, codes: Sequence[str], draft: Draft) -> Answer:
        order = object_in(answer.body).get("order_id")
        if order:
            return in_json(answer.status, {"order_id": f"{order}-X"}, answer.headers)
        other = other_than(codes, draft)
        return in_json(200, [other]) if other else answer

    def use_at_portal(self, code: str, at: dt.datetime, draft: Draft) -> None:
        spend_elsewhere(code, at, draft)

    def put_voucher(self, fields: JsonObject, draft: Draft, today: dt.date) -> JsonObject:
        vouchers.check(fields)
        voucher = {**(draft.find("voucher", fields["code"]) or vouchers.fresh(fields["code"], today)), **fields}
        draft.put("voucher", fields["code"], voucher)
        return voucher

    def revoke_tokens(self, user: str, draft: Draft) -> None:
        terminals = [one for one in shop.TERMINALS if user in ("", one)]
        if not terminals:
            raise Unfit(f"user must be one of {', '.join(shop.TERMINALS)}; got {user!r}")
        for terminal in terminals:
            shop.revoke(terminal, draft)

    def login(self) -> Mapping[str, str]:
        return shop.login()


def not_found() -> Answer:
    """Word for word the one error body they document."""
    return error(404, "not_found", "The requested resource doesn't exist.")


def unauthorized(shape: str, why: str) -> Answer:
    if shape == "html":
        return in_html(401, "<html><body><h1>401 Unauthorized</h1></body></html>")
    return error(403, "forbidden", why) if shape == "forbidden" else error(401, "unauthorized", why)


def other_than(codes: Sequence[str], draft: Draft) -> Record | None:
    return next((one for one in draft.of_kind("voucher") if one["code"] not in codes), None)


def export(request: Request, draft: Draft, rule: dict[str, str]) -> Answer:
    if not shop.may_export(request):
        return error(401, "unauthorized", "The Basic credentials are not right.")
    days = shop.export_days(request.query)
    if days is None:
        return error(400, "invalid_request", "shop, start and end are required.")
    sales = [one for one in draft.of_kind("sale") if days[0].isoformat() <= one["day"] <= days[1].isoformat()]
    return in_json(200, [row(one) for one in sales] if rule["export"] == "lists_burns" else [])


def row(sale: Record) -> JsonObject:
    """The columns of their export; what a burn of vouchers would have in most of them is a guess."""
    return {
        "earn_burn": "burn",
        "amount": sale["amount"],
        "sale_amount": sale["amount"],
        "payment_type": "points",
        "points_pending_approval": 0,
        "shop_commercial_name": "Clinique de démonstration",
        "shop_id": shop.SHOP,
        "type": "voucher",
        "brand": "Afriquia Gaz",
        "order_id": sale["order_id"],
        "terminal_id": sale["terminal_id"],
        "agent_id": sale["agent_id"],
        "sale_timestamp": sale["time"],
        "mobile_number": f"+212{sale['customer']}",
    }
