"""Error pages: what happened, what to do, a reference for the administrator. They query nothing: the database may be what is
broken, so no context processor may run."""

from __future__ import annotations

import logging
import secrets
import sys
from typing import Any

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from branches.addresses import address_of
from desk.frame import language_facts

log = logging.getLogger(__name__)
BACK_IN = 3  # seconds, about what a database takes to start again


def _page(request: HttpRequest, status: int, title: str, text: str, reference: str = "") -> HttpResponse:
    context = {"title": title, "text": text, "reference": reference} | language_facts()
    return HttpResponse(render_to_string("error.html", context), status=status)


def _route(request: HttpRequest) -> str:
    """Not the path: that is whatever was typed."""
    return request.resolver_match.route if request.resolver_match else ""


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(request, 400, _("This request cannot be read"), _("Nothing was changed. Go back and try again."))


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    log.warning("denied %s %s to %s from %s", request.method, _route(request), request.user.pk, address_of(request))
    return _page(
        request,
        403,
        _("Your role cannot open this page"),
        _("Nothing was changed. Ask the administrator if you need it."),
    )


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(
        request, 404, _("There is nothing here"), _("It may belong to another branch, or the address is wrong.")
    )


def wrong_method(request: HttpRequest) -> HttpResponse:
    text = _("Nothing was changed. Open the desk: unfinished work is there.")
    return _page(request, 405, _("This page cannot be opened like this"), text)


def too_large(request: HttpRequest) -> HttpResponse:
    return _page(request, 413, _("This is too large to read"), _("Nothing was changed. Go back and send less."))


def csrf_failure(request: HttpRequest, reason: str = "", **kwargs: Any) -> HttpResponse:
    text = _("The page was open for too long, or cookies are off. Nothing was changed. Open it again.")
    return _page(request, 403, _("This page has expired"), text)


def server_error(request: HttpRequest) -> HttpResponse:
    reference = secrets.token_hex(4)
    log.error("server error %s in %s %s", reference, request.method, _route(request), exc_info=True)
    if isinstance(sys.exc_info()[1], (OperationalError, InterfaceError)):  # the database is away, and will be back
        text = _("Nothing is lost. Try again in a moment; the desk shows the true state.")
        page = _page(request, 503, _("Wasl does not reach its database"), text, reference)
        page.headers["Retry-After"] = str(BACK_IN)
        return page
    text = _("Nothing is lost. Open the desk: unfinished work shows its true state.")
    return _page(request, 500, _("Something went wrong here"), text, reference)
