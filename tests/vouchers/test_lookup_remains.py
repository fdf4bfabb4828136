"""Workers that look up at once or too late, and what stays behind of a scan."""

from __future__ import annotations

import dataclasses
import datetime as dt
import logging
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from branches.models import User
from providers.models import Call
from providers.operations import decide
from providers.operations.life import database_now
from providers.sandbox.running import RunningSandbox
from tests.scene import (
    CODE,
    OTHER_CODE,
    QUICK,
    SLUG,
    Desk,
    at_once,
    effects,
    eventually,
    finish,
    looks,
    meanwhile,
    turn,
)
from tests.vouchers.lookups import outcome, put
from vouchers import selectors, services
from vouchers.models import Lookup, code_hash

USED, EXPIRED = "VCL6C5944NO9216", "VCL6C5944NO9352"


# Workers --------------------------------------------------------------------------------------------------------------


def test_one_lookup_is_asked_once_however_many_workers_find_it(desk: Desk, twin: RunningSandbox) -> None:
    lookup = services.start_lookup(CODE, desk.place, now=timezone.now())
    assert selectors.lookups_due() == [lookup.pk]
    results = at_once([lambda: services.look_up_voucher(lookup.pk)] * 8)
    assert sorted(map(str, results)) == [""] * 7 + ["found"]
    assert len(looks(twin)) == 1
    assert selectors.lookups_due() == []
    assert services.look_up_voucher(lookup.pk) == ""


def test_a_lookup_whose_worker_died_is_asked_again(desk: Desk, fresh: Any, twin: RunningSandbox) -> None:
    lookup = services.start_lookup(CODE, desk.place, now=timezone.now())
    Lookup.objects.filter(pk=lookup.pk).update(next_at=database_now() - dt.timedelta(seconds=1))
    assert fresh.run("look_up", lookup.pk).result == "found"


def test_a_worker_that_answers_too_late_does_not_undo_the_draft(desk: Desk, twin: RunningSandbox) -> None:
    """Its lease ran out, another worker answered, and the receptionist went on."""
    lookup = services.start_lookup(CODE, desk.place, now=timezone.now())
    desk.look_up(OTHER_CODE)
    twin.control.fault("hang_before", endpoint="find", seconds=1.5, code=CODE)
    with meanwhile(lambda: services.look_up_voucher(lookup.pk)) as late:
        eventually(lambda: looks(twin))
        Lookup.objects.filter(pk=lookup.pk).update(next_at=database_now())
        assert services.look_up_voucher(lookup.pk) == "found"
        lookup.refresh_from_db()
        services.choose_person(lookup, lookup.cards[1]["id"])
        services.set_total(lookup, Decimal(600), now=timezone.now())
    assert not isinstance(late[0], BaseException)
    lookup.refresh_from_db()
    assert (lookup.state, lookup.person, lookup.services_total) == ("found", "317", Decimal(600))
    assert Call.objects.filter(path="/findClientCenterVouchers").count() == 3


@pytest.mark.parametrize("hours", [-2, 2])
def test_a_web_server_whose_clock_is_wrong_changes_nothing(desk: Desk, hours: int) -> None:
    lookup = desk.look_up(now=timezone.now() + dt.timedelta(hours=hours))
    assert outcome(lookup) == ("found", "")


# What stays behind ----------------------------------------------------------------------------------------------------


def dump() -> str:
    """Every column of every row of every table as text, bytes in both their forms."""
    with connection.cursor() as cursor:
        texts = []
        for name in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT row_to_json(t)::text FROM {name} t")
            texts += [row for (row,) in cursor.fetchall()]
    return "\n".join(texts)


def hidden_in(text: str, secret: str) -> bool:
    return secret.casefold() in text.casefold() or secret.encode().hex() in text


def test_nothing_that_could_be_used_or_names_the_family_is_kept_in_the_clear(
    desk: Desk, twin: RunningSandbox, huda: User, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """The whole database as text: what a stolen dump would show, after redemptions with every kind of end."""
    caplog.set_level(logging.DEBUG)
    first, second, *_rest = next(one for one in twin.control.vouchers(SLUG) if one["id"] == 105)["client_cards"]
    canary = {"fullname": "Canary Bint Family", "identity_number": "1098765432", "phone": "966598761234"}
    cards = [{**first, "identity_number": "1076543210"}, {**second, **canary}]
    holder = {
        "id": 4,
        "name": "test client",
        "country_code": "+966",
        "phone": "501239876",
        "identity_number": "2087654321",
    }
    codes = [CODE, OTHER_CODE, "VCL6C5944NO7001", "VCL6C5944NO7002", "VCL6C5944NO7003"]
    for code in codes:
        put(twin, voucher_code=code, client=holder, client_cards=cards, price_value=100)
    finish(desk.redeem(codes[0]))
    twin.control.fault("drop_after", endpoint="redeem", code=codes[1])
    finish(desk.redeem(codes[1]))
    refused = desk.redeem(codes[2])
    twin.control.put_vouchers(SLUG, {"voucher_code": codes[2], "status": "frozen"})
    finish(refused)
    settings.WINDOWS = dataclasses.replace(QUICK, review=0)
    doubtful = desk.redeem(codes[3])
    twin.control.fault("garbage", endpoint="redeem", code=codes[3], after=False)
    turn(doubtful)
    twin.control.put_vouchers(SLUG, {"voucher_code": codes[3], "status": "canceled"})
    assert finish(doubtful).state == "needs_review"
    decide(doubtful, huda, applied=False, reason="issuer_portal", note_text="seen")
    twin.control.fault("wrong_code", endpoint="find", code=codes[4])
    desk.look_up(codes[4])
    desk.draft(codes[4])
    desk.look_up("not a code at all 4711")
    text = dump()
    assert all(code_hash(code) in text for code in codes[:4]), "the dump misses what it should show"
    assert "test client" in text
    people = [canary["fullname"], canary["identity_number"], "598761234", "2087654321", "1076543210", "501239876"]
    for secret in [*codes, *people, "*@123#", "not a code at all 4711", "eyJ0eXAi", "eyJhbGci"]:
        assert not hidden_in(text, secret), secret
        assert secret not in caplog.text, secret
    assert len(effects(twin, codes[0])) == 1


def test_the_cards_are_dropped_with_the_redemption_and_the_draft_after_a_day(desk: Desk) -> None:
    kept = desk.draft(OTHER_CODE)
    operation = finish(desk.redeem())
    assert operation.redemption.lookup.cards == []
    later = timezone.now() + dt.timedelta(hours=25)
    assert services.purge_vouchers(now=later)["lookups"] == 1
    assert not Lookup.objects.filter(pk=kept.pk).exists()
    assert operation.redemption.lines.get().code == CODE


def test_the_code_is_dropped_thirty_days_after_the_end_and_an_open_case_keeps_it(
    desk: Desk, twin: RunningSandbox
) -> None:
    done, unknown = finish(desk.redeem()), desk.redeem(OTHER_CODE)
    twin.control.fault("drop_after", endpoint="redeem")
    turn(unknown)
    services.purge_vouchers(now=timezone.now() + dt.timedelta(days=31))
    assert done.redemption.lines.get().code == ""
    done.redemption.lookup.refresh_from_db()
    assert (done.redemption.lookup.code, done.redemption.lookup.typed) == ("", "")
    assert unknown.redemption.lines.get().code == OTHER_CODE
    assert finish(unknown).state == "succeeded"
