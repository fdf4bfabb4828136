"""Points and programs in a visit, for partners. The bill is read first: what stands on it now is what is changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from rest_framework.request import Request

from branches.api.endpoint import Endpoint, Told, guest_of
from branches.api.pages import MOST_ROWS
from branches.api.reading import Nothing, body, branch_for, query
from branches.api.refusals import NothingThere
from branches.guests import Guest
from branches.models import Branch
from branches.roles import Permission
from loyalty import services
from loyalty.api.doing import STILL, WRITE, answered, card_at, do, place_at
from loyalty.api.forms import CardActRow, ProgramForm, TakeBackQuery, WithdrawForm
from loyalty.models import Act, Appointment, Card, Holding, Program, Visit
from loyalty.selectors import client_of
from loyalty.services import CannotMove, Place

LONGEST_ID = 80
Then = Callable[[Visit, Card, Place], Act]


class InVisit(Endpoint):
    """Of one visit, by their id of it."""

    tag = "loyalty"

    def apply(self, request: Request, visit_id: str, card_id: int, wanted: dict[str, Any], then: Then) -> HttpResponse:
        branch = branch_for(request, wanted["branch"], Permission.CARD_USE)
        card, guest = card_at(branch, min(card_id, MOST_ROWS)), guest_of(request)

        def act(place: Place) -> Act:
            visit = _read_visit(visit_id[:LONGEST_ID], wanted["record_id"], card, branch, guest)
            fresh = Card.objects.select_related("account").get(pk=card.pk)  # read with the bill
            return then(visit, fresh, place)

        return do(request, branch, wanted["external_ref"], act)


def _read_visit(visit_id: str, record_id: str, card: Card, branch: Branch, guest: Guest) -> Visit:
    """Its bill as it stands there now. Raises CannotMove, or NothingThere where it is not this branch's."""
    place, now, client = place_at(branch, guest), timezone.now(), client_of(card)
    answered(services.refresh_bill(card.account_id, visit_id, record_id, client, place, now=now))
    found = Appointment.objects.filter(account=card.account_id, external_id=record_id, visit_id=visit_id)
    record = found.defer("payload").first()
    visit = Visit.objects.filter(account=card.account_id, external_id=visit_id).first()
    if record is None or visit is None or not services.is_at(record, place):
        raise NothingThere
    holder = Holding.objects.filter(account=card.account_id, client_id=record.client_id, card_id=card.external_id)
    if not holder.exists():
        raise CannotMove("other_account")
    return visit


def _their_program(card: Card, program_id: int) -> str:
    """By our id of it. Raises CannotMove."""
    row = Program.objects.filter(account=card.account_id, pk=min(program_id, MOST_ROWS)).first()
    if row is None:
        raise CannotMove("not_on_card")
    return row.external_id


class Withdrawals(InVisit):
    scopes = {"POST": WRITE}
    told = {
        "POST": Told(
            "Pay with points",
            "They take no more than there is, nor than is left to pay: `applied` says how much it was, `left_to_pay` what the "
            f"customer still pays. {STILL}",
            asks=WithdrawForm,
            answers={201: CardActRow},
            is_effect=True,
        )
    }

    def post(self, request: Request, visit_id: str) -> HttpResponse:
        wanted = body(WithdrawForm, request)

        def pay(visit: Visit, card: Card, place: Place) -> Act:
            return services.withdraw_points(visit, card, wanted["amount"], place, now=timezone.now())

        return self.apply(request, visit_id, wanted["card"], wanted, pay)


class OneWithdrawal(InVisit):
    scopes = {"DELETE": WRITE}
    told = {
        "DELETE": Told("Give back the points of this card", STILL, TakeBackQuery, {201: CardActRow}, is_effect=True)
    }

    def delete(self, request: Request, visit_id: str, card_id: int) -> HttpResponse:
        wanted, _empty = query(TakeBackQuery, request), body(Nothing, request)

        def give_back(visit: Visit, card: Card, place: Place) -> Act:
            return services.cancel_withdrawal(visit, card, place, now=timezone.now())

        return self.apply(request, visit_id, card_id, wanted, give_back)


class Programs(InVisit):
    scopes = {"POST": WRITE}
    told = {
        "POST": Told(
            "A discount of one of the card’s programs",
            f"`applied` says how much it took off the bill. {STILL}",
            asks=ProgramForm,
            answers={201: CardActRow},
            is_effect=True,
        )
    }

    def post(self, request: Request, visit_id: str) -> HttpResponse:
        wanted = body(ProgramForm, request)

        def discount(visit: Visit, card: Card, place: Place) -> Act:
            program = _their_program(card, wanted["program"])
            return services.apply_program(visit, card, program, place, now=timezone.now())

        return self.apply(request, visit_id, wanted["card"], wanted, discount)


class OneProgram(InVisit):
    scopes = {"DELETE": WRITE}
    told = {"DELETE": Told("Take the discount back", STILL, TakeBackQuery, {201: CardActRow}, is_effect=True)}

    def delete(self, request: Request, visit_id: str, card_id: int, program_id: int) -> HttpResponse:
        wanted, _empty = query(TakeBackQuery, request), body(Nothing, request)

        def take_back(visit: Visit, card: Card, place: Place) -> Act:
            program = _their_program(card, program_id)
            return services.cancel_program(visit, card, program, place, now=timezone.now())

        return self.apply(request, visit_id, card_id, wanted, take_back)
