"""What a scan may end in, and what stays behind of it."""

from __future__ import annotations

import dataclasses
import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from branches.models import Branch, User
from providers.contracts import VoucherRecord, VoucherStatus
from providers.models import Account, AccountHealth, Discrepancy
from providers.sandbox.running import RunningSandbox
from tests.scene import (
    CODE,
    OTHER_CODE,
    QUICK,
    SLUG,
    Desk,
    at_once,
    finish,
)
from tests.vouchers.lookups import outcome, put
from vouchers import services, sync
from vouchers.models import Voucher
from vouchers.services import Place

USED, EXPIRED = "VCL6C5944NO9216", "VCL6C5944NO9352"


# Found ----------------------------------------------------------------------------------------------------------------


def test_a_usable_voucher_is_found_with_its_worth_and_its_people(desk: Desk) -> None:
    lookup = desk.look_up()
    assert outcome(lookup) == ("found", "")
    voucher = lookup.voucher
    assert voucher is not None
    assert (voucher.status, voucher.value, voucher.currency) == ("usable", Decimal(200), "SAR")
    assert (voucher.external_id, voucher.code_last4, voucher.holder_name) == ("105", "4058", "test client")
    assert voucher.expires_on is not None
    assert [card["name"] for card in lookup.cards] == ["client name", "any name", "name ali"]
    assert lookup.cards[0]["last4"] == "4569"
    assert lookup.next_at is None
    assert lookup.answered_at is not None


def test_a_voucher_without_cards_offers_its_holder(desk: Desk, twin: RunningSandbox) -> None:
    put(twin, client_cards=[])
    (holder,) = desk.look_up().cards
    assert (holder["id"], holder["name"], holder["last4"]) == ("holder", "test client", "4569")


def test_the_mirror_has_one_row_a_voucher_and_the_newest_answer(desk: Desk, twin: RunningSandbox) -> None:
    desk.look_up()
    put(twin, price_value=175.25)
    desk.look_up()
    voucher = Voucher.objects.get()
    assert voucher.value == Decimal("175.25")
    older = VoucherRecord(
        code=CODE,
        external_id="105",
        status=VoucherStatus.CANCELED,
        raw_status="canceled",
        value=Decimal(1),
        currency="SAR",
        expires_on=None,
        reason="",
        holder_name="",
        holder_phone="",
        holder_id_number="",
        cards=(),
        payload={},
    )
    with transaction.atomic():
        sync.store_voucher(voucher.account, older, voucher.seen_at - dt.timedelta(seconds=1))
    voucher.refresh_from_db()
    assert (voucher.status, voucher.value) == ("usable", Decimal("175.25"))


@pytest.mark.parametrize("strange", ["9" * 500, "id\x00id", ""])
def test_an_id_that_no_column_can_hold_does_not_keep_a_voucher_out(
    database: None, account: Account, strange: str
) -> None:
    record = VoucherRecord(CODE, strange, VoucherStatus.USED, "used", Decimal(1), "SAR", None, "", "", "", "", (), {})
    for _ in range(2):
        with transaction.atomic():
            sync.store_voucher(account, record, timezone.now())
    assert Voucher.objects.get().status == "used"


# Refused --------------------------------------------------------------------------------------------------------------


STATUSES = {
    "used": "already_used",
    "expired": "expired",
    "canceled": "canceled",
    "cancelled": "canceled",
    "canceld": "canceled",
    "pending": "not_found",  # the provider does not show a pending voucher
    "frozen": "unseen_status",
    "": "unseen_status",
}


def test_every_other_status_blocks(desk: Desk, twin: RunningSandbox) -> None:
    for status, code in STATUSES.items():
        put(twin, status=status)
        lookup = desk.look_up()
        assert (status, *outcome(lookup)) == (status, "refused", code)
        assert lookup.cards == []


@pytest.mark.parametrize(("typed", "code"), [(USED, "already_used"), (EXPIRED, "expired")])
def test_the_documented_vouchers_are_refused_as_documented(desk: Desk, typed: str, code: str) -> None:
    assert outcome(desk.look_up(typed)) == ("refused", code)


