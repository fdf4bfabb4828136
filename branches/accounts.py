"""Our word to the login library: nobody signs up, nobody's name is left on a shared till, and a lock-out answers with a page
that says what to do."""

from __future__ import annotations

import ipaddress
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url

from branches.models import User


class ClosedSignup(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """The library would tell a disabled person from a wrong password."""
        user = super().authenticate(request, **credentials)
        return user if user and user.is_active else None

    def is_ajax(self, request: HttpRequest) -> bool:
        return False  # no page of ours asks for JSON

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """None: they would wait in a cookie, with the person's name, for the next one who opens the administration."""

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return resolve_url(settings.LOGIN_REDIRECT_URL)


def address_of(request: HttpRequest) -> str:
    """Where a request comes from, for the lock-out and the audit. Each of our PROXY_COUNT proxies has appended the address
    it was reached from to X-Forwarded-For; what stands before those was written by the client and may be anything."""
    direct = str(request.META.get("REMOTE_ADDR", ""))
    hops = str(request.META.get("HTTP_X_FORWARDED_FOR", "")).split(",")
    if not 0 < settings.PROXY_COUNT <= len(hops):
        return direct
    try:
        return str(ipaddress.ip_address(hops[-settings.PROXY_COUNT].strip()))
    except ValueError:
        return direct


def name_of(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """One person for the lock-out, however the name is written: the library finds her in capitals, too."""
    name = (credentials or {}).get("username") or request.POST.get("login") or ""
    return str(name).strip().casefold()[:255]


def locked_out(request: HttpRequest, credentials: dict[str, Any] | None = None, *args: Any) -> HttpResponse:
    return render(request, "account/locked.html", status=429)
