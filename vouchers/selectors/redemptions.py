"""Questions about look-ups and redemptions, always within the person's branches."""

from __future__ import annotations

import datetime as dt
import uuid
from datetime import timedelta
from typing import Any

from django.db.models import Count, F, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Now

from branches.models import Branch, User
from branches.roles import Permission
from branches.selectors import branches_of
from providers import registry
from providers.models import OPEN_STATES, Account, Claim, Operation, State
from vouchers.effects import resource
from vouchers.models import Lookup, Redemption, RedemptionLine

NOTICE_FOR = timedelta(hours=12)  # a result nobody has looked at stays on the desk this long
DRAFT_FOR = timedelta(minutes=30)
# What an item of the unfinished work shows. It stands on every page and is polled by every open desk: the sealed columns and
# the JSON of a dozen rows would be most of what such a page costs.
OPERATION = ("state", "refusal_code", "evidence_level", "escalated_at", "sends", "created_at", "finished_at", "amount")
ITEM = (
    *(
        "client_pays",
        "currency",
        "operation",
        "operation__currency",
        "operation__reference",
        "operation__account__provider",
    ),
    *(f"operation__{name}" for name in OPERATION),
    *(f"operation__actor__{name}" for name in ("username", "first_name", "last_name")),
)
LINE = ("redemption", "position", "code_last4", "sealed_code")
DRAFT = ("created_at", "sealed_code", "code_last4", "account__provider", "voucher__value", "voucher__currency")


def redemptions_for(user: Any) -> QuerySet[Redemption]:
    rows = Redemption.objects.filter(operation__branch__in=branches_of(user, Permission.LEDGER))
    return rows.select_related(
        "operation__account", "operation__branch", "operation__till", "operation__actor", "lookup"
    ).prefetch_related(Prefetch("lines", RedemptionLine.objects.select_related("voucher")))


def operation_of(user: Any, redemption_id: uuid.UUID) -> Operation | None:
    """Only what a poll needs to see whether anything has changed."""
    rows = Operation.objects.filter(branch__in=branches_of(user, Permission.LEDGER), redemption=redemption_id)
    return rows.only(*OPERATION).first()


def lookups_for(user: Any) -> QuerySet[Lookup]:
    rows = Lookup.objects.filter(branch__in=branches_of(user, Permission.REDEEM))
    return rows.select_related("branch", "account", "voucher", "first")


def others_of(first: Lookup) -> list[Lookup]:
    """The codes that were scanned into the same sale, as they came; what was taken out again is left out."""
    if first.account is None or registry.SPECS[first.account.provider].most_codes == 1:
        return []
    rows = first.others.filter(set_aside_at__isnull=True).select_related("branch", "account", "voucher", "holder")
    return list(rows.order_by("created_at", "pk"))


def owner_of(first: Lookup) -> Lookup | None:
    """Of the codes of a sale the first that can be used: whose it is, theirs is the sale. None for a code that was added to
    another's sale, and while nothing can be used."""
    if first.first_id:
        return None
    if first.state == Lookup.State.FOUND:
        return first
    return next((row for row in others_of(first) if row.state == Lookup.State.FOUND), None)


def unfinished_redemptions(user: User, branch: Branch, now: dt.datetime, limit: int = 9) -> list[Redemption]:
    """What the desk opens on: everything open at this branch, and this person's results that she has not put aside."""
    open_here = Q(operation__state__in=OPEN_STATES)
    mine = Q(operation__actor=user, seen_at__isnull=True, operation__finished_at__gte=now - NOTICE_FOR)
    seen = Redemption.objects.filter(operation__branch__in=branches_of(user, Permission.LEDGER))
    rows = seen.filter(Q(operation__branch=branch) & (open_here | mine))
    rows = rows.select_related("operation__account", "operation__actor").only(*ITEM)
    rows = rows.prefetch_related(Prefetch("lines", RedemptionLine.objects.only(*LINE)))
    return list(rows.order_by(F("operation__finished_at").asc(nulls_first=True), "operation__created_at")[:limit])


def open_drafts(user: User, branch: Branch, now: dt.datetime, limit: int = 3) -> list[tuple[Lookup, int]]:
    """Vouchers this person looked up and did not go on with, each with how many more in the same sale can be
    used. Nothing was sent for them."""
    found = Q(state=Lookup.State.FOUND)
    others = Lookup.objects.filter(found, first=OuterRef("pk"), set_aside_at__isnull=True)
    counted = others.order_by().values("first").annotate(n=Count("*")).values("n")
    rows = Lookup.objects.filter(branch__in=branches_of(user, Permission.REDEEM), branch=branch, actor=user)
    rows = rows.annotate(more=Coalesce(Subquery(counted), 0)).filter(found | Q(more__gt=0))
    rows = rows.filter(redemption__isnull=True, first__isnull=True).select_related("account", "voucher").only(*DRAFT)
    rows = rows.filter(created_at__gte=now - DRAFT_FOR, set_aside_at__isnull=True).order_by("-created_at")
    return [(row, row.more) for row in rows[:limit]]


def holder_of(account: Account, code: str) -> Operation | None:
    """Our own operation that has used this code, or is using it now."""
    claim = Claim.objects.filter(account=account, resource=resource(code), open=True)
    row = claim.select_related("operation__actor", "operation__branch", "operation__till").first()
    return row.operation if row else None


def earlier_redemption(operation: Operation) -> Redemption | None:
    return Redemption.objects.filter(operation=operation).first()


def voucher_accounts(branch: Branch) -> list[Account]:
    """The accounts through which this branch redeems vouchers."""
    return [account for account in accounts_of(branch) if account.provider in registry.specs_of("vouchers")]


def accounts_of(branch: Branch) -> list[Account]:
    """Whatever they are for."""
    rows = Account.objects.filter(places__branch=branch, is_active=True).select_related("health")
    return list(rows.order_by("provider", "label"))


def lookups_due(limit: int = 100) -> list[uuid.UUID]:
    rows = Lookup.objects.filter(state=Lookup.State.WAITING, next_at__lte=Now()).order_by("next_at")
    return list(rows.values_list("pk", flat=True)[:limit])


def needs_person(user: Any) -> QuerySet[Redemption]:
    """Redemptions a person must decide, or that have been unknown for too long."""
    rows = Redemption.objects.filter(operation__branch__in=branches_of(user, Permission.REVIEW))
    waiting = Q(operation__state=State.NEEDS_REVIEW) | Q(
        operation__state=State.UNKNOWN, operation__escalated_at__isnull=False
    )
    late = Q(operation__discrepancies__isnull=False, operation__discrepancies__closed_at__isnull=True)
    return (
        rows.filter(waiting | late)
        .select_related("operation__account", "operation__branch", "operation__actor")
        .distinct()
    )
