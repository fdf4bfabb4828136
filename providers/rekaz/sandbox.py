"""Our twin of Rekaz: what was measured of the live system, and on request what its documentation says instead (`RULES`).

Of what nobody knows the default is an assumption. It shares no line with our client, so that both cannot make the same mistake.
"""

from __future__ import annotations

import base64
import datetime as dt
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from providers.rekaz import sandbox_bookings as bookings
from providers.rekaz import sandbox_clinic as clinic
from providers.rekaz import sandbox_lists as lists
from providers.rekaz import sandbox_say as say
from providers.rekaz import sandbox_told as told
from providers.rekaz import sandbox_writes as writes
from providers.rekaz.sandbox_slots import slots
from providers.sandbox.shelf import Draft, Effect
from providers.sandbox.twin import Answer, Delivery, JsonObject, Request, Twin, Unfit, in_json, object_in

RULES: Mapping[str, tuple[str, ...]] = {
    "attendance_words": ("swapped", "straight", "numbers"),
    "envelopes": ("measured", "documented"),  # of products: an envelope, or a bare array
    "errors": ("measured", "documented"),  # two envelopes, or the one that is documented
    "faithful_filters": ("off", "on"),
    "fields": ("measured", "documented"),
    "invoice_id": ("absent", "present"),  # in the answer to a booking
    "page_size": ("clamped", "refused"),  # above a hundred
    "payment_link": tuple(bookings.LINKS),
    "second_use": ("refused", "accepted"),  # accepted: a provider that does it again whenever it is asked again
    "success_status": ("200", "201"),
    "unauthorized": ("envelope", "problem", "html", "empty"),
    "wire_zone": ("utc", "riyadh"),  # riyadh: wall clock with the Z of UTC
}
ID = "([^/]+)"
# Method, path and the endpoint's name: the first that fits.
ROUTES: tuple[tuple[str, re.Pattern[str], str], ...] = tuple(
    (method, re.compile(path), name)
    for method, path, name in (
        ("GET", "attendances", "attendances"),
        ("POST", "attendances", "attend"),
        ("GET", "branches", "branches"),
        ("GET", f"branches/{ID}", "branch"),
        ("GET", "products", "products"),
        ("GET", f"products/{ID}", "product"),
        ("GET", "customers", "customers"),
        ("POST", "customers", "create_customer"),
        ("GET", f"customers/{ID}", "customer"),
        ("GET", "subscriptions", "subscriptions"),
        ("POST", "subscriptions", "subscribe"),
        ("GET", f"subscriptions/{ID}", "subscription"),
        ("POST", f"subscriptions/{ID}/pause", "pause"),
        ("POST", f"subscriptions/{ID}/resume", "resume"),
        ("GET", "providers", "providers"),
        ("GET", "reservations", "reservations"),
        ("GET", "reservations/slots", "slots"),
        ("POST", "reservations/bulk", "book"),
        ("GET", f"reservations/{ID}", "reservation"),
        ("PUT", f"reservations/{ID}", "reschedule"),
        ("PUT", f"reservations/{ID}/confirm", "confirm"),
        ("PUT", f"reservations/{ID}/cancel", "cancel"),
        ("PUT", f"reservations/{ID}/done", "finish"),
    )
)
VERBS = {"reschedule": "", "confirm": "confirm", "cancel": "cancel", "finish": "done"}
ONES = {"product": "products", "customer": "customers", "subscription": "subscriptions", "reservation": "reservations"}
LISTS = {"products": lists.products, "customers": lists.people, "reservations": lists.bookings}
LISTS |= {"subscriptions": lists.plans, "attendances": lists.visits}
POSTS: dict[str, writes.Act] = {
    "create_customer": writes.create_customer,
    "subscribe": writes.subscribe,
    "attend": writes.attend,
    "book": bookings.book,
}
# Two pairs, so that a rotation can be played: `revoke` ends the first.
KEYS = (("wasl-demo-key-1", "wasl-demo-secret-1"), ("wasl-demo-key-2", "wasl-demo-secret-2"))


def twin() -> Twin:
    return Rekaz()


