"""What holds for every page of a person: her session has not ended, her second factor is there where it must be, her language,
and the place (branch and till) she works at."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from contextlib import suppress
from typing import Any, cast

from django.conf import settings
from django.contrib.auth import SESSION_KEY, logout
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.utils import translation

from branches import sessions
from branches.access import go
from branches.models import Branch, Membership, Till, User
from branches.proof import ask_again, has_second_factor, lacks_second_factor
from branches.requests import PlacedRequest
from branches.roles import MAY, Permission
from branches.selectors import memberships_of

Next = Callable[[HttpRequest], HttpResponse]
log = logging.getLogger(__name__)

NOWHERE: tuple[None, None, str] = None, None, ""
# What somebody may open who has yet to set up a second factor, or has yet to prove it.
ALWAYS = {"account_logout", "branches:language", "account_reauthenticate"}
TO_SET_UP = ALWAYS | {"mfa_index", "mfa_activate_totp", "mfa_add_webauthn", "mfa_view_recovery_codes"}


class SessionEnd:
    """A session that has rested or lasted too long is gone before anything is read from it. Why one ended is logged, whoever
    ended it: of its cookie and of what it held nothing."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        person = ""
        with suppress(DatabaseError):  # further in, it becomes a page in her language
            person = self.look_at(request)
        response = self.get_response(request)
        if person and SESSION_KEY not in request.session:
            log.info("session of %s ended: by %s, answered %s", person, route_of(request), response.status_code)
        return response

    def look_at(self, request: HttpRequest) -> str:
        """Whose it is; '' for nobody's, and for one that has just ended."""
        person = str(request.session.get(SESSION_KEY, ""))
        if not person:
            if settings.SESSION_COOKIE_NAME in request.COOKIES and request.session.session_key is None:
                log.info("session ended: its cookie names none that is there")
            return ""
        if reason := sessions.over_because(request):
            logout(request)
            log.info("session of %s ended: %s", person, reason)
            return ""
        sessions.keep_alive(request)
        return person


def route_of(request: HttpRequest) -> str:
    """Not the path: that is whatever was typed."""
    return request.resolver_match.route if request.resolver_match else "no page"


class SecondFactor:
    """Whose role demands a second factor sets it up, or proves it, before anything else: on pages, polls and in the admin."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        match = request.resolver_match
        name = match.view_name if match else ""
        if name in ALWAYS or not lacks_second_factor(request):
            return None
        if has_second_factor(cast(User, request.user)):
            return ask_again(request)
        return None if name in TO_SET_UP else go(request, resolve_url("mfa_index"))


class Language:
    """The person's own choice, else this machine's, else Arabic. The browser's wish is ignored: clinic machines are
    installed in English by someone else than the receptionist who reads the page."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if of_a_program(request):  # it asks for its language by the header
            return self.get_response(request)
        language = language_of(request)
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


def of_a_program(request: HttpRequest) -> bool:
    """No cookie of a person counts there, so neither does where she works."""
    return request.path_info.startswith("/api/")


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
        placed.branch, placed.till, placed.role = NOWHERE if of_a_program(request) else place_of(request)
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
