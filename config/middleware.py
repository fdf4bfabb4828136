"""What holds for every request: headers, bounds, clear words for what Django leaves blank, and who did it for the audit."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pghistory
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.request import UnreadablePostError

from branches.addresses import address_of
from config import errors

Next = Callable[[HttpRequest], HttpResponse]
UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}
NUL = "\x00"
HEADERS = {
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Resource-Policy": "same-origin",
    # Also set by Django, but not on what its own middleware answers: a host that is not ours, static files.
    "Cross-Origin-Opener-Policy": settings.SECURE_CROSS_ORIGIN_OPENER_POLICY,
    "Referrer-Policy": settings.SECURE_REFERRER_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": settings.X_FRAME_OPTIONS,
    "Cache-Control": "no-store",
}


class SecurityHeaders:
    """Outermost, so that static files and error pages carry them too."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response


class BoundedInput:
    """Nothing too large is read, files included, and no text goes further that the database cannot hold. What is left blank
    elsewhere (the wrong method) gets a page."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = body_length(request)
        if length > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            return errors.too_large(request)
        if length < 0 or not is_whole(request, length) or holds_nul(request):
            return errors.bad_request(request)
        response = self.get_response(request)
        if response.status_code == 405 and not response.content:
            page = errors.wrong_method(request)
            page.headers["Allow"] = response.headers["Allow"]
            return page
        return response


def body_length(request: HttpRequest) -> int:
    """Below zero: nonsense was said about it."""
    text = str(request.META.get("CONTENT_LENGTH") or "0")
    if not (text.isascii() and text.isdigit()):
        return -1
    return int(text) if len(text) < 19 else sys.maxsize  # thousands of digits are too many for int()


def is_whole(request: HttpRequest, length: int) -> bool:
    """A browser that went away in the middle has sent half an amount."""
    try:
        body = request.body
    except UnreadablePostError:
        return False
    ended = request.content_type != "multipart/form-data" or body.rstrip().endswith(b"--")
    return ended and len(body) == length


def holds_nul(request: HttpRequest) -> bool:
    fields = [*request.GET.lists(), *request.POST.lists()]
    return any(NUL in text for name, values in fields for text in (name, *values))


class AuditContext:
    """Every audited change made by this request carries the person, the address and the page.

    Redeeming changes no audited table: an operation is its own journal, with its own chain. It is spared the context, which
    would ride on each of its statements. Cases are audited. An event from a provider has no person, and its path is a secret.
    What a partner's key does is in the journal of its operation, with the partner.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in UNSAFE or is_redeeming(request.path) or request.path.startswith(("/hooks/", "/api/")):
            return self.get_response(request)
        user = str(request.user.pk) if request.user.is_authenticated else ""
        with pghistory.context(user=user, url=request.path, address=address_of(request)):
            return self.get_response(request)


def is_redeeming(path: str) -> bool:
    return path.startswith("/vouchers/") and not path.startswith("/vouchers/cases/")
