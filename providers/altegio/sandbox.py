"""Our twin of Altegio: what is documented of its loyalty calls, and on request what else is known or feared (`RULES`).

Of what nobody knows the default is an assumption. It shares no line with our client, so that both cannot make the same mistake.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from providers.altegio import sandbox_cards as cards
from providers.altegio import sandbox_lists as lists
from providers.altegio import sandbox_salon as salon
from providers.altegio import sandbox_say as say
from providers.altegio import sandbox_shapes as shapes
from providers.altegio import sandbox_told as told
from providers.altegio import sandbox_visits as visits
from providers.altegio.sandbox_rate import Buckets
from providers.sandbox.shelf import Draft
from providers.sandbox.twin import Answer, Delivery, JsonObject, Request, Twin, Unfit, in_json, object_in

RULES: Mapping[str, tuple[str, ...]] = {
    "card_number": ("text", "number"),  # a number has lost its zeros
    "changed_after": ("inclusive", "exclusive"),
    "envelope": ("on", "bare"),  # of the loyalty calls
    "limits": ("on", "off"),  # of requests
    "meta": ("list", "object"),  # where it is empty
    "numbers": ("plain", "texts", "noisy"),  # noisy: a float with all its digits
    "offset": ("right", "forgets_summer"),
    "page_size": ("200", "50", "25"),  # the longest page, whatever was asked for
    "refusals": ("status", "under_200"),
    "removal": ("204", "200"),
    "retry_after": ("absent", "present"),  # beside a 429
    "right_missing": ("none", *salon.RIGHTS),
    "second_use": ("refused", "accepted"),  # accepted: a provider that does it again whenever it is asked again
    "unauthorized": ("envelope", "html", "empty"),
    "user_missing": ("401", "403"),
}
ID, PHONE = "([0-9]+)", r"(\+?[0-9]+)"
# Method, path, the endpoint's name, and what of its path is the code of a request: the first that fits.
ROUTES: tuple[tuple[str, re.Pattern[str], str, int], ...] = tuple(
    (method, re.compile(path), name, code)
    for method, path, name, code in (
        ("POST", "auth", "auth", 0),
        ("GET", "groups", "groups", 0),
        ("GET", "companies", "companies", 0),
        ("GET", f"company/{ID}", "company", 1),
        ("GET", f"loyalty/card_types/salon/{ID}", "card_types", 1),
        ("GET", f"loyalty/card_types/client/{ID}/{PHONE}", "card_types_for", 0),
        ("GET", f"chain/{ID}/loyalty/card_types", "card_types_of_chain", 1),
        ("GET", f"loyalty/client_cards/{ID}", "cards_of_client", 1),
        ("GET", f"loyalty/cards/{PHONE}/{ID}/{ID}", "cards_of_phone", 0),
        ("GET", f"user/loyalty_cards/{ID}", "own_cards", 0),
        ("POST", f"loyalty/cards/{ID}", "issue", 0),
        ("DELETE", f"loyalty/cards/{ID}/{ID}", "remove", 2),
        ("POST", f"company/{ID}/loyalty/cards/{ID}/manual_transaction", "by_hand", 2),
        ("POST", f"chain/{ID}/loyalty/cards/{ID}/manual_transaction", "by_hand_in_chain", 2),
        ("GET", f"company/{ID}/loyalty/programs/search", "programs", 1),
        ("GET", f"chain/{ID}/loyalty/transactions", "transactions", 0),
        ("GET", f"visit/loyalty/transactions/{ID}", "visit_transactions", 1),
        ("GET", f"visit/details/{ID}/{ID}/{ID}", "details", 3),
        ("GET", f"visits/{ID}", "visit", 1),
        ("GET", f"record/{ID}/{ID}", "record", 2),
        ("GET", f"records/{ID}", "records", 0),
        ("GET", f"clients/{ID}", "clients", 0),
        ("GET", f"client/{ID}/{ID}", "client", 2),
        ("POST", f"company/{ID}/clients/search", "search", 0),
        ("GET", f"group/{ID}/clients", "in_chain", 0),
        ("POST", f"visit/loyalty/apply_card_withdrawal/{ID}/{ID}", "withdraw", 2),
        ("POST", f"visit/loyalty/cancel_card_withdrawal/{ID}/{ID}", "cancel_withdrawal", 2),
        ("POST", f"visit/loyalty/apply_discount_program/{ID}/{ID}/{ID}", "apply_program", 2),
        ("POST", f"visit/loyalty/cancel_discount_program/{ID}/{ID}/{ID}", "cancel_program", 2),
        ("POST", f"visit/loyalty/apply_referral_program/{ID}/{ID}", "apply_referral", 0),
    )
)
WRITES = frozenset(
    {
        *("issue", "remove", "by_hand", "by_hand_in_chain", "withdraw", "cancel_withdrawal"),
        *("apply_program", "cancel_program", "apply_referral"),
    }
)
PARTNER, USER = "wasl-demo-partner-1", {"login": "demo@ruba.test", "password": "demo-reception-7"}
Parts = tuple[int, ...]
Read = Callable[[Parts, "lists.Query", Draft], Answer]
READS: dict[str, Read] = {
    "groups": lambda parts, query, draft: lists.groups(draft),
    "companies": lambda parts, query, draft: lists.companies(draft),
    "company": lambda parts, query, draft: lists.show_company(parts[0], draft),
    "card_types": lambda parts, query, draft: cards.types_in(parts[0], draft),
    "card_types_for": lambda parts, query, draft: cards.types_for(parts[0], str(parts[1]), draft),
    "card_types_of_chain": lambda parts, query, draft: cards.types_of_chain(draft),
    "cards_of_client": lambda parts, query, draft: cards.of_client(parts[0], draft),
    "cards_of_phone": lambda parts, query, draft: cards.of_phone(str(parts[0]), draft),
    "own_cards": lambda parts, query, draft: cards.of_user(draft),
    "programs": lambda parts, query, draft: lists.programs(parts[0], draft),
    "transactions": lambda parts, query, draft: lists.transactions(query, draft),
    "visit_transactions": lambda parts, query, draft: visits.shown_transactions(parts[0], draft),
    "details": lambda parts, query, draft: visits.details(parts[0], parts[1], parts[2], draft),
    "visit": lambda parts, query, draft: lists.show_visit(parts[0], draft),
    "record": lambda parts, query, draft: lists.show_record(parts[0], parts[1], draft),
    "records": lambda parts, query, draft: lists.records(parts[0], query, draft),
    "clients": lambda parts, query, draft: lists.clients(parts[0], query, draft),
    "client": lambda parts, query, draft: lists.show_client(parts[0], parts[1], draft),
    "in_chain": lambda parts, query, draft: lists.in_chain(query, draft),
}


def twin() -> Twin:
    return Altegio()


class Altegio:
    slug = "altegio"
    prefix = "/altegio/api/v1"
    endpoints = tuple(name for _method, _path, name, _code in ROUTES)
    reads = frozenset(endpoints) - WRITES
    secret_endpoints = frozenset({"auth"})
    rules = RULES

    def __init__(self) -> None:
        self._buckets = Buckets()

    def stock(self, draft: Draft, scenario: str, today: dt.date) -> None:
        self._buckets.fill()
        if scenario == "empty":
            return
        for person, card in salon.people(today):
            draft.put("client", str(person["id"]), person)
            if card:
                draft.put("card", str(card["id"]), card)
        for row in salon.records(today):
            draft.put("record", str(row["id"]), row)

    def endpoint_of(self, request: Request) -> str:
        return self._matched(request)[0]

    def _matched(self, request: Request) -> tuple[str, Parts, int]:
        """The endpoint, the numbers in its path, and which of them is its code. A trailing slash changes nothing, and a path
        that exists is found for any method, so that faults can meet it."""
        path = request.path.rstrip("/")
        fits = [(method, name, code, found) for method, one, name, code in ROUTES if (found := one.fullmatch(path))]
        exact = next((one for one in fits if one[0] == request.method), None) or (fits[0] if fits else None)
        if exact is None:
            return "", (), 0
        return exact[1], tuple(int(part) for part in exact[3].groups()), exact[2]

    def codes_of(self, request: Request) -> tuple[str, ...]:
        """The card of a write, the row of a read."""
        _endpoint, parts, code = self._matched(request)
        return (str(parts[code - 1]),) if code else ()

    def answer(self, request: Request, draft: Draft) -> Answer:
        if draft.rule("limits", "on") == "on" and not self._buckets.take(request.at):
            return say.too_many(draft)
        endpoint, parts, _code = self._matched(request)
        if not endpoint:
            return say.not_there(draft)
        refusal = self._turned_away(endpoint, request, draft)
        if refusal:
            return refusal
        if not any(name == endpoint and method == request.method for method, _path, name, _ in ROUTES):
            return Answer(405, b"", {"Allow": "GET, POST, DELETE"})
        if endpoint in READS:
            return READS[endpoint](parts, lists.query_of(request), draft)
        return self._posted(endpoint, parts, request, draft)

    def _turned_away(self, endpoint: str, request: Request, draft: Draft) -> Answer | None:
        partner, user = tokens_in(request)
        if not hmac.compare_digest(partner.encode(), PARTNER.encode()):
            return self.unauthorized(draft.rule("unauthorized", "envelope"), request)
        if endpoint != "auth" and not hmac.compare_digest(user.encode(), user_token(draft).encode()):
            if draft.rule("user_missing", "401") == "403" and not user:
                return say.no(403, "Access denied.", draft)
            return self.unauthorized(draft.rule("unauthorized", "envelope"), request)
        return None

    def _posted(self, endpoint: str, parts: Parts, request: Request, draft: Draft) -> Answer:
        fields = object_in(request.body)
        if endpoint == "auth":
            return log_in(fields, draft)
        if endpoint == "search":
            return lists.search(parts[0], fields, draft)
        if endpoint == "remove":
            return cards.remove(parts[1], draft)
        if endpoint == "issue":
            return cards.issue(parts[0], fields, request, draft)
        if endpoint.startswith("by_hand"):
            of_chain = endpoint == "by_hand_in_chain"
            return cards.by_hand(parts[1], fields, request, draft, of_chain=of_chain)
        acts: dict[str, Callable[..., Answer]] = {
            "withdraw": visits.withdraw,
            "cancel_withdrawal": visits.cancel_withdrawal,
            "apply_program": visits.apply_program,
            "cancel_program": visits.cancel_program,
            "apply_referral": visits.apply_referral,
        }
        return acts[endpoint](*parts, fields, request, draft)

    def unauthorized(self, shape: str, request: Request) -> Answer:
        return say.unauthorized(shape)

    def about_another(self, answer: Answer, codes: Sequence[str], draft: Draft) -> Answer:
        """Another card, another row, a bill without what we did; an answer that names nothing of ours stays as it is."""
        try:
            content = json.loads(answer.body)
        except ValueError:
            return answer
        is_envelope = isinstance(content, dict) and "data" in content
        inner = _of_another(content["data"] if is_envelope else content)
        return in_json(answer.status, {**content, "data": inner} if is_envelope else inner, answer.headers)

    def use_at_portal(self, code: str, at: dt.datetime, draft: Draft) -> None:
        """Reception takes ten points from a card by hand, or pays a visit anew with five points less."""
        standing = [one for one in visits.transactions_of(cards.whole(code), draft) if one["type_id"] == 3]
        if standing:
            told.respend(cards.whole(code), standing, Request(sequence=0, at=at, method="", path=""), draft)
            return
        card = shapes.card_of(cards.whole(code), draft)
        taken = min(Decimal(10), Decimal(card["balance"])) if card else Decimal(0)
        if not card or not taken:
            return
        request = Request(sequence=0, at=at, method="", path="")
        cards.noted(6, taken, request, draft, card_id=card["id"])
        cards.happened(cards.moved(card, -taken, draft) or card, -taken, draft, actor="portal")

    def put_voucher(self, fields: JsonObject, draft: Draft, today: dt.date) -> JsonObject:
        raise Unfit("Altegio has no vouchers")

    def revoke_tokens(self, user: str, draft: Draft) -> None:
        """A password that is changed makes the user's token anew; here it changes to itself."""
        if user not in ("", USER["login"]):
            raise Unfit(f"user must be {USER['login']}; got {user!r}")
        draft.next_number("generation", 1)

    def login(self) -> Mapping[str, str]:
        place = {"location_id": str(salon.OLAYA), "chain_id": str(salon.CHAIN)}
        return {"partner_token": PARTNER, **USER, **place}

    def act(self, fields: JsonObject, request: Request, draft: Draft) -> JsonObject:
        return told.act(fields, request, draft)

    def deliveries(self, fields: JsonObject, request: Request, draft: Draft) -> list[Delivery]:
        return told.deliveries(fields, request, draft)


