"""The one shape in which every error of the API is told (RFC 9457), whoever raised it."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from rest_framework import exceptions

from branches.addresses import address_of
from branches.api.refusals import FieldProblem, Refusal
from partners.words import DETAILS, FIELDS, TITLES, code_for

log = logging.getLogger(__name__)
TYPE = "/api/v1/docs/#"
MOST_FIELDS = 50
BACK_IN = 3  # seconds, about what a database takes to start again


def handle(error: Exception, context: Mapping[str, Any]) -> HttpResponse:
    """What REST_FRAMEWORK names as its exception handler. Nothing that a view raises gets past it."""
    request: HttpRequest = context["request"]._request
    if isinstance(error, Refusal):
        response = _refusal(request, error)
    elif isinstance(error, exceptions.ValidationError):
        response = answer(request, 400, "invalid", fields=list(_fields(error.get_full_details())))
    elif isinstance(error, exceptions.APIException):
        response = answer(request, error.status_code, _code_of(error))
    elif isinstance(error, (Http404, PermissionDenied)):
        response = answer(request, 404 if isinstance(error, Http404) else 403)
    elif isinstance(error, RequestDataTooBig):
        response = answer(request, 413)
    else:
        return broken(request, error)
    if isinstance(error, exceptions.MethodNotAllowed):
        response.headers["Allow"] = ", ".join(context["view"].allowed_methods)
    if response.status_code == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="Wasl"'
    if response.status_code in (401, 403):
        _note_denial(request, response.status_code, context)
    return response


def _code_of(error: exceptions.APIException) -> str:
    code = error.get_codes()
    return code if isinstance(code, str) and code in DETAILS else code_for(error.status_code)


def _refusal(request: HttpRequest, error: Refusal) -> HttpResponse:
    response = answer(request, error.status_code, error.code, str(error.words), error.fields, **error.facts)
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def broken(request: HttpRequest, error: BaseException | None = None) -> HttpResponse:
    """A fault of ours: its trace is in our log, under the id that the answer carries."""
    error = error or sys.exc_info()[1]
    log.error("server error %s in %s %s", trace_of(request), request.method, _route(request), exc_info=error)
    if isinstance(error, (OperationalError, InterfaceError)):
        response = answer(request, 503)
        response.headers["Retry-After"] = str(BACK_IN)
        return response
    return answer(request, 500)


def answer(
    request: HttpRequest,
    status: int,
    code: str = "",
    detail: str = "",
    fields: Sequence[FieldProblem] = (),
    **facts: Any,
) -> HttpResponse:
    code = code or code_for(status)
    body = {
        "type": f"{TYPE}{code}",
        "title": str(TITLES.get(status, TITLES[500])),
        "status": status,
        "code": code,
        "detail": detail or str(DETAILS.get(code, DETAILS["not_possible"])),
        "field_errors": [
            {
                "field": one.field,
                "code": one.code,
                "detail": str(one.detail or FIELDS.get(one.code) or _("This does not fit.")),
            }
            for one in fields[:MOST_FIELDS]
        ],
        "trace_id": trace_of(request),
        **facts,
    }
    text = json.dumps(body, ensure_ascii=False)
    return HttpResponse(text, status=status, content_type="application/problem+json")


def trace_of(request: HttpRequest) -> str:
    return str(getattr(request, "trace_id", ""))


def _fields(details: Any, name: str = "") -> Iterable[FieldProblem]:
    """Every leaf of what the serializers found, under the path of its field: items.0.price."""
    if isinstance(details, Mapping) and "code" in details and not isinstance(details["code"], (Mapping, list)):
        code = str(details["code"])
        yield FieldProblem(name[:120], code if code in FIELDS else "invalid")
    elif isinstance(details, Mapping):
        for key, inner in details.items():
            part = "" if key == "non_field_errors" else str(key)
            yield from _fields(inner, ".".join(filter(None, (name, part))))
    elif isinstance(details, list):
        for inner in details:
            yield from _fields(inner, name)


def _note_denial(request: HttpRequest, status: int, context: Mapping[str, Any]) -> None:
    """S37: each denial says who, what, when, from where."""
    who = getattr(context["request"], "_user", None)
    name = getattr(who, "name", "") or "nobody"
    log.warning("denied %s %s %s to %s from %s", status, request.method, _route(request), name, address_of(request))


def _route(request: HttpRequest) -> str:
    """Not the path: that is whatever was typed."""
    return request.resolver_match.route if request.resolver_match else ""
