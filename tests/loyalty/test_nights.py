"""A night reads all that Altegio keeps: what has no list by the client, what has no time by the day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import F

from customers.models import ProviderCustomer
from loyalty.models import Appointment, Card, CardsRead, Holding, LoyaltyTransaction
from loyalty.sync import rounds
from providers.contracts import CardWithdrawal, Page, WithdrawalCancellation
from providers.models import SyncRun
from providers.sandbox.running import RunningSandbox
from providers.sync import due
from tests.elsewhere import Elsewhere
from tests.loyalty.nights import COLLECTIONS, SLUG, Nights, differences
from tests.loyalty.salon import SARA

pytestmark = pytest.mark.django_db(transaction=True)
SARAS, OMARS = "9210520", "9210521"


def same(nights: Nights, twin: RunningSandbox) -> bool:
    return differences(nights.account, twin.base_url(SLUG), dt.datetime.now(dt.UTC).date()) == []


def earn(twin: RunningSandbox, card: str, amount: str = "5.00") -> None:
    twin.control.act(SLUG, "earn", card=card, amount=amount)


def emptied(page: Page) -> Page:
    return replace(page, rows=[], ids=lambda: [])


def first_ones_emptied(count: int) -> dict[int, Callable[[Page], Page]]:
    """So many of the pages that have something in them come empty."""
    left = [count]

    def change(page: Page) -> Page:
        if not page.rows or not left[0]:
            return page
        left[0] -= 1
        return emptied(page)

    return dict.fromkeys(range(1, 200), change)


def clients_asked(twin: RunningSandbox) -> int:
    return [seen.endpoint for seen in twin.control.requests(SLUG)].count("cards_of_client")


# All of it --------------------------------------------------------------------------------------------------------------


def test_the_first_night_ends_equal_to_the_twin(nights: Nights, twin: RunningSandbox) -> None:
    earn(twin, SARAS, "12.50")
    runs = nights.read()
    assert {name: (run.status, run.reasons) for name, run in runs.items()} == dict.fromkeys(runs, ("green", []))
    assert same(nights, twin)
    assert Holding.objects.get(card_id=SARAS).client_id == SARA
    assert CardsRead.objects.filter(read_at__isnull=False).count() == 6
    assert runs["cards"].requests == 6


def test_a_night_in_which_nothing_happened_asks_about_nobody(nights: Nights) -> None:
    nights.read()
    nights.pass_a_day()
    runs = nights.read()
    assert {run.status for run in runs.values()} == {"green"}
    assert (runs["cards"].requests, sum(run.changed for run in runs.values())) == (0, 0)


def test_a_record_that_was_deleted_there_stays_and_says_so(nights: Nights, twin: RunningSandbox) -> None:
    nights.read("records")
    twin.control.act(SLUG, "delete", record="502")
    nights.pass_a_day()
    nights.read("records")
    row = Appointment.objects.get(external_id="502")
    assert (row.is_deleted, row.gone_at) == (True, None)


def test_cards_wait_for_what_says_whose_to_read(nights: Nights) -> None:
    night = nights.now.astimezone(dt.UTC).replace(hour=21, minute=30)  # half past midnight in Riyadh
    wanted = [one.collection for one in due(night) if one.account_id == nights.account.pk]
    assert sorted(wanted) == ["card_types", "clients", "programs", "records", "transactions"]
    nights.now = night
    for name in wanted:
        nights.read(name, day=due(night)[0].day)
    assert [one.collection for one in due(night) if one.account_id == nights.account.pk] == ["cards"]


# Transactions -----------------------------------------------------------------------------------------------------------


def test_a_transaction_has_the_day_under_which_it_was_listed(nights: Nights, twin: RunningSandbox) -> None:
    earn(twin, SARAS)
    nights.read("transactions")
    assert LoyaltyTransaction.objects.get().day == dt.datetime.now(dt.UTC).date()
    run = SyncRun.objects.get(collection="transactions")
    assert (
        run.complete and run.requests < 80
    )  # of a whole year: where nothing happened it is asked for in long stretches


def test_the_next_night_begins_some_days_before_the_last_one_ended(nights: Nights, twin: RunningSandbox) -> None:
    nights.read("transactions")
    first = dt.date.fromisoformat(SyncRun.objects.get().since.partition("/")[2])
    nights.pass_a_day()
    (run,) = nights.read("transactions").values()
    assert run.since == f"{first - dt.timedelta(days=8)}/{first + dt.timedelta(days=1)}"


def test_what_is_taken_back_is_gone_after_the_second_night(nights: Nights, twin: RunningSandbox) -> None:
    salon = nights.client
    for card in (SARAS, OMARS):
        earn(twin, card)
    salon.withdraw(CardWithdrawal(SARAS, "501", "9001", Decimal(40)))
    nights.read()
    assert LoyaltyTransaction.objects.filter(movement="withdrawal", gone_at=None).exists()
    salon.cancel_withdrawal(WithdrawalCancellation(SARAS, "501", "9001"))
    nights.pass_a_day()
    nights.read()
    assert LoyaltyTransaction.objects.filter(movement="withdrawal", gone_at=None).exists()  # one miss is none
    nights.pass_a_day()
    runs = nights.read()
    assert {run.status for run in runs.values()} == {"green"}
    assert not LoyaltyTransaction.objects.filter(movement="withdrawal", gone_at=None).exists()
    assert LoyaltyTransaction.objects.filter(movement="accrual", gone_at=None).count() == 2
    assert same(nights, twin)


def test_a_page_that_comes_empty_once_makes_a_doubtful_night_and_buries_nothing(
    nights: Nights, twin: RunningSandbox
) -> None:
    earn(twin, SARAS)
    nights.read("transactions")
    nights.pass_a_day()
    run, _source = nights.watched("transactions", first_ones_emptied(1))
    assert (run.status, run.reasons, run.gone) == ("amber", ["no_total"], 0)
    nights.pass_a_day()
    run, _source = nights.watched("transactions", first_ones_emptied(2))
    assert (run.status, run.gone) == ("green", 0)  # both readings agree, and one night is none
    assert LoyaltyTransaction.objects.filter(gone_at=None).count() == 1


@pytest.mark.parametrize("kind", ["truncated", "html_login", "garbage", "empty"])
@pytest.mark.parametrize("endpoint", ["transactions", "cards_of_client"])
def test_an_answer_that_cannot_be_read_is_asked_for_again(
    nights: Nights, twin: RunningSandbox, kind: str, endpoint: str
) -> None:
    earn(twin, SARAS)
    twin.control.fault(kind, provider=SLUG, endpoint=endpoint)
    assert {run.status for run in nights.read().values()} == {"green"}
    assert same(nights, twin)


@pytest.mark.parametrize("collection", ["transactions", "cards"])
def test_a_login_that_ends_in_the_middle_is_renewed(nights: Nights, twin: RunningSandbox, collection: str) -> None:
    nights.read("clients")
    run, source = nights.watched(collection, {3: lambda page: twin.control.revoke_tokens(SLUG) or page})
    assert run.status == "green" and len(source.asked) > 3


@pytest.mark.parametrize("collection", ["transactions", "cards"])
@pytest.mark.parametrize("page", [1, 2, 4, 6])
def test_a_worker_that_is_killed_at_any_page_is_followed_by_one_that_ends_equal(
    nights: Nights, twin: RunningSandbox, fresh: Elsewhere, collection: str, page: int
) -> None:
    earn(twin, SARAS)
    nights.read(*[name for name in COLLECTIONS[:5] if name != collection])
    env = {"MIRROR_COLLECTION": collection, "DIE_AT_PAGE": str(page)}
    assert fresh.run("mirror_for_real", nights.account.pk, env=env).killed
    left, before = 6 - CardsRead.objects.filter(read_at__isnull=False).count(), clients_asked(twin)
    SyncRun.objects.filter(status="running").update(lease_until=F("lease_until") - dt.timedelta(minutes=5))
    assert fresh.run("mirror_for_real", nights.account.pk, env=env | {"DIE_AT_PAGE": ""}).result == "green"
    assert SyncRun.objects.get(collection=collection).takeovers == 1
    if collection == "cards":
        assert clients_asked(twin) == before + left  # what was saved is not asked for again
    if collection == "transactions":
        nights.read("cards")
    assert same(nights, twin)


# Cards ------------------------------------------------------------------------------------------------------------------


def test_only_those_are_asked_about_whose_cards_moved(nights: Nights, twin: RunningSandbox) -> None:
    nights.read()
    earn(twin, OMARS, "7.25")
    nights.pass_a_day()
    assert nights.read()["cards"].requests == 1
    assert Card.objects.get(external_id=OMARS).balance == Decimal("258.00")
    assert same(nights, twin)


def test_so_many_a_night_and_it_says_how_many_are_left(nights: Nights, twin: RunningSandbox, settings: Any) -> None:
    settings.CARDS_A_NIGHT = 10
    twin.control.act(SLUG, "generate", count=20)
    for asked, status in ((10, "amber"), (10, "amber"), (6, "green")):
        run = nights.read()["cards"]
        assert (run.requests, run.status) == (asked, status)
        nights.pass_a_day()
    done = [run.detail.split("/")[:2] for run in SyncRun.objects.filter(collection="cards").order_by("began_at")]
    assert done == [["10", "26"], ["20", "26"], [""]]
    assert same(nights, twin)


def test_what_is_old_is_asked_for_again_the_oldest_first(nights: Nights, twin: RunningSandbox) -> None:
    nights.read()
    CardsRead.objects.update(read_at=nights.now - rounds.FRESH_FOR + dt.timedelta(hours=1))
    CardsRead.objects.filter(client_id__in=["402", "403"]).update(read_at=F("read_at") - dt.timedelta(hours=3))
    CardsRead.objects.filter(client_id="403").update(read_at=F("read_at") - dt.timedelta(hours=3))
    assert rounds.wanted(nights.account, nights.now) == ["403", "402"]


def test_a_card_that_a_night_does_not_see_is_gone_only_when_a_second_one_does_not_either(nights: Nights) -> None:
    nights.read()
    CardsRead.objects.filter(client_id=SARA).update(read_at=nights.now - dt.timedelta(days=20))
    nights.pass_a_day()
    nights.watched("cards", {1: emptied})
    assert Card.objects.get(external_id=SARAS).gone_at is None
    nights.pass_a_day()
    run, _source = nights.watched("cards", {})  # the next night asks about her first, and finds it
    assert run.requests == 1 and Holding.objects.get(card_id=SARAS).missed_at is None
    for gone in (None, nights.now + dt.timedelta(days=2)):
        nights.pass_a_day()
        CardsRead.objects.filter(client_id=SARA).update(read_at=nights.now - dt.timedelta(days=20))
        nights.watched("cards", {1: emptied})
        assert bool(Card.objects.get(external_id=SARAS).gone_at) is bool(gone)


def test_a_client_they_cannot_answer_about_is_put_off_and_stands_in_nobodys_way(
    nights: Nights, twin: RunningSandbox
) -> None:
    nights.read("clients")
    twin.control.fault("garbage", provider=SLUG, endpoint="cards_of_client", times=2)
    assert nights.read("cards")["cards"].status == "red"
    assert nights.read("cards")["cards"].status == "green"
    assert CardsRead.objects.filter(put_off_at__isnull=False).count() == 0  # at the end it could be read


def test_a_client_who_is_gone_there_has_no_card_after_the_second_night(nights: Nights, twin: RunningSandbox) -> None:
    nights.read()
    ProviderCustomer.objects.create(
        account=nights.account, external_id="999", payload={}, raw_hash=b"", content_hash=b"", seen_at=nights.now
    )
    nights.pass_a_day()
    assert nights.read("cards")["cards"].status == "green"  # they do not know any such client: there are no cards
    assert CardsRead.objects.get(client_id="999").read_at