@pytest.mark.parametrize("typed", ["VCL6C5944NO405812", "VCL6C5944NO4058154"])
def test_a_code_the_issuer_does_not_know_is_not_found(desk: Desk, typed: str) -> None:
    lookup = desk.look_up(typed)
    assert outcome(lookup) == ("refused", "not_found")
    assert lookup.voucher is None


def test_a_pending_voucher_that_is_shown_blocks(desk: Desk, twin: RunningSandbox) -> None:
    twin.control.fault("unseen_status", endpoint="find", word="pending")
    assert outcome(desk.look_up()) == ("refused", "pending")


def test_a_status_nobody_has_documented_blocks_and_alerts(desk: Desk, twin: RunningSandbox) -> None:
    put(twin, status="frozen")
    assert outcome(desk.look_up()) == ("refused", "unseen_status")
    alert = Discrepancy.objects.get()
    assert (alert.kind, alert.branch, alert.closed_at) == ("unseen_status", desk.place.branch, None)
    assert alert.facts == {"status": "frozen", "last4": "4058"}


def test_a_verified_voucher_past_its_day_is_expired_and_on_its_day_is_not(desk: Desk, twin: RunningSandbox) -> None:
    today = timezone.now().astimezone(desk.place.branch.zone).date()
    put(twin, expiry_date=(today - dt.timedelta(days=1)).isoformat())
    assert outcome(desk.look_up()) == ("refused", "expired")
    put(twin, expiry_date=today.isoformat())
    assert outcome(desk.look_up()) == ("found", "")


def test_a_draft_that_outlives_its_vouchers_day_is_not_redeemed(desk: Desk) -> None:
    lookup = desk.draft()
    later = timezone.now() + dt.timedelta(days=60)
    with pytest.raises(services.CannotRedeem, match="expired"):
        services.redeem_voucher(lookup, desk.place, now=later)


def test_what_is_no_code_is_refused_without_a_call(desk: Desk, twin: RunningSandbox) -> None:
    for typed in ("", "   ", "hello", "VCL 6", "كلمة", "A" * 201, f"{CODE}\x00", "'; DROP TABLE", "\u200f"):
        assert (typed, *outcome(desk.look_up(typed))) == (typed, "refused", "malformed")
    assert twin.control.requests(SLUG) == []


def test_a_branch_without_an_issuer_says_so(maarif: Branch, reem: User) -> None:
    lookup = services.start_lookup(CODE, Place(reem, maarif, None), now=timezone.now())
    assert outcome(lookup) == ("refused", "no_issuer")


def test_an_account_that_is_switched_off_is_no_issuer(desk: Desk, account: Account) -> None:
    Account.objects.filter(pk=account.pk).update(is_active=False)
    assert outcome(desk.look_up()) == ("refused", "no_issuer")


# Our own ledger -------------------------------------------------------------------------------------------------------


def test_a_code_in_our_own_ledger_is_answered_without_a_call(
    desk: Desk, other_desk: Desk, twin: RunningSandbox
) -> None:
    operation = desk.redeem()
    asked = len(twin.control.requests(SLUG))
    in_use = other_desk.look_up(CODE.lower())
    assert (outcome(in_use), in_use.holder) == (("refused", "in_use_here"), operation)
    assert len(twin.control.requests(SLUG)) == asked
    finish(operation)
    asked = len(twin.control.requests(SLUG))
    used = other_desk.look_up(CODE)
    assert (outcome(used), used.holder) == (("refused", "already_used_here"), operation)
    assert len(twin.control.requests(SLUG)) == asked


# No answer ------------------------------------------------------------------------------------------------------------


def test_a_provider_that_is_down_is_no_answer(desk: Desk, twin: RunningSandbox) -> None:
    twin.control.down(SLUG)
    assert outcome(desk.look_up()) == ("failed", "no_answer")
    assert AccountHealth.objects.get().last_problem == "unreachable"
    twin.control.down(SLUG, False)
    assert outcome(desk.look_up()) == ("found", "")
    assert AccountHealth.objects.get().failures == 0


