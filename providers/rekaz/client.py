"""Rekaz's merchant API, version 2. What each answer means is in `answers.py`; facts and their sources in the fact sheet.

They have no log-in: key and secret go with every call, so a refused key shows at the call itself. They know no idempotency
key either, so no write is ever repeated here, except the one that a documented 401 proves was not listened to.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from providers.contracts import (
    AttendanceRecord,
    Attending,
    BookingOrder,
    Cancellation,
    Collection,
    CustomerRecord,
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
from providers.errors import BrokenContract
from providers.http import redacted_text
from providers.rekaz import answers, bodies, mapping, source
from providers.rekaz.asking import Asking, Request


class Rekaz(Asking):
    """A client of one account: one merchant, one branch unless an order names another. How it is asked: `asking.py`."""

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
        answer = self._answer(Request("GET", source.page_path(collection, at, since)))
        body = answers.content_of(answer)
        try:
            return source.page_of(collection, at, body)
        except ValueError as error:
            raise BrokenContract("unreadable", redacted_text(str(error)), status=answer.status) from None

    def id_of(self, collection: str, row: bytes) -> str:
        return source.id_of(collection, row)

    def decode(self, collection: str, row: bytes) -> Any:
        return source.decode(collection, row, self._zones)


def _is_of(wanted: str, found: str, phone_matches: bool) -> bool:
    return answers.same_id(found, wanted) if found else phone_matches
