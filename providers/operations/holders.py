"""Whose effect may it be that we see now? Later operations of ours on the same resource explain it."""

from __future__ import annotations

from django.db.models import Q

from providers.models import Operation, State

DONE = (State.SUCCEEDED, State.RESOLVED_APPLIED)


def later_holders(operation: Operation) -> list[Operation]:
    """Operations that use the same resource, or have used it: what we see now may be their effect. Where claims end with
    their operation, one that began later and was done explains it as well."""
    resources = operation.claims.values("resource")
    using = Q(claims__open=True) | Q(state__in=DONE, created_at__gt=operation.created_at)
    same = Q(account=operation.account, claims__resource__in=resources)
    return list(Operation.objects.filter(same & using).exclude(pk=operation.pk).distinct())
