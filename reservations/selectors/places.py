"""How a branch of ours uses a booking account: as which of their places, with whose clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q

from branches.models import Branch
from branches.roles import Permission
from branches.selectors import branches_of
from providers.models import Account, BranchAccount
from providers.specs import SPECS

KIND = "reservations"


@dataclass(frozen=True, slots=True)
class Link:
    """`place_id`: their id of this branch, '' where the account has no places. `wire_zone`: what their Z stands for, '' for
    UTC. `marker`: the clinic's own field that keeps our reference, '' where there is none."""

    branch: Branch
    account: Account
    place_id: str
    wire_zone: str
    marker: str

    def here(self) -> Q:
        """Of a mirror with `place_id`: what is at this branch. What names no place may be at any."""
        rows = Q(account=self.account)
        return rows & Q(place_id__in=["", self.place_id]) if self.place_id else rows

    def has(self, account_id: UUID, place_id: str) -> bool:
        """`here`, of a row that is read already."""
        return self.account.pk == account_id and (not self.place_id or place_id in ("", self.place_id))

    def offered(self) -> Q:
        """Of a mirror with `place_ids`: what this branch offers. None named means everywhere."""
        rows = Q(account=self.account)
        everywhere = Q(place_ids__len=0)
        return rows & (everywhere | Q(place_ids__contains=[self.place_id])) if self.place_id else rows


def link_for(row: BranchAccount) -> Link:
    settings = row.account.settings
    return Link(
        branch=row.branch,
        account=row.account,
        place_id=str(row.place.get("branch_id") or settings.get("branch_id") or ""),
        wire_zone=str(settings.get("wire_timezone") or ""),
        marker=str(row.place.get("reference_field") or settings.get("reference_field") or ""),
    )


def links_of(user: Any) -> list[Link]:
    """Every place at which this person may see bookings. One query."""
    booking = [slug for slug, spec in SPECS.items() if spec.kind == KIND]
    rows = BranchAccount.objects.filter(
        branch__in=branches_of(user, Permission.BOOKINGS), account__provider__in=booking, account__is_active=True
    )
    return [link_for(row) for row in rows.select_related("account", "branch")]


def booking_links(branch: Branch) -> list[Link]:
    """The accounts through which this branch books; one, in most clinics."""
    booking = [slug for slug, spec in SPECS.items() if spec.kind == KIND]
    rows = BranchAccount.objects.filter(branch=branch, account__provider__in=booking, account__is_active=True)
    return [link_for(row) for row in rows.select_related("account", "branch").order_by("account__label", "pk")]
