"""Who is there, and how long ago did she prove it? Before secrets, decisions and staff changes the proof must be a fresh one.

The library writes each proof (password, code, passkey) with its time into the session. Signing in is one.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY, get_authentication_records
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url

from branches.access import go, to_login
from branches.addresses import page_before
from branches.models import Membership, User
from branches.roles import Role
from branches.sessions import end_sessions

View = Callable[..., HttpResponse]
SECOND = "mfa"
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)  # recovery codes alone are none


def has_second_factor(person: User) -> bool:
    return bool(Authenticator.objects.filter(user=person, type__in=FACTORS).exists())


def must_have_second_factor(person: User) -> bool:
    """Whatever she is at any branch: a stolen password opens all of them."""
    roles = set(settings.MFA_ROLES)
    if not roles:
        return False
    return (person.is_staff and Role.ADMIN in roles) or Membership.objects.filter(user=person, role__in=roles).exists()


def proved_second_factor(request: HttpRequest) -> bool:
    return any(record.get("method") == SECOND for record in get_authentication_records(request, request.user))


def lacks_second_factor(request: HttpRequest) -> bool:
    """In this session, and it may not be lacking. Asks the database only as long as it does."""
    person = request.user
    return person.is_authenticated and not proved_second_factor(request) and must_have_second_factor(person)


# A fresh proof ----------------------------------------------------------------------------------------------------------


def recently_proved(request: HttpRequest) -> bool:
    records = get_authentication_records(request, request.user) if request.user.is_authenticated else []
    return bool(records) and time.time() - float(records[-1].get("at", 0)) < settings.STEP_UP_SECONDS


def ask_again(request: HttpRequest, back: str = "") -> HttpResponse:
    """To the page that asks who is there, and then back: to this page, or to the one whose form was sent."""
    back = back or (request.get_full_path() if request.method == "GET" else page_before(request) or request.path)
    answer = redirect_to_login(back, resolve_url("account_reauthenticate"))
    return go(request, answer.url)


def proof_required(view: View) -> View:
    @wraps(view)
    def gate(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return to_login(request)
        return view(request, *args, **kwargs) if recently_proved(request) else ask_again(request)

    return gate


def proved(request: HttpRequest, method: str, **facts: Any) -> None:
    """She has proved it now: the session goes on under a new id."""
    record_authentication(request, request.user, method, reauthenticated=True, **facts)
    request.session.cycle_key()


def factors_changed(request: HttpRequest, person: User) -> None:
    """Every other session of hers ends. This one counts as proved by a second factor as long as there is one."""
    records = [row for row in get_authentication_records(request, person) if row.get("method") != SECOND]
    request.session[AUTHENTICATION_METHODS_SESSION_KEY] = records
    if has_second_factor(person):
        record_authentication(request, person, SECOND, added=True)
    request.session.cycle_key()
    end_sessions(person, but=request.session.session_key)
