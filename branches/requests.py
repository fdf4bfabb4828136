"""What a request carries once the gate of a staff page has let it through. For types only: never instantiated."""

from __future__ import annotations

from django.http import HttpRequest

from branches.models import Branch, Till, User


class PlacedRequest(HttpRequest):
    """After the middleware: a place, or none."""

    branch: Branch | None
    till: Till | None
    role: str
    permissions: frozenset[str]


class StaffRequest(HttpRequest):
    """After `permission_required`: a person, at a place, allowed to be here. `wide`: the page has no room beside it, and does
    not ask for the unfinished work."""

    wide: bool
    user: User
    branch: Branch
    till: Till | None
    role: str
    permissions: frozenset[str]
