"""The reference: the schema for programs, and the same as a page for people. Public: it says nothing that is a secret."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import override
from django.views.decorators.http import require_GET
from drf_spectacular.generators import SchemaGenerator

from partners.examples import examples_of
from partners.words import DETAILS

FILE = Path(settings.HERE) / "docs" / "openapi.json"


@cache
def document() -> dict[str, Any]:
    with override("en"):
        generator: Any = SchemaGenerator()  # type: ignore[no-untyped-call]  # it has no types
        found = generator.get_schema(request=None, public=True)
    return json.loads(json.dumps(found, default=str))  # type: ignore[no-any-return]  # plain JSON


def as_text() -> str:
    return json.dumps(document(), indent=1, ensure_ascii=False, sort_keys=False) + "\n"


@require_GET
def schema(request: HttpRequest) -> HttpResponse:
    return HttpResponse(as_text(), content_type="application/vnd.oai.openapi+json;version=3.1")


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    told = document()
    context = {
        "groups": _groups(told),
        "codes": sorted(DETAILS.items()),
        "shapes": [_shape(name, shape) for name, shape in sorted(told["components"]["schemas"].items())],
        "version": told["info"]["version"],
    }
    return render(request, "partners/reference.html", context)


def _groups(told: dict[str, Any]) -> list[tuple[str, list[dict[str, Any]]]]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, methods in told["paths"].items():
        for method, operation in methods.items():
            row = {"method": method.upper(), "path": path, **_shown(operation), "example": examples_of(path, method)}
            groups.setdefault(operation["tags"][0], []).append(row)
    return list(groups.items())


def _shown(operation: dict[str, Any]) -> dict[str, Any]:
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    return {
        "id": operation["operationId"],
        "summary": operation["summary"],
        "description": operation.get("description", ""),
        "parameters": [{**one, "kind": one["schema"].get("type", "")} for one in operation.get("parameters", [])],
        "asks": body.get("$ref", "").rpartition("/")[2],
        "answers": [(status, one["description"], _answered(one)) for status, one in operation["responses"].items()],
    }


def _answered(response: dict[str, Any]) -> str:
    content: dict[str, Any] = next(iter(response.get("content", {}).values()), {})
    return str(content.get("schema", {}).get("$ref", "")).rpartition("/")[2]


def _shape(name: str, shape: dict[str, Any]) -> dict[str, Any]:
    """As pairs: a field may be called "items"."""
    needed = shape.get("required", ())
    fields = [(field, facts, field in needed) for field, facts in shape.get("properties", {}).items()]
    return {"name": name, "description": shape.get("description", ""), "fields": fields}
