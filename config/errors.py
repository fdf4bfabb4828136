"""Pages for people, problems for programs: whatever goes wrong below /api/ is told as the API tells it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

from desk import errors
from partners import problems
from partners.middleware import is_api

Page = Callable[..., HttpResponse]


def _either(page: Page, status: int) -> Page:
    def tell(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return problems.answer(request, status) if is_api(request) else page(request, *args, **kwargs)

    return tell


bad_request = _either(errors.bad_request, 400)
forbidden = _either(errors.forbidden, 403)
not_found = _either(errors.not_found, 404)
too_large = _either(errors.too_large, 413)
wrong_method = _either(errors.wrong_method, 405)


def server_error(request: HttpRequest) -> HttpResponse:
    return problems.broken(request) if is_api(request) else errors.server_error(request)
