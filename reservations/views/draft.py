"""What a booking takes along in its address: what is tried once more, and the times that are taken already."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import Http404
from django.shortcuts import resolve_url

from branches.models import Branch
from branches.pages import found
from branches.requests import StaffRequest
from customers.models import ProviderCustomer
from reservations import selectors
from reservations.cards.booking import Taken
from reservations.models import Act, Ask
from reservations.services import MOST_ITEMS
from reservations.views.shared import act_named, ask_or_404, customer_or_404

NAME = re.compile(r"([0-9a-f]{32})-(0|[1-9][0-9]{0,3})")


@dataclass(frozen=True, slots=True)
class Draft:
    customer: ProviderCustomer
    after: Act | None
    taken: tuple[Taken, ...]
    names: tuple[str, ...]  # as the address has them: of what is offered no more nothing else is left

    @property
    def is_short(self) -> bool:
        """Whether the clinic has withdrawn a service meanwhile."""
        return len(self.taken) < len(self.names)

    @property
    def carried(self) -> list[tuple[str, str]]:
        """Fields of a form, or of an address."""
        again = [("after", str(self.after.pk))] if self.after else []
        return [*again, *(("with", one.name) for one in self.taken)]

    def is_at(self, branch: Branch) -> bool:
        return all(one.ask.branch_id == branch.pk for one in self.taken)

    def path(self, page: str, *where: object) -> str:
        path = resolve_url(page, self.customer.pk, *where)
        return f"{path}?{urlencode(self.carried)}" if self.carried else path

    def without(self, name: str) -> Draft:
        others = tuple(one for one in self.taken if one.name != name)
        return Draft(self.customer, self.after, others, tuple(one.name for one in others))

    @property
    def last(self) -> str:
        """Where the last time was taken: leaving what comes next loses nothing."""
        if not self.taken:
            return resolve_url("reservations:book")
        *_others, one = self.taken
        return self.without(one.name).path("reservations:book_confirm", one.ask.pk, one.number)


def draft_of(request: StaffRequest, customer_id: int, last: str = "") -> Draft:
    """`last` names the time in the address itself: it stands behind the others. Raises Http404 for a time that was never
    offered at this person's branches for this customer."""
    customer = customer_or_404(request, customer_id)
    names = dict.fromkeys(request.POST.getlist("with") or request.GET.getlist("with"))
    names.pop(last, None)
    some = [*list(names)[: MOST_ITEMS - 1], *filter(None, [last])]
    return Draft(customer, act_named(request), tuple(_taken(request, customer, some)), tuple(some))


def name_of(ask_id: uuid.UUID, number: int) -> str:
    return f"{ask_id.hex}-{number}"


def _taken(request: StaffRequest, customer: ProviderCustomer, names: list[str]) -> list[Taken]:
    """All that are still offered, with two questions."""
    where = [(uuid.UUID(match[1]), int(match[2])) for match in map(NAME.fullmatch, names) if match]
    asks = selectors.asks_for(request.user, [ask_id for ask_id, _number in where], Ask.Kind.SLOTS) if where else {}
    here = {key: ask for key, ask in asks.items() if ask.account_id == customer.account_id}
    products = selectors.products_by_ask(here.values()) if here else {}
    if len(where) < len(names) or not all(ask_id in here for ask_id, _number in where):
        raise Http404
    if len({ask.branch_id for ask in here.values()}) > 1:  # one booking is at one branch
        raise Http404
    return [
        Taken(here[key], number, found(selectors.slot_numbered(here[key], number)), products[key])
        for key, number in where
        if key in products
    ]


def asked_for(request: StaffRequest, customer: ProviderCustomer, ask_id: uuid.UUID) -> Ask:
    ask = ask_or_404(request, ask_id, Ask.Kind.SLOTS)
    if ask.account_id != customer.account_id:
        raise Http404
    return ask
