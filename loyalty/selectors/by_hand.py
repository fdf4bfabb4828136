"""Points that were given or taken by hand, a day a line: as information. Staff may use the provider's own screens all day, so
what no act of ours explains is no alarm; that balances and movements do not add up is one (loyalty/sync/reckoning.py)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from branches.models import Branch
from loyalty.models import Act, LoyaltyTransaction
from loyalty.selectors.places import loyalty_accounts
from providers.contracts.loyalty_orders import Movement

NOTHING = Decimal(0)
BY_HAND = (Movement.DEPOSIT_BY_HAND, Movement.WITHDRAWAL_BY_HAND)
MOST_DAYS = 92


@dataclass(slots=True)
class DayByHand:
    """`theirs` are how many movements of the day are no act of ours: made at the provider's own screens, or by another."""

    day: dt.date
    given: Decimal = NOTHING
    taken: Decimal = NOTHING
    ours: int = 0
    theirs: int = 0


def points_by_hand(branches: Branch | Iterable[Branch], first: dt.date, last: dt.date) -> list[DayByHand]:
    """Newest first; days without any are left out. Three queries."""
    accounts = list(loyalty_accounts(branches).values_list("pk", flat=True))
    first = max(first, last - dt.timedelta(days=MOST_DAYS))
    rows = LoyaltyTransaction.objects.filter(
        account__in=accounts, movement__in=BY_HAND, day__range=(first, last), gone_at__isnull=True
    )
    found = list(rows.values_list("account", "external_id", "day", "movement", "amount"))
    ids = [external_id for _account, external_id, *_rest in found]
    acts = Act.objects.filter(operation__account__in=accounts, transaction_ids__overlap=ids or [""])
    named = acts.values_list("operation__account", "transaction_ids")
    explained = {(account, one) for account, made in named for one in made}
    days: dict[dt.date, DayByHand] = {}
    for account, external_id, day, movement, amount in found:
        if day is None:
            continue
        line = days.setdefault(day, DayByHand(day))
        if movement == Movement.DEPOSIT_BY_HAND:
            line.given += abs(amount)
        else:
            line.taken += abs(amount)
        if (account, external_id) in explained:
            line.ours += 1
        else:
            line.theirs += 1
    return sorted(days.values(), key=lambda line: line.day, reverse=True)
