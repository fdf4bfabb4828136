"""Which account a booking is made through here, and the one way a booking service says no."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from customers.models import ProviderCustomer
from providers.acting import Place
from providers.models import Account, BranchAccount, Operation
from reservations.selectors.places import Link, link_for


class CannotBook(Exception):
    """`code` is one of reservations.outcomes; `holder` our operation in the way, `customers` who has that phone already."""

    def __init__(self, code: str, holder: Operation | None = None, customers: Sequence[ProviderCustomer] = ()) -> None:
        super().__init__(code)
        self.code = code
        self.holder = holder
        self.customers = list(customers)


def allowed(place: Place, permission: str) -> None:
    """Raises CannotBook('not_allowed')."""
    if not place.may(permission):
        raise CannotBook("not_allowed")


def link_to(place: Place, account: Account | uuid.UUID) -> Link:
    """How this branch uses that account. Raises CannotBook('not_here'): another branch's customers are not ours."""
    wanted = account if isinstance(account, uuid.UUID) else account.pk
    row = BranchAccount.objects.filter(branch=place.branch, account=wanted, account__is_active=True)
    found = row.select_related("account", "branch").first()
    if found is None:
        raise CannotBook("not_here")
    return link_for(found)
