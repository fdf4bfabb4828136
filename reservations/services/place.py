"""Who is acting where, and the one way a booking service says no."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from branches.models import Branch, Till, User
from branches.selectors import may
from customers.models import ProviderCustomer
from providers.models import Account, BranchAccount, Operation, Source
from reservations.selectors.places import Link, link_for


def nothing(operation: Operation) -> None:
    """What most callers have to add to an intent."""


@dataclass(frozen=True, slots=True)
class Place:
    """Who is acting, and where. A partner has no person here: its key's scopes were checked before. `also` is committed with
    the intent, or it is not: a partner's key for its retries."""

    actor: User | None
    branch: Branch
    till: Till | None = None
    source: str = Source.STAFF
    external_ref: str = ""
    partner: uuid.UUID | None = None
    also: Callable[[Operation], None] = nothing
    form_token: uuid.UUID = field(
        default_factory=uuid.uuid4
    )  # of the form that was sent: twice the same, one operation


class CannotBook(Exception):
    """`code` is one of reservations.outcomes; `holder` our operation in the way, `customers` who has that phone already."""

    def __init__(self, code: str, holder: Operation | None = None, customers: Sequence[ProviderCustomer] = ()) -> None:
        super().__init__(code)
        self.code = code
        self.holder = holder
        self.customers = list(customers)


def allowed(place: Place, permission: str) -> None:
    """Raises CannotBook('not_allowed')."""
    if place.source == Source.PARTNER and place.actor is None:
        return
    if place.actor is None or not may(place.actor, permission, place.branch):
        raise CannotBook("not_allowed")


def link_to(place: Place, account: Account | uuid.UUID) -> Link:
    """How this branch uses that account. Raises CannotBook('not_here'): another branch's customers are not ours."""
    wanted = account if isinstance(account, uuid.UUID) else account.pk
    row = BranchAccount.objects.filter(branch=place.branch, account=wanted, account__is_active=True)
    found = row.select_related("account", "branch").first()
    if found is None:
        raise CannotBook("not_here")
    return link_for(found)
