"""Questions about places and rights. Every list that staff see starts from `branches_of`."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from branches.guests import Guest
from branches.models import Branch, Membership, Till
from branches.roles import MAY, roles_with


def branches_of(user: Any, permission: str) -> QuerySet[Branch]:
    """Active branches where this person, or this partner's key, may do that. Nobody and disabled people get none."""
    if isinstance(user, Guest):
        return Branch.objects.filter(is_active=True, code__in=user.branches_where(permission))
    if not user.is_authenticated or not user.is_active:
        return Branch.objects.none()
    return Branch.objects.filter(is_active=True, memberships__user=user, memberships__role__in=roles_with(permission))


def memberships_of(user: Any, permission: str) -> QuerySet[Membership]:
    """Where this person may do that, and as what."""
    rows = Membership.objects.filter(branch__is_active=True, role__in=roles_with(permission)).select_related("branch")
    return rows.filter(user=user) if user.is_authenticated and user.is_active else rows.none()


def may(user: Any, permission: str, branch: Branch) -> bool:
    return role_at(user, branch) in roles_with(permission)


def role_at(user: Any, branch: Branch) -> str:
    if not user.is_authenticated or not user.is_active:
        return ""
    return str(user.memberships.filter(branch=branch).values_list("role", flat=True).first() or "")


def permissions_at(user: Any, branch: Branch | None) -> frozenset[str]:
    return MAY.get(role_at(user, branch), frozenset()) if branch else frozenset()


def tills_of(user: Any, permission: str) -> QuerySet[Till]:
    return Till.objects.filter(branch__in=branches_of(user, permission)).select_related("branch")
