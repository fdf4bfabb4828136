"""How a branch of ours uses a booking account: as which of their places, with whose clock."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q

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
        place_id=_place_id(row.account, row.place),
        wire_zone=str(settings.get("wire_timezone") or ""),
        marker=str(row.place.get("reference_field") or settings.get("reference_field") or ""),
    )


def _place_id(account: Account, place: dict[str, Any]) -> str:
    return str(place.get("branch_id") or account.settings.get("branch_id") or "")


def used_as(user: Any) -> ArraySubquery:
    """Of one mirror row, within the question that reads it: as which places the branches at which this person may see
    bookings use its account. Empty: none of them does."""
    booking = [slug for slug, spec in SPECS.items() if spec.kind == KIND]
    rows = BranchAccount.objects.filter(
        account=OuterRef("account"),
        account__provider__in=booking,
        account__is_active=True,
        branch__in=branches_of(user, Permission.BOOKINGS),
    )
    return ArraySubquery(rows.order_by().values("place"))


def is_ours(account: Account, used: Iterable[dict[str, Any]], place_id: str) -> bool:
    """`Link.here` for all of what `used_as` brought. What names no place may be at any."""
    known = (_place_id(account, place) for place in used)
    return any(not here or place_id in ("", here) for here in known)


def booking_links(branch: Branch) -> list[Link]:
    """The accounts through which this branch books; one, in most clinics. With what is known of its horizon."""
    booking = [slug for slug, spec in SPECS.items() if spec.kind == KIND]
    rows = BranchAccount.objects.filter(branch=branch, account__provider__in=booking, account__is_active=True)
    return [link_for(row) for row in rows.select_related("account", "branch__horizon").order_by("account__label", "pk")]
