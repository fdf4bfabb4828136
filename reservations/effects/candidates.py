"""What stands at the provider that an operation of ours may have made: as the mirror has it, which every look brings up to
date. Without what was there before it was sent, and what other operations of ours have made."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Exists, OuterRef, QuerySet, When

from customers.models import ProviderCustomer
from providers.models import Account, Evidence, Operation
from providers.operations import before_of
from reservations.models import Act, Reservation, Subscription

MOST = 20


@dataclass(frozen=True, slots=True)
class Seen:
    """What the last look said of them, by their ids. `fits`: it counted them as what we asked for. `otherwise`: they fit if
    the clock there is read in the other way. `there`: what else it came by."""

    fits: frozenset[str]
    otherwise: frozenset[str]
    there: frozenset[str]

    @property
    def first(self) -> frozenset[str]:
        return self.fits | self.otherwise


def seen_last(operation: Operation) -> Seen:
    looks = operation.evidence.exclude(source__in=(Evidence.From.RESPONSE, Evidence.From.LATE, Evidence.From.PERSON))
    facts: dict[str, Any] = looks.order_by("-pk").values_list("facts", flat=True).first() or {}
    sets = [frozenset(facts.get(name, ())) for name in ("made", "also", "otherwise", "ids")]
    return Seen(sets[0] | sets[1], sets[2], sets[3])


def _others(operation: Operation) -> QuerySet[Act]:
    same = Act.objects.filter(operation__account=operation.account_id, operation__kind=operation.kind)
    return same.exclude(operation=operation)


def taken_by_others(operation: Operation, ids: Collection[str]) -> set[str]:
    """Those of them that other operations of ours are known to have made."""
    others = _others(operation).filter(made_ids__overlap=list(ids) or [""])
    return {one for made in others.values_list("made_ids", flat=True) for one in made}


def may_be_made_by(act: Act, seen: Seen) -> list[Any]:
    """Rows of the mirror, those first that the last look named. One query."""
    operation, before = act.operation, list(before_of(act.operation).get("ids", ()))
    model, where = _what(act, seen)
    rows = model.objects.filter(account=operation.account_id, gone_at__isnull=True, **where)
    taken = Exists(_others(operation).filter(made_ids__contains=[OuterRef("external_id")]))
    named = Case(When(external_id__in=seen.first, then=0), default=1)
    return list(rows.exclude(external_id__in=before).filter(~taken).defer("payload").order_by(named, "-pk")[:MOST])


def _what(act: Act, seen: Seen) -> tuple[Any, dict[str, Any]]:
    if act.subject == Act.Subject.CUSTOMER:
        return ProviderCustomer, {"external_id__in": seen.first}
    model = Subscription if act.subject == Act.Subject.SUBSCRIPTION else Reservation
    return model, {"customer_id": act.customer_id}


def naming_problem(operation: Operation, named: Collection[str] | None) -> str:
    """Why a person cannot say that these are ours: not_named, not_a_candidate, too_many_named; '' if she can. One decision of
    an account after the other, so that the same one is not given to two operations."""
    Account.objects.select_for_update(no_key=True).get(pk=operation.account_id)
    act = Act.objects.select_related("operation").get(operation=operation)
    offered = {row.external_id for row in may_be_made_by(act, seen_last(operation))}
    if named is None:
        return "not_named" if offered else ""
    if not set(named) <= offered:
        return "not_a_candidate"
    return "too_many_named" if len(set(named)) > most_named(act) else ""


def most_named(act: Act) -> int:
    """How many of theirs it can have made: one an item, and one subscription whatever it holds."""
    items = act.asked.get("items", ()) if act.subject == Act.Subject.RESERVATION else ()
    return max(len(items), 1)
