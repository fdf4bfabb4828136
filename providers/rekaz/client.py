"""Rekaz's merchant API, version 2. What each answer means is in `answers.py`; facts and their sources in the fact sheet.

They have no log-in: key and secret go with every call, so a refused key shows at the call itself. They know no idempotency
key either, so no write is ever repeated here, except the one that a documented 401 proves was not listened to.
"""

from __future__ import annotations

import base64
import datetime as dt
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol, TypeVar
from urllib.parse import urlencode

from providers.contracts import (
    AttendanceRecord,
    Attending,
    BookingOrder,
    Cancellation,
    Collection,
    CustomerRecord,
    KeyStore,
    Move,
    NewCustomer,
    Page,
    Pause,
    PlaceRecord,
    PractitionerRecord,
    ProductRecord,
    Receipt,
    ReservationRecord,
    Resumption,
    SlotQuery,
    SlotRecord,
    SubscriptionOrder,
    SubscriptionRecord,
)
from providers.errors import BrokenContract, Misconfigured
from providers.http import Answer, Http, redacted_text
from providers.normalise import zone_named
from providers.rekaz import answers, bodies, mapping, source, wire
from providers.rekaz.mapping import Zones

R = TypeVar("R")


class _Kept(Protocol):
    """A record that they know by an id of theirs."""

    @property
    def external_id(self) -> str: ...


Kept = TypeVar("Kept", bound=_Kept)
Decoder = Callable[[Any, Zones, bytes], R]
MOST_PAGES = 40
MOST_SECONDS = 90.0
_TENANT = re.compile(r"[A-Za-z0-9-]{1,64}")
_BASIC = re.compile(r"[A-Za-z0-9+/=_-]{4,4096}")
_JSON = {"Content-Type": "application/json"}


class _Call(NamedTuple):
    method: str
    path: str
    body: bytes | None = None
    journal_path: str = ""