def tokens_in(request: Request) -> tuple[str, str]:
    """Of partner and user; '' for one that is not there. A space behind the comma may be missing."""
    header = request.headers.get("authorization", "")
    found = re.fullmatch(r"Bearer ([^\s,]+)(?:\s*,\s*User ([^\s,]+))?", header.strip())
    return (found[1], found[2] or "") if found else ("", "")


def user_token(draft: Draft) -> str:
    generation = (draft.find("counter", "generation") or {"value": 0})["value"]
    return hashlib.sha256(f"{USER['login']}/{generation}".encode()).hexdigest()[:32]


def log_in(fields: JsonObject, draft: Draft) -> Answer:
    if {name: fields.get(name) for name in USER} != USER:
        return say.unauthorized("envelope")
    person = {"id": 123456, "name": "Demo Reception", "phone": "+966501110000", "login": USER["login"], "email": ""}
    answer = say.yes({**person, "user_token": user_token(draft), "is_approved": True}, draft)
    return Answer(201, answer.body, answer.headers)


def _of_another(content: Any) -> Any:
    if isinstance(content, list):
        return [_of_another(one) for one in content]
    if not isinstance(content, dict):
        return content
    changed = {**content}
    if "loyalty_transactions" in content:
        return {**changed, "loyalty_transactions": [], "items": []}
    if isinstance(content.get("id"), int):
        changed["id"] = content["id"] + 1
    return changed
