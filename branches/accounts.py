"""Our word to the login library: nobody signs up, nobody's name is left on a shared till, and a lock-out answers with a page
that says what to do."""

from __future__ import annotations

import logging
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url

from branches import sessions
from branches.addresses import address_of
from branches.audit import note
from branches.guesses import is_news, too_many_passwords
from branches.models import User

log = logging.getLogger(__name__)


class ClosedSignup(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """The library would tell a disabled person from a wrong password."""
        name = name_of(request, credentials)
        if too_many_passwords(name, address_of(request)):
            _note_failure(request, name, "sign_in_locked")
            raise ImmediateHttpResponse(locked_out(request))
        user: User | None = super().authenticate(request, **credentials)
        if user and user.is_active and not _is_demo(credentials):
            return user
        locked = getattr(request, "axes_locked_out", False)
        _note_failure(request, name, "sign_in_locked" if locked else "sign_in_failed")
        return None

    def login(self, request: HttpRequest, user: User) -> None:
        super().login(request, user)
        sessions.begin(request)
        note(request, user, "signed_in", by=user)

    def logout(self, request: HttpRequest) -> None:
        if isinstance(request.user, User):
            note(request, request.user, "signed_out", by=request.user)
        super().logout(request)

    def is_ajax(self, request: HttpRequest) -> bool:
        return False  # no page of ours asks for JSON

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """None: they would wait in a cookie, with the person's name, for the next one who opens the administration."""

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """None: staff have no mail address here. What changed is in the audit trail."""

    def get_client_ip(self, request: HttpRequest) -> str:
        return address_of(request)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return resolve_url(settings.LOGIN_REDIRECT_URL)


def _is_demo(credentials: dict[str, Any]) -> bool:
    """The demo's password is in the manual: a database that was a demo once lets nobody in with it."""
    return settings.PRODUCTION and credentials.get("password") == settings.DEMO_PASSWORD


def _note_failure(request: HttpRequest, name: str, deed: str) -> None:
    """In the trail of the person whose name it is, if it is one's. A name that nobody has is kept by axes alone."""
    person = User.objects.filter(username__iexact=name).first()
    if person is None or (deed == "sign_in_locked" and not is_news(person, deed)):
        return
    note(request, person, deed)
    if deed == "sign_in_locked":
        log.warning("sign-ins as person %s are refused for now: too many failures", person.pk)


def name_of(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """One person for the lock-out, however the name is written: the library finds her in capitals, too."""
    name = (credentials or {}).get("username") or request.POST.get("login") or ""
    return str(name).strip().casefold()[:255]


def locked_out(request: HttpRequest, credentials: dict[str, Any] | None = None, *args: Any) -> HttpResponse:
    return render(request, "account/locked.html", status=429)