class Rekaz:
    """A client of one account: one merchant, one branch unless an order names another. `origin` is where the API lives
    without its path; `keys` holds key and secret, or the ready token."""

    def __init__(
        self,
        http: Http,
        keys: KeyStore,
        *,
        origin: str,
        tenant: str,
        branch_id: str,
        timezone: str = "Asia/Riyadh",
        wire_timezone: str = "UTC",
    ) -> None:
        if not _TENANT.fullmatch(tenant):
            raise ValueError("tenant is letters, digits and dashes.")
        self._http = http
        self._keys = keys
        self._origin = origin
        self._tenant = tenant
        self._branch = bodies.identifier(branch_id)
        self._zones = Zones(wire=zone_named(wire_timezone), place=zone_named(timezone))

    def check_login(self, secrets: Mapping[str, str]) -> str:
        """GET /branches: key, tenant and branch are right when ours is listed (fact sheet §1, §5).

        Returns the branch's name. Raises Misconfigured (login_refused, place_unknown …), Unavailable, BrokenContract.
        """
        answer = self._send(self._http.read, _Call("GET", "/branches"), secrets)
        if answers.is_unauthorised_read(answer):
            raise answers.unauthorised(answer)
        found = [self._read(mapping.place, row) for row in answers.listed(answers.json_of(answer)).items]
        ours = [place for place in found if answers.same_id(place.external_id, self._branch)]
        if not ours:
            raise Misconfigured("place_unknown", "They have no branch with this id.", status=answer.status)
        return ours[0].name

    # What there is ---------------------------------------------------------------------------------------------------

    def places(self) -> Sequence[PlaceRecord]:
        """GET /branches (§5). Raises what a read may."""
        return self._rows("/branches", {}, mapping.place)

    def place(self, external_id: str) -> PlaceRecord | None:
        """GET /branches/{id} (§5). Raises what a read may."""
        return self._one("/branches", external_id, mapping.place)

    def practitioners(self) -> Sequence[PractitionerRecord]:
        """GET /providers (§9). Raises what a read may."""
        return self._rows("/providers", {}, mapping.practitioner)

    def products(self) -> Sequence[ProductRecord]:
        """GET /products, amounts in SAR, durations in minutes (§6). Raises what a read may."""
        return self._rows("/products", {}, mapping.product)

    def product(self, external_id: str) -> ProductRecord | None:
        """GET /products/{id} (§6). Raises what a read may."""
        return self._one("/products", external_id, mapping.product)

    def customer(self, external_id: str) -> CustomerRecord | None:
        """GET /customers/{id} (§7). Raises what a read may."""
        return self._one("/customers", external_id, mapping.customer)

    def customers_with(self, phone: str) -> Sequence[CustomerRecord]:
        """GET /customers?mobileNumber= (§7): a filter that they do not document, so every row is looked at here, and where
        it filters nothing all pages are. Raises what a read may, and BrokenContract (list_too_long) before the end."""
        return self._of_phone("/customers", "mobileNumber", phone, mapping.customer, lambda row: row.phone)

    def reservation(self, external_id: str) -> ReservationRecord | None:
        """GET /reservations/{id}, amounts in SAR (§10). Raises what a read may."""
        return self._one("/reservations", external_id, mapping.reservation)

    def reservations_of(self, phone: str, customer_id: str) -> Sequence[ReservationRecord]:
        """GET /reservations?customerMobile= (§10): the one filter that works, by part of a number. A family has one phone:
        of a known customer only its own are given. Raises what a read may, and BrokenContract (list_too_long)."""
        if not phone:
            query = {"customerId": bodies.identifier(customer_id)}
            found: Sequence[ReservationRecord] = self._rows("/reservations", query, mapping.reservation)
        else:
            found = self._of_phone(
                "/reservations", "customerMobile", phone, mapping.reservation, lambda row: row.customer_phone
            )
        return [row for row in found if not customer_id or _is_of(customer_id, row.customer_id, bool(phone))]

    def slots(self, query: SlotQuery) -> Sequence[SlotRecord]:
        """GET /reservations/slots; asked in wall time without a zone, answered with one (§10). They pad the range: what
        lies outside is dropped here, like what is out of date. Raises what a read may."""
        if query.starts.tzinfo or query.ends.tzinfo or query.quantity < 1:
            raise ValueError("Slots are asked for in wall time, without a zone, for one or more.")
        asked = [
            ("StartDate", query.starts.isoformat(timespec="seconds")),
            ("EndDate", query.ends.isoformat(timespec="seconds")),
            ("PriceId", bodies.identifier(query.price_id)),
            ("MinQuantity", str(query.quantity)),
            *(("ProvidersIds", bodies.identifier(each)) for each in query.practitioner_ids),
        ]
        content = self._get(f"/reservations/slots?{urlencode(asked)}")
        found = [self._read(mapping.slot, row) for row in answers.listed(content).items]
        starts, ends = self._placed(query.starts), self._placed(query.ends)
        return [slot for slot in found if slot and starts <= slot.starts_at < ends]

    def subscription(self, external_id: str) -> SubscriptionRecord | None:
        """GET /subscriptions/{id} (§8). Raises what a read may."""
        return self._one("/subscriptions", external_id, mapping.subscription)

    def subscriptions_of(self, customer_id: str) -> Sequence[SubscriptionRecord]:
        """GET /subscriptions?customerId= (§8), filtered again here. Raises what a read may, BrokenContract (list_too_long)."""
        return self._of_customer("/subscriptions", customer_id, mapping.subscription)

    def attendances_of(self, customer_id: str) -> Sequence[AttendanceRecord]:
        """GET /attendances?customerId= (§4), filtered again here. Raises what a read may, BrokenContract (list_too_long)."""
        return self._of_customer("/attendances", customer_id, mapping.attendance)

    # What is done ----------------------------------------------------------------------------------------------------
    # Rejected and Misconfigured prove that nothing happened, as Unavailable does; OutcomeUnknown is settled by reading.
    # ValueError, before anything is sent, for an order they have no words for.

    def create_customer(self, customer: NewCustomer) -> Receipt:
        """POST /customers (§7). Proof: a bare JSON text, the new id. Accumulates: never sent twice. Raises any of the five."""
        body = bodies.new_customer(customer, self._branch)
        return answers.receipt_of_customer(self._write("POST", "/customers", body), answers.texts_in(body))

    def book(self, order: BookingOrder) -> Receipt:
        """POST /reservations/bulk (§10). Proof: a reservation for each item. Accumulates. Raises any of the five."""
        body = bodies.booking(order, self._branch)
        answer = self._write("POST", "/reservations/bulk", body)
        return answers.receipt_of_booking(answer, len(order.items), self._origin, answers.texts_in(body))

    def reschedule(self, move: Move) -> Receipt:
        """PUT /reservations/{id} (§10), always with both ends. Proof: 204. Raises any of the five."""
        return self._put(move.reservation_id, "", bodies.moved(move))

    def confirm(self, reservation_id: str) -> Receipt:
        """PUT /reservations/{id}/confirm (§10). Proof: 204. Raises any of the five."""
        return self._put(reservation_id, "/confirm", None)

    def cancel(self, cancellation: Cancellation) -> Receipt:
        """PUT /reservations/{id}/cancel (§10); frees the slot, and tells the customer if asked. Proof: 204. Raises any of
        the five."""
        return self._put(cancellation.reservation_id, "/cancel", bodies.cancelled(cancellation))

    def finish(self, reservation_id: str) -> Receipt:
        """PUT /reservations/{id}/done, in their documentation of 2026 (§10). Proof: 204. Raises any of the five."""
        return self._put(reservation_id, "/done", None)

    def subscribe(self, order: SubscriptionOrder) -> Receipt:
        """POST /subscriptions (§8). Proof: an invoice; they name no subscription. Accumulates. Raises any of the five."""
        body = bodies.subscribed(order, self._branch)
        answer = self._write("POST", "/subscriptions", body)
        return answers.receipt_of_subscription(answer, self._origin, answers.texts_in(body))

    def pause(self, pause: Pause) -> Receipt:
        """POST /subscriptions/{id}/pause (§8). Proof: our subscription with our times. Raises any of the five."""
        body = bodies.paused(pause)
        answer = self._write("POST", f"/subscriptions/{bodies.identifier(pause.subscription_id)}/pause", body)
        times = (pause.wire_paused, pause.wire_resume)
        return answers.receipt_of_pause(answer, pause.subscription_id, times, answers.texts_in(body))

    def resume(self, resumption: Resumption) -> Receipt:
        """POST /subscriptions/{id}/resume (§8). Proof: our subscription. Raises any of the five."""
        body = bodies.resumed(resumption)
        answer = self._write("POST", f"/subscriptions/{bodies.identifier(resumption.subscription_id)}/resume", body)
        return answers.receipt_of_resumption(answer, resumption.subscription_id, answers.texts_in(body))

    def attend(self, attending: Attending) -> Receipt:
        """POST /attendances (§4). Proof: the record of it, in whichever key its words stand. Accumulates. Raises any of the
        five."""
        body = bodies.attended(attending)
        return answers.receipt_of_attendance(
            self._write("POST", "/attendances", body), attending, answers.texts_in(body)
        )

    # What a mirror reads ---------------------------------------------------------------------------------------------

    def collections(self) -> Sequence[Collection]:
        return source.COLLECTIONS

    def page(self, collection: str, at: str, since: str = "") -> Page:
        """GET one page of a collection as bytes (§2); pages overlap by a few rows. Raises what a read may."""
        answer = self._answer(_Call("GET", source.page_path(collection, at, since)))
        body = answers.content_of(answer)
        try:
            return source.page_of(collection, at, body)
        except ValueError as error:
            raise BrokenContract("unreadable", redacted_text(str(error)), status=answer.status) from None

    def id_of(self, collection: str, row: bytes) -> str:
        return source.id_of(collection, row)

    def decode(self, collection: str, row: bytes) -> Any:
        return source.decode(collection, row, self._zones)

    # How ------------------------------------------------------------------------------------------------------------

    def _rows(self, path: str, query: Mapping[str, str], decode: Decoder[R]) -> list[R]:
        return [self._kept(decode, row) for row in self._all(path, query)]

    def _one(self, path: str, external_id: str, decode: Decoder[Kept]) -> Kept | None:
        answer = self._answer(_Call("GET", f"{path}/{bodies.identifier(external_id)}"))
        if answers.is_not_there(answer):
            return None
        found = self._kept(decode, answers.json_of(answer))
        if not answers.same_id(found.external_id, external_id):
            raise BrokenContract("other_record", "They answered for another record than ours.", status=answer.status)
        return found

    def _of_phone(self, path: str, name: str, phone: str, decode: Decoder[R], phone_of: Callable[[R], str]) -> list[R]:
        """With its plus as documented; where nobody has that, without it, as they keep it. What they gave is believed to be
        all only because every page of it was read."""
        wanted = wire.digits(phone)
        if not 6 <= len(wanted) <= 15:
            raise ValueError("This is not a phone.")
        for form in (f"+{wanted}", wanted):
            rows = self._rows(path, {name: form}, decode)
            ours = [row for row in rows if wire.digits(phone_of(row)) == wanted]
            if ours:
                return ours
        return []

    def _of_customer(self, path: str, customer_id: str, decode: Decoder[Any]) -> list[Any]:
        rows = self._rows(path, {"customerId": bodies.identifier(customer_id)}, decode)
        return [row for row in rows if answers.same_id(row.customer_id, customer_id)]

    def _all(self, path: str, query: Mapping[str, str]) -> Iterator[Any]:
        """Every row of a collection, page after page and never two at once. Raises BrokenContract rather than give a part
        of it: who looks for an effect would take what is missing for a no."""
        skipped, seen, ends = 0, set[str](), time.monotonic() + MOST_SECONDS
        for _ in range(MOST_PAGES):
            pages = {} if path in ("/branches", "/providers") else _page(skipped)
            content = self._get(f"{path}?{urlencode({**query, **pages})}" if query or pages else path, path)
            found = answers.listed(content)
            fresh = [row for row in found.items if _is_new(row, seen)]
            yield from fresh
            total = found.total_count
            more = len(found.items) >= source.PAGE or (total is not None and skipped + len(found.items) < total)
            if not more or not fresh or not pages or (path == "/products" and total is None):
                return
            if time.monotonic() > ends:
                break
            skipped += max(len(found.items) - source.OVERLAP, 1)
        raise BrokenContract("list_too_long", "They have more rows than can be read at once.")

    def _get(self, path: str, journal_path: str = "") -> Any:
        return answers.json_of(self._answer(_Call("GET", path, journal_path=journal_path)))

    def _put(self, reservation_id: str, verb: str, body: bytes | None) -> Receipt:
        answer = self._write("PUT", f"/reservations/{bodies.identifier(reservation_id)}{verb}", body)
        receipt = Receipt(references={"reservations": reservation_id})
        return answers.receipt_of_put(answer, receipt, answers.texts_in(body))

    def _kept(self, decode: Decoder[R], row: Any) -> R:
        """With the bytes that a mirror keeps."""
        return self._read(lambda value, zones: decode(value, zones, source.bytes_of(value)), row)

    def _read(self, decode: Callable[[Any, Zones], R], row: Any) -> R:
        try:
            return decode(row, self._zones)
        except ValueError as error:
            raise BrokenContract("unreadable", redacted_text(str(error))) from None

    def _placed(self, wall: dt.datetime) -> dt.datetime:
        return wall.replace(tzinfo=self._zones.place)

    def _answer(self, call: _Call) -> Answer:
        return self._authorised(self._http.read, call, answers.is_unauthorised_read)

    def _write(self, method: str, path: str, body: bytes | None) -> Answer:
        return self._authorised(self._http.write, _Call(method, path, body), answers.is_unauthorised_write)

    def _authorised(self, send: Callable[..., Answer], call: _Call, refused: Callable[[Answer], bool]) -> Answer:
        """One call with the key in use. A refusal proves that nothing happened: once more then, with another key."""
        secrets = self._keys.read()
        answer = self._send(send, call, secrets)
        if refused(answer):
            others = self._keys.replace(secrets, self.check_login)
            if others is not None:
                answer = self._send(send, call, others)
            if others is None or refused(answer):
                raise answers.unauthorised(answer)
        return answer

    def _send(self, send: Callable[..., Answer], call: _Call, secrets: Mapping[str, str]) -> Answer:
        headers = {"Authorization": f"Basic {_basic(secrets)}", "__tenant": self._tenant}
        if call.body is not None:
            headers |= _JSON
        return send(call.method, call.path, body=call.body, headers=headers, journal_path=call.journal_path)


def _basic(secrets: Mapping[str, str]) -> str:
    """What stands behind "Basic": the token that their dashboard shows ready, or one made of key and secret (§1)."""
    token = re.sub(r"^basic(\s+|$)", "", secrets.get("token", "").strip(), flags=re.IGNORECASE)
    if not token and secrets.get("key") and secrets.get("secret"):
        token = base64.b64encode(f"{secrets['key']}:{secrets['secret']}".encode()).decode()
    if not _BASIC.fullmatch(token):
        raise Misconfigured("login_incomplete", "The account has neither key and secret nor a token.")
    return token


def _page(skipped: int) -> dict[str, str]:
    return {"skipCount": str(skipped), "maxResultCount": str(source.PAGE)}


def _is_new(row: Any, seen: set[str]) -> bool:
    """Pages overlap, and rows move while they are read. An attendance has no id: it is all that it says."""
    name = str((isinstance(row, Mapping) and row.get("id")) or row)
    known = name in seen
    seen.add(name)
    return not known


def _is_of(wanted: str, found: str, phone_matches: bool) -> bool:
    return answers.same_id(found, wanted) if found else phone_matches