class Rekaz:
    slug = "rekaz"
    prefix = "/rekaz/api/public"
    endpoints = tuple(name for _method, _path, name in ROUTES)
    reads = frozenset(name for method, _path, name in ROUTES if method == "GET")
    secret_endpoints: frozenset[str] = frozenset()
    rules = RULES

    def stock(self, draft: Draft, scenario: str, today: dt.date) -> None:
        for product in clinic.products():
            draft.put("product", product["id"], product)
        if scenario == "empty":
            return
        people = {row["id"]: row for row in clinic.customers(scenario)}
        for kind, rows in (
            ("customer", people.values()),
            ("reservation", clinic.reservations(scenario, today)),
            ("subscription", clinic.subscriptions(scenario, today)),
        ):
            for row in rows:
                draft.put(kind, row["id"], row)
        done = [row for row in clinic.reservations(scenario, today) if row["status"] == "Done"]
        for row in done[:12]:
            names = [one["name"] for one in row["providers"]]
            at = dt.datetime.fromisoformat(row["startAt"])
            made = writes.visit(row, people[row["customerId"]], names, subject="reservation", is_out=False, at=at)
            draft.put("attendance", clinic.guid(f"attendance {row['id']}"), made)

    def endpoint_of(self, request: Request) -> str:
        return self._matched(request)[0]

    def _matched(self, request: Request) -> tuple[str, str]:
        """The endpoint and the id in its path. A path that exists is found for any method, so that faults can meet it."""
        fits = [(method, name, found) for method, path, name in ROUTES if (found := path.fullmatch(request.path))]
        exact = next((one for one in fits if one[0] == request.method), None) or (fits[0] if fits else None)
        if exact is None:
            return "", ""
        return exact[1], exact[2][1] if exact[2].groups() else ""

    def codes_of(self, request: Request) -> tuple[str, ...]:
        """The rows that a request is about: the one in its path, or those that it will make."""
        endpoint, identifier = self._matched(request)
        if endpoint == "book":
            return bookings.made_ids(request, min(len(bookings.items_of(object_in(request.body))), 100))
        if endpoint == "attend":
            return (str(object_in(request.body).get("actionId", "")),)
        return (identifier,) if identifier else ()

    def answer(self, request: Request, draft: Draft) -> Answer:
        blocked = say.edge(request)
        if blocked:
            return blocked
        endpoint, identifier = self._matched(request)
        if not endpoint:
            return say.problem(404, "Not Found")
        if not is_known(request, draft):
            return self.unauthorized(draft.rule("unauthorized", "envelope"), request)
        if (request.method == "GET") != (endpoint in self.reads):
            return Answer(405, b"", {"Allow": "GET, POST, PUT"})
        return (
            self._read(endpoint, identifier, request, draft)
            if endpoint in self.reads
            else self._write(endpoint, identifier, request, draft)
        )

    def _read(self, endpoint: str, identifier: str, request: Request, draft: Draft) -> Answer:
        query = lists.query_of(request)
        if endpoint in ONES:
            return lists.show(ONES[endpoint], identifier, draft)
        if endpoint in LISTS:
            return LISTS[endpoint](query, draft)
        if endpoint == "slots":
            return slots(query, request, draft)
        if endpoint == "providers":
            return lists.providers(draft)
        return lists.show_branch(identifier, draft) if endpoint == "branch" else lists.branches(draft)

    def _write(self, endpoint: str, identifier: str, request: Request, draft: Draft) -> Answer:
        fields = object_in(request.body)
        if request.body and not fields:
            return say.invalid({"$": "The JSON value could not be converted."}, draft)
        if endpoint in VERBS:
            return bookings.change(identifier, VERBS[endpoint], fields, request, draft)
        if endpoint in ("pause", "resume"):
            return (writes.pause if endpoint == "pause" else writes.resume)(identifier, fields, request, draft)
        made = Draft.copy_of(draft)
        answer = POSTS[endpoint](fields, request, made)
        if answer.status < 300:  # refused in the middle, nothing of it is done
            draft.take(made)
        return answer

    def unauthorized(self, shape: str, request: Request) -> Answer:
        return say.unauthorized(shape, request)

    def about_another(self, answer: Answer, codes: Sequence[str], draft: Draft) -> Answer:
        """Another row, another subscription, one booking less; an answer that names nothing of ours stays as it is."""
        try:
            content = json.loads(answer.body)
        except ValueError:
            return answer
        if not isinstance(content, dict):
            return answer
        changed = {**content}
        for name in ("id", "subscriptionId", "actionId"):
            if isinstance(content.get(name), str):
                changed[name] = clinic.guid(f"another than {content[name]}")
        if isinstance(content.get("reservationIds"), list):
            changed["reservationIds"] = content["reservationIds"][:-1]
        return in_json(answer.status, changed, answer.headers)

    def use_at_portal(self, code: str, at: dt.datetime, draft: Draft) -> None:
        """Reception moves the booking by an hour."""
        row = lists.find("reservation", code, draft)
        if row is None or row["status"] not in ("Pending", "Confirmed"):
            return
        hour = dt.timedelta(hours=1)
        moved = {name: clinic.iso(dt.datetime.fromisoformat(row[name]) + hour) for name in ("startAt", "endAt")}
        draft.put("reservation", row["id"], row | moved)
        draft.happened(Effect(code=row["id"], amounts=moved, order_id="", user="portal", actor="portal"))

    def put_voucher(self, fields: JsonObject, draft: Draft, today: dt.date) -> JsonObject:
        raise Unfit("Rekaz has no vouchers")

    def revoke_tokens(self, user: str, draft: Draft) -> None:
        if user not in ("", KEYS[0][0]):
            raise Unfit(f"user must be {KEYS[0][0]}; got {user!r}")
        draft.put("counter", "revoked", {"value": 1})

    def login(self) -> Mapping[str, str]:
        key, secret = KEYS[0]
        return {"key": key, "secret": secret, "tenant": clinic.TENANT, "branch_id": clinic.OLAYA}

    def act(self, fields: JsonObject, request: Request, draft: Draft) -> JsonObject:
        return told.act(fields, request, draft)

    def deliveries(self, fields: JsonObject, request: Request, draft: Draft) -> list[Delivery]:
        return told.deliveries(fields, request, draft)


def is_known(request: Request, draft: Draft) -> bool:
    """Key and secret of a pair that is in use, and the tenant; the tenant alone is nobody."""
    if request.headers.get("__tenant", "").lower() != clinic.TENANT:
        return False
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    pairs: Sequence[Any] = KEYS[1:] if draft.find("counter", "revoked") else KEYS
    tokens = [base64.b64encode(f"{key}:{secret}".encode()).decode() for key, secret in pairs]
    return scheme.lower() == "basic" and any(hmac.compare_digest(given.encode(), one.encode()) for one in tokens)
