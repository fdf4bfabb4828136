"""The site's own addresses, and two that fail."""

from __future__ import annotations

from typing import NoReturn

from django.db import connection, transaction
from django.http import HttpRequest
from django.urls import path

from config.urls import handler400, handler403, handler404, handler500
from config.urls import urlpatterns as own

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]


class Unforeseen(Exception):
    pass


def fails(request: HttpRequest) -> NoReturn:
    code, password = request.POST.get("q", ""), request.POST.get("password", "")  # locals that nobody may ever read
    raise Unforeseen(f"{len(code)} and {len(password)} characters")


def asks(request: HttpRequest) -> NoReturn:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT * FROM no_such_table")
    raise AssertionError


urlpatterns = [path("fails/<str:which>/", lambda request, which: fails(request)), path("asks/", asks), *own]
