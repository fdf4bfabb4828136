"""Where a request comes from, and which of our pages may come next."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


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


def is_ours(request: HttpRequest, page: str) -> bool:
    """A path of this site, whole: nothing that a browser could take for another host."""
    host = {request.get_host()}
    return page.startswith("/") and url_has_allowed_host_and_scheme(page, host, require_https=request.is_secure())


def page_before(request: HttpRequest) -> str:
    """The page of ours that a form or a poll was sent from, or nothing."""
    address = request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure()):
        return ""
    parts = urlsplit(address)
    page = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return page if is_ours(request, page) else ""
