"""Whose cards a night reads. There is no list of cards: each client is a call, and a night has fewer calls than clients.

So those are asked about of whom something may have changed: a card of theirs moved, they are new, a card was missing the last
time, or their balance does not add up. Then those that were never asked about, and those whose answer is old. What a webhook
told of, and who stood at the desk, has been read at once (`store_holdings` keeps when), and needs no night.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from itertools import islice

from django.conf import settings
from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet

from customers.models import ProviderCustomer
from loyalty.models import Appointment, CardsRead, Holding, LoyaltyTransaction, Reckoning
from loyalty.sync.holdings import store_holdings
from loyalty.sync.reckoning import reckon
from providers.models import Account
from providers.sync import Listing, Subjects

FRESH_FOR = dt.timedelta(days=14)  # what is older is asked for again, the oldest first
LATE = dt.timedelta(days=2)  # and is told when it is so much older
ONCE_MORE = dt.timedelta(hours=12)  # after which one about whom they could not answer is as good as any


def wanted(account: Account, now: dt.datetime) -> list[str]:
    read = CardsRead.objects.filter(account=account, read_at__isnull=False)
    put_off = set(
        CardsRead.objects.filter(account=account, put_off_at__gt=now - ONCE_MORE).values_list("client_id", flat=True)
    )
    ways: tuple[Iterable[str], ...] = (
        _moved(account, read),
        _of_strangers(account, read),
        _in_doubt(account),
        never_read(account)
        .order_by("-pk")
        .values_list("external_id", flat=True)[: settings.CARDS_A_NIGHT + len(put_off)],
        _old(account, read, now),
    )
    found = dict.fromkeys(client for way in ways for client in way)
    return list(islice((one for one in found if one not in put_off), settings.CARDS_A_NIGHT)) + sorted(
        put_off & found.keys()
    )


def _moved(account: Account, read: QuerySet[CardsRead]) -> QuerySet[CardsRead, str]:
    """A movement on a card of theirs came, or was taken back, since they were read."""
    cards = Holding.objects.filter(account=account, client_id=OuterRef(OuterRef("client_id"))).values("card_id")
    return read.filter(Exists(_since(account, "read_at").filter(card_id__in=cards))).values_list("client_id", flat=True)


def _since(account: Account, moment: str) -> QuerySet[LoyaltyTransaction]:
    since = Q(seen_at__gt=OuterRef(moment)) | Q(gone_at__gt=OuterRef(moment))
    return LoyaltyTransaction.objects.filter(since, account=account).exclude(card_id="")


def _of_strangers(account: Account, read: QuerySet[CardsRead]) -> QuerySet[CardsRead, str]:
    """A card of which nobody knows whose it is moved in a visit: whoever came has it, perhaps since today."""
    known = Holding.objects.filter(account=account, card_id=OuterRef("card_id"))
    visits = Appointment.objects.filter(account=account, client_id=OuterRef(OuterRef("client_id")))
    moves = _since(account, "read_at").filter(~Exists(known), visit_id__in=visits.values("visit_id"))
    return read.filter(Exists(moves.exclude(visit_id=""))).values_list("client_id", flat=True)


def _in_doubt(account: Account) -> QuerySet[Holding, str]:
    off = Reckoning.objects.filter(account=account, off_since__isnull=False).values("card_id")
    rows = Holding.objects.filter(Q(missed_at__isnull=False) | Q(card_id__in=off), account=account)
    return rows.order_by("seen_at").values_list("client_id", flat=True)


def _live(account: Account) -> QuerySet[ProviderCustomer]:
    return ProviderCustomer.objects.filter(account=account, gone_at__isnull=True)


def never_read(account: Account) -> QuerySet[ProviderCustomer]:
    read = CardsRead.objects.filter(account=account, client_id=OuterRef("external_id"), read_at__isnull=False)
    return _live(account).filter(~Exists(read))


def _old(account: Account, read: QuerySet[CardsRead], now: dt.datetime) -> QuerySet[CardsRead, str]:
    """Also of clients who are gone, until nobody holds their cards any more."""
    rows = _of_interest(account, read).filter(read_at__lt=now - FRESH_FOR).order_by("read_at")
    return rows.values_list("client_id", flat=True)[: settings.CARDS_A_NIGHT]


def _of_interest(account: Account, read: QuerySet[CardsRead]) -> QuerySet[CardsRead]:
    live = _live(account).filter(external_id=OuterRef("client_id"))
    held = Holding.objects.filter(account=account, client_id=OuterRef("client_id"))
    return read.filter(Exists(live) | Exists(held))


def listed(account: Account, lists: Sequence[Listing]) -> None:
    for one in lists:
        store_holdings(account, one.subject, one.ids, one.at, sure=False)


def put_off(account: Account, client_id: str, now: dt.datetime) -> None:
    CardsRead.objects.update_or_create(account=account, client_id=client_id[:80], defaults={"put_off_at": now})


def ended(account: Account, began: dt.datetime, now: dt.datetime) -> str:
    """The balances are compared; then what is left to do, as "read/all/day of the oldest"; '' while it is as it should be."""
    reckon(account, began, now)
    never = never_read(account).count()
    read = CardsRead.objects.filter(account=account, read_at__isnull=False)
    found = _of_interest(account, read).aggregate(count=Count("pk"), oldest=Min("read_at"))
    is_late = found["oldest"] is not None and found["oldest"] < now - FRESH_FOR - LATE
    if not never and not is_late:
        return ""
    oldest = found["oldest"].date().isoformat() if found["oldest"] else ""
    return f"{found['count']}/{found['count'] + never}/{oldest}"


ROUNDS = Subjects(wanted, listed, put_off, ended)
