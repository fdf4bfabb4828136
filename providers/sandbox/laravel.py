"""How a Laravel application reads a request and complains about it; for the twins of providers that are written so."""

from __future__ import annotations

import re
from collections.abc import Mapping

from providers.sandbox.twin import Answer, JsonObject, Request, in_json, object_in

Complaints = dict[str, list[str]]
AMOUNT = re.compile(r"[0-9]{1,9}(\.[0-9]{1,2})?")


def fields_of(request: Request) -> JsonObject:
    """Nothing at all when the body is not JSON or does not say so; an empty string is no value."""
    if not re.match(r"application/(.+\+)?json\b", request.headers.get("content-type", ""), re.IGNORECASE):
        return {}
    return {name: None if value == "" else value for name, value in object_in(request.body).items()}


def not_strings(fields: JsonObject, names: tuple[str, ...]) -> Complaints:
    wrong = {}
    for name in names:
        if fields.get(name) is None:
            wrong[name] = [f"The {name.replace('_', ' ')} field is required."]
        elif not isinstance(fields[name], str):
            wrong[name] = [f"The {name.replace('_', ' ')} field must be a string."]
    return wrong


def not_amounts(fields: JsonObject, names: tuple[str, ...]) -> Complaints:
    wrong = [name for name in names if not AMOUNT.fullmatch(fields[name])]
    return {name: [f"The {name.replace('_', ' ')} field must be a number."] for name in wrong}


def invalid(wrong: Mapping[str, list[str]]) -> Answer:
    """A validation error: the first complaint, how many more there are, and all of them by field."""
    first, *more = [text for texts in wrong.values() for text in texts]
    rest = f" (and {len(more)} more error{'s' if len(more) > 1 else ''})" if more else ""
    return in_json(422, {"message": first + rest, "errors": wrong})


def no_route(path: str) -> Answer:
    return in_json(404, {"message": f"The route {path} could not be found."})


def wrong_method(method: str, path: str, supported: str) -> Answer:
    text = f"The {method} method is not supported for route {path}. Supported methods: {supported}."
    return in_json(405, {"message": text}, {"Allow": supported})
