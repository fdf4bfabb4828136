"""What holds for every request below /api/: a trace id, the language that was asked for, the caller's allowance."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation.trans_real import parse_accept_lang_header

Next = Callable[[HttpRequest], HttpResponse]
API = "/api/"
USUAL = "en"  # programs that ask for no language are read by developers


def is_api(request: HttpRequest) -> bool:
    return request.path_info.startswith(API)


class Api:
    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not is_api(request):
            return self.get_response(request)
        request.trace_id = secrets.token_hex(8)  # type: ignore[attr-defined]  # told with every error, and logged
        language = language_of(request)
        with translation.override(language):
            response = self.get_response(request)
        response.headers["Content-Language"] = language
        response.headers.setdefault("X-Request-Id", request.trace_id)  # type: ignore[attr-defined]  # ours
        allowance = getattr(request, "allowance", None)
        for name, value in allowance.headers().items() if allowance else ():
            response.headers[name] = value
        patch_vary_headers(response, ("Accept-Language", "Authorization"))
        return response


def language_of(request: HttpRequest) -> str:
    known = dict(settings.LANGUAGES)
    wishes = parse_accept_lang_header(request.headers.get("Accept-Language", "")[:200])
    return next((name[:2] for name, _weight in wishes if name[:2] in known), USUAL)
