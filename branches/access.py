"""The one gate of every staff page: signed in, at a place, and allowed to do this at that place.

A form that comes too late is not sent again after the login: its page is next, with what was typed (static/wasl.js). A poll
makes its whole page go to the login, which must not appear inside of a card.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, resolve_url

from branches.addresses import page_before
from branches.requests import StaffRequest

View = Callable[..., HttpResponseBase]


def go(request: HttpRequest, address: str) -> HttpResponse:
    """Redirect a page, or the page around a poll."""
    polls = request.headers.get("HX-Request") == "true"
    return HttpResponse(headers={"HX-Redirect": address}) if polls else redirect(address)


def to_login(request: HttpRequest) -> HttpResponse:
    login = resolve_url(settings.LOGIN_URL)
    asked_for = request.method == "GET" and request.headers.get("HX-Request") != "true"
    back = request.get_full_path() if asked_for else page_before(request)
    return go(request, redirect_to_login(back, login).url if back else login)


def permission_required(permission: str) -> Callable[[View], View]:
    def wrap(view: View) -> View:
        @wraps(view)
        def gate(request: StaffRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return to_login(request)
            if request.branch is None:
                return go(request, resolve_url("branches:place"))
            if permission not in request.permissions:
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return gate

    return wrap
