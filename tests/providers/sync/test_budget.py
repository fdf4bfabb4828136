"""One budget an account for all processes: resolver before person before mirror."""

from __future__ import annotations

import dataclasses
import uuid
from typing import Any

import pytest

from providers.alreaaiaa import SPEC
from providers.budget import Rank, ask, turn_for
from providers.contracts import Page, ProviderSpec
from providers.errors import Unavailable
from providers.models import Account
from tests.providers.sync.conftest import Sync
from tests.providers.sync.shop import Shop, Source
from tests.scene import at_once

RESOLVER, PERSON, MIRROR = Rank.RESOLVER, Rank.PERSON, Rank.MIRROR


def limited(per_minute: int = 0, per_second: int = 0) -> ProviderSpec:
    return dataclasses.replace(SPEC, per_minute=per_minute, per_second=per_second)


@pytest.fixture
def somebody() -> uuid.UUID:
    return uuid.uuid4()


def granted(who: uuid.UUID, spec: ProviderSpec, rank: Rank, tries: int = 200) -> int:
    count = 0
    while count < tries and not ask(who, spec, rank):
        count += 1
    return count


def test_each_rank_leaves_the_last_part_to_those_above_it(somebody: uuid.UUID) -> None:
    spec = limited(per_minute=60)
    assert granted(somebody, spec, MIRROR) == 48
    assert granted(somebody, spec, PERSON) == 6
    assert granted(somebody, spec, RESOLVER) == 6
    assert ask(somebody, spec, RESOLVER) > 0


def test_who_waits_goes_before_whoever_ranks_below(somebody: uuid.UUID) -> None:
    spec = limited(per_second=2)
    assert granted(somebody, spec, RESOLVER) == 2
    assert ask(somebody, spec, PERSON) > 0
    assert ask(somebody, spec, MIRROR) > 0
    turn_for(somebody, spec, PERSON)()  # its turn comes, and the mirror's has not come before
    assert ask(somebody, spec, MIRROR) > 0


def test_a_small_budget_still_has_room_for_everybody(somebody: uuid.UUID) -> None:
    spec = limited(per_second=1)
    turn_for(somebody, spec, MIRROR, longest=5)()
    turn_for(somebody, spec, MIRROR, longest=5)()
    turn_for(somebody, spec, PERSON, longest=5)()


def test_both_limits_hold(somebody: uuid.UUID) -> None:
    assert granted(somebody, limited(per_second=5, per_minute=1000), RESOLVER) <= 6
    assert granted(uuid.uuid4(), limited(per_second=1000, per_minute=5), RESOLVER) == 5


def test_accounts_do_not_share_theirs(somebody: uuid.UUID) -> None:
    granted(somebody, limited(per_minute=10), RESOLVER)
    assert ask(uuid.uuid4(), limited(per_minute=10), RESOLVER) == 0


@pytest.mark.django_db(transaction=True)
def test_many_at_once_together_get_no_more_than_there_is(somebody: uuid.UUID) -> None:
    spec = limited(per_minute=40)
    done = at_once([lambda: granted(somebody, spec, RESOLVER, 20)] * 8)
    counts = [count for count in done if isinstance(count, int)]
    assert len(counts) == 8 and sum(counts) <= 42


def test_whose_turn_does_not_come_in_time_is_told_that_nothing_was_sent(somebody: uuid.UUID) -> None:
    spec = limited(per_minute=1)
    turn_for(somebody, spec, PERSON)()
    with pytest.raises(Unavailable, match="budget_spent"):
        turn_for(somebody, spec, PERSON, longest=0.2)()


def test_without_figures_nobody_asks(somebody: uuid.UUID, settings: Any) -> None:
    settings.BROKER_URL = "redis://127.0.0.1:1/0"
    turn_for(somebody, limited(), MIRROR)()


def test_without_valkey_people_and_resolvers_go_on_and_the_mirror_stands(somebody: uuid.UUID, settings: Any) -> None:
    settings.BROKER_URL = "redis://127.0.0.1:1/0"
    spec = limited(per_second=1)
    for rank in (PERSON, RESOLVER):
        turn_for(somebody, spec, rank)()
    with pytest.raises(Unavailable, match="budget_unknown"):
        turn_for(somebody, spec, MIRROR)()


def test_a_run_that_gets_no_turn_ends_amber(sync: Sync, shop: Shop, account: Account, settings: Any) -> None:
    settings.BROKER_URL = "redis://127.0.0.1:1/0"
    turn = turn_for(account.pk, limited(per_second=1), MIRROR)

    def page(at: str, since: str) -> Page:
        turn()
        return shop.page(at, since)

    run = sync(Source(page))
    assert (run.status, run.reasons, shop.asked) == ("amber", ["budget"], 0)
