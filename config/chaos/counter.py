"""The counter of a clinic, as its own process of a chaos run: people ask it over HTTP, and it calls the services that pages
call. It dies at K1 and K2 like the web does, and whoever asked does not know what became of it.

A question is one JSON object: {"do": "book", "token", "person", …}. Answers: {"act", "state", "tone"} or {"no": code}.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
import uuid
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from django.db import Error, connections
from django.utils import timezone

if TYPE_CHECKING:
    from reservations.models import Act

HOST = "127.0.0.1"
TRIES = 12


class Desk(ThreadingHTTPServer):
    fault = ""  # what went wrong in the counter itself, at no request of the chaos

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Of whatever a request ended with. Who asked may have hung up meanwhile, and that is no fault."""
        problem = sys.exc_info()[1]
        if not isinstance(problem, ConnectionError):
            self.fault = repr(problem)
        super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.0"
    server: Desk
    answered: Callable[[dict[str, Any]], dict[str, Any]]

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        status, answer = self._status_and_answer(asked)
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _status_and_answer(self, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """500 once the counter itself was wrong: whoever asks must not take it for the chaos, and ends the run."""
        if self.server.fault:
            return 500, {"fault": self.server.fault}
        try:
            return 200, type(self).answered(asked)
        except Error:  # the database is being restarted: they ask again
            return 503, {}
        finally:
            connections.close_all()

    def log_message(self, format: str, *args: Any) -> None:
        """Nobody reads it."""


def answered(asked: dict[str, Any]) -> dict[str, Any]:
    from providers.operations import ring
    from reservations.models import Act
    from reservations.services import CannotBook

    if asked["do"] == "show":
        return shown(Act.objects.select_related("operation").get(pk=asked["act"]))
    try:
        act = press(asked)
    except CannotBook as no:
        return {"no": no.code}
    ring("providers.send", act.operation_id)
    return shown(act)


def shown(act: Act) -> dict[str, Any]:
    """As a page says it."""
    from reservations.outcomes import words_for

    operation = act.operation
    slow = timezone.now() - operation.created_at > dt.timedelta(seconds=6)
    tone = words_for(operation, slow=slow).tone
    return {"act": str(act.pk), "state": operation.state, "tone": tone, "made": act.made_ids}


def press(asked: dict[str, Any]) -> Act:
    from branches.models import Till, User
    from reservations import services
    from reservations.services import Place

    person = User.objects.get(username=asked["person"])
    till = Till.objects.select_related("branch").get(pk=asked["till"])
    place, now = Place(person, till.branch, till, form_token=uuid.UUID(asked["token"])), timezone.now()
    do = asked["do"]
    if do == "create":
        from providers.models import Account

        who = services.NewPerson("ضيف جديد", asked["phone"])
        return services.create_customer(who, Account.objects.get(), place, now=now)
    if do in ("book", "subscribe"):
        return _for_customer(asked, place, now)
    row, day = _row(asked), place.branch.business_date(now)
    acts: dict[str, Callable[[], Act]] = {
        "confirm": lambda: services.confirm_reservation(row, place, now=now),
        "done": lambda: services.finish_reservation(row, place, now=now),
        "came": lambda: services.check_in(row, place, now=now),
        "went": lambda: services.check_out(row, place, now=now),
        "reschedule": lambda: services.reschedule_reservation(row, _slot(asked), place, now=now),
        "cancel": lambda: services.cancel_reservation(row, "لا يستطيع", place, notify=asked["notify"], now=now),
        "pause": lambda: services.pause_subscription(row, day, day + dt.timedelta(asked["days"]), place, now=now),
        "resume": lambda: services.resume_subscription(row, day, place, now=now),
    }
    return acts[do]()


def _for_customer(asked: dict[str, Any], place: Any, now: dt.datetime) -> Act:
    from customers.models import ProviderCustomer
    from reservations import services
    from reservations.models import Product

    customer = ProviderCustomer.objects.get(external_id=asked["customer"])
    product = Product.objects.get(external_id=asked["product"])
    if asked["do"] == "subscribe":
        content = services.Content(product, product.price_list[0])
        return services.subscribe_customer(customer, [content], place.branch.business_date(now), place, now=now)
    slots = [_slot(asked), *([_slot(asked, "also")] if asked.get("also") else [])]
    choices = [services.Choice(product, product.price_list[0].price_id, slot) for slot in slots]
    return services.book_reservation(customer, choices, place, now=now)


def _slot(asked: dict[str, Any], name: str = "slot") -> Any:
    from reservations.selectors import Slot

    wire_from, wire_to = asked[name]
    moments = (dt.datetime.fromisoformat(wire_from), dt.datetime.fromisoformat(wire_to))
    return Slot(wire_from, wire_to, *moments, asked["price"])


def _row(asked: dict[str, Any]) -> Any:
    """As they have it now: read until they answer. A page would open an Ask; what is tried here are the writes."""
    from providers.errors import ProviderError
    from providers.models import Account
    from providers.operations.journal import Journal
    from providers.registry import bookings_for
    from reservations.models import Reservation, Subscription
    from reservations.services import CannotBook
    from reservations.sync import store_seen

    account, of_kind = Account.objects.get(), asked["of"]
    model: Any = Subscription if of_kind == "subscription" else Reservation
    client: Any = bookings_for(account, Journal(account))
    for _ in range(TRIES):
        now = timezone.now()
        try:
            found = getattr(client, of_kind)(asked["id"])
        except ProviderError:
            continue
        if found:
            store_seen(account, [found], now)
            break
    row = model.objects.filter(account=account, external_id=asked["id"]).first()
    if row is None:
        raise CannotBook("not_found")
    return row


def serve(answer: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """At the port that the command line names."""
    handler = type("Handler", (Handler,), {"answered": staticmethod(answer)})
    Desk((HOST, int(sys.argv[1])), handler).serve_forever()


if __name__ == "__main__":
    serve(answered)
