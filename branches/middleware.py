"""Two facts every page needs: the person's language, and the place (branch and till) they work at."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import cast

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from branches.models import Branch, Membership, Till
from branches.requests import PlacedRequest
from branches.roles import MAY, Permission
from branches.selectors import memberships_of

Next = Callable[[HttpRequest], HttpResponse]


class Language:
    """The person's own choice, else this machine's, else Arabic. The browser's wish is ignored: clinic machines are
    installed in English by someone else than the receptionist who reads the page."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = language_of(request)
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


def language_of(request: HttpRequest) -> str:
    known = dict(settings.LANGUAGES)
    wishes = [_own_choice(request), request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")]
    return next((wish for wish in wishes if wish in known), settings.LANGUAGE_CODE)


def _own_choice(request: HttpRequest) -> str:
    try:
        return str(getattr(request.user, "language", ""))
    except DatabaseError:  # the page that tells about it must still be readable
        return ""


class Place:
    """Where this person works now, and what they may do there: read once a request, so that a right that was taken away is
    gone at the next one. The till is kept in the session; its cookie remembers the machine between people."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        placed = cast(PlacedRequest, request)
        placed.branch, placed.till, placed.role = place_of(request)
        placed.permissions = MAY.get(placed.role, frozenset())
        return self.get_response(request)


def place_of(request: HttpRequest) -> tuple[Branch | None, Till | None, str]:
    memberships = {row.branch_id: row for row in memberships_of(request.user, Permission.DESK)}
    if not memberships:
        return None, None, ""
    chosen = str(request.session.get("till") or request.COOKIES.get(settings.TILL_COOKIE_NAME, ""))
    till = _till(chosen, memberships)
    if till:
        membership = memberships[till.branch_id]
        return membership.branch, till, membership.role
    return _only_place(memberships)


def _till(chosen: str, memberships: dict[uuid.UUID, Membership]) -> Till | None:
    if not (chosen.isascii() and chosen.isdigit() and len(chosen) < 10):
        return None
    return Till.objects.filter(pk=chosen, branch__in=memberships).first()


def _only_place(memberships: dict[uuid.UUID, Membership]) -> tuple[Branch | None, Till | None, str]:
    """With one branch and one till there is nothing to choose."""
    if len(memberships) > 1:
        return None, None, ""
    [membership] = memberships.values()
    tills = list(membership.branch.tills.all()[:2])
    return (membership.branch, tills[0], membership.role) if len(tills) == 1 else (None, None, "")