@pytest.mark.parametrize(
    ("kind", "given", "code"),
    [
        ("hang_before", {"seconds": 3}, "no_answer"),
        ("drip", {"seconds": 0.02}, "no_answer"),
        ("drop_before", {}, "no_answer"),
        ("truncated", {}, "no_answer"),
        ("status", {"status": 503}, "no_answer"),
        ("status", {"status": 429, "body": "json"}, "no_answer"),
        ("status", {"status": 400, "body": "json"}, "issuer_refused"),
        ("html_login", {}, "unreadable_answer"),
        ("garbage", {}, "unreadable_answer"),
        ("empty", {}, "unreadable_answer"),
        ("wrong_code", {}, "unreadable_answer"),
        ("wrong_types", {}, "unreadable_answer"),
        ("duplicate_keys", {}, "unreadable_answer"),
        ("nan", {}, "unreadable_answer"),
        ("bad_utf8", {}, "unreadable_answer"),
        ("huge", {"megabytes": 2}, "unreadable_answer"),
        ("gzip_bomb", {"megabytes": 2}, "unreadable_answer"),
        ("redirect", {}, "unreadable_answer"),
        ("unauthorized", {"times": 2}, "login_refused"),
        ("status", {"status": 403, "body": "json"}, "login_refused"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_answer_that_helps_nobody_says_which_kind_it_is(
    desk: Desk, twin: RunningSandbox, settings: Any, kind: str, given: dict[str, Any], code: str
) -> None:
    settings.WINDOWS = dataclasses.replace(QUICK, total=0.6) if kind in ("hang_before", "drip") else QUICK
    twin.control.fault(kind, endpoint="find", **given)
    lookup = desk.look_up()
    assert outcome(lookup) == ("failed", code)
    assert (lookup.voucher, lookup.next_at, Voucher.objects.count()) == (None, None, 0)
    assert Discrepancy.objects.filter(kind="contract").exists() == (code == "unreadable_answer")


def test_a_wrong_password_is_a_refused_login(desk: Desk, account: Account) -> None:
    account.seal_secrets({"email": "centeradmintesting@admin.com", "password": "another"})
    account.save()
    assert outcome(desk.look_up()) == ("failed", "login_refused")


def test_a_revoked_token_is_renewed_without_anybody_noticing(desk: Desk, twin: RunningSandbox) -> None:
    desk.look_up(OTHER_CODE)
    twin.control.revoke_tokens(SLUG)
    assert outcome(desk.look_up()) == ("found", "")
    assert [seen.endpoint for seen in twin.control.requests(SLUG)].count("login") == 2


def test_fifty_lookups_with_a_revoked_token_log_in_once(desk: Desk, twin: RunningSandbox) -> None:
    desk.look_up(OTHER_CODE)
    waiting = [services.start_lookup(CODE, desk.place, now=timezone.now()).pk for _ in range(12)]
    twin.control.revoke_tokens(SLUG)
    assert at_once([lambda row=row: services.look_up_voucher(row) for row in waiting]) == ["found"] * 12
    assert [seen.endpoint for seen in twin.control.requests(SLUG)].count("login") == 2


# Typed as people type -------------------------------------------------------------------------------------------------


TYPED = {
    "  vcl6c5944no4058\n": "case",
    "VCL6C 5944 NO-4058": "spaces",
    "\u200fVCL6C5944NO4058\u200e": "marks",
    "VCL\u0640\u06506C5944NO4058": "marks",
    "VCL٦C٥٩٤٤NO٤٠٥٨": "digits",
    "VCL۶C۵۹۴۴NO۴۰۵۸": "digits",
    "رؤم6ؤ5944ىخ4058": "layout_arabic",
    "VCL-C(ç''NO'à(_": "layout_azerty",
}


def test_a_code_is_understood_however_it_was_typed(desk: Desk, twin: RunningSandbox) -> None:
    for typed, note in TYPED.items():
        lookup = desk.look_up(typed)
        assert (lookup.typed, lookup.code, *outcome(lookup)) == (typed, CODE, "found", "")
        assert note in lookup.notes
    assert {seen.code for seen in twin.control.requests(SLUG) if seen.endpoint == "find"} == {CODE}
