"""What gunicorn is told beyond its command line: it does not name itself. Given as `-c python:config.gunicorn`."""

from __future__ import annotations

from collections.abc import Callable

from gunicorn.http.wsgi import Response

_with_a_banner: Callable[[Response], list[str]] = Response.default_headers


def _nameless(response: Response) -> list[str]:
    return [line for line in _with_a_banner(response) if not line.startswith("Server:")]


Response.default_headers = _nameless
