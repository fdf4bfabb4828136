"""OpenAPI 3.1 from the code: what each endpoint tells of itself, with what holds for all of them added here."""

from __future__ import annotations

from typing import Any, cast

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from branches.api.endpoint import Endpoint, Told
from partners.words import DETAILS

ALWAYS = (400, 401, 403, 429, 503)
OF_A_BODY = (413, 415)
OF_AN_EFFECT = (404, 409, 422)
WORDS = {
    200: "As it stands",
    201: "Final",
    202: "Accepted, and nobody knows the end of it yet",
    400: "Cannot be read",
    401: "No valid key",
    403: "The key lacks the scope",
    404: "Not there for this key",
    409: "Somebody else, or the first request with this Idempotency-Key, is at it",
    413: "Too large",
    415: "Not JSON",
    422: "Cannot be done as it was asked",
    429: "Too many requests",
    503: "Not possible at the moment; nothing was done",
}
IDEMPOTENCY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "pattern": r"^[\x21-\x7e]{16,255}$", "minLength": 16, "maxLength": 255},
    OpenApiParameter.HEADER,
    required=True,
    description="16 to 255 visible ASCII characters, new for each thing that shall happen; the same for each retry of it.",
)


class FieldErrorRow(serializers.Serializer[Any]):
    field = serializers.CharField()
    code = serializers.CharField()
    detail = serializers.CharField()


class Problem(serializers.Serializer[Any]):
    """Every error, whoever found it (RFC 9457, application/problem+json)."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField(help_text="what a program branches on")
    detail = serializers.CharField(help_text="a sentence in the language of Accept-Language")
    field_errors = FieldErrorRow(many=True)
    trace_id = serializers.CharField(help_text="tell us this, and we find it in our log")
    operation = serializers.UUIDField(required=False, help_text="of yours, that is in the way")


class Described(AutoSchema):  # type: ignore[misc]  # spectacular's base has no types
    def told(self) -> Told:
        return self.endpoint().told[self.method]

    def endpoint(self) -> Endpoint:
        return cast(Endpoint, self.view)

    def get_operation_id(self) -> str:
        parts = [part.strip("{}") for part in self.path.removeprefix("/api/v1/").split("/") if part]
        return "_".join([self.method.lower(), *parts]).replace("-", "_")

    def get_tags(self) -> list[str]:
        return [self.endpoint().tag]

    def get_summary(self) -> str:
        return self.told().summary

    def get_description(self) -> str:  # type: ignore[override]  # spectacular asks without arguments
        scopes = self.endpoint().scopes[self.method]
        needs = f"Scope: {' or '.join(f'`{scope}`' for scope in scopes)}." if scopes else "Any key."
        return " ".join(filter(None, [self.told().description, needs]))

    def get_request_serializer(self) -> Any:
        return self.told().asks if self.method == "POST" else None

    def get_override_parameters(self) -> list[Any]:
        asked = [self.told().asks] if self.method != "POST" and self.told().asks else []
        return asked + ([IDEMPOTENCY] if self.told().is_effect else [])

    def get_response_serializers(self) -> Any:
        told = self.told()
        answers: dict[Any, Any] = {}
        for status, form in told.answers.items():
            shown = _listed(form) if told.is_list else form
            answers[(status, "application/json")] = OpenApiResponse(shown, WORDS[status])
        if told.is_effect:
            answers[(202, "application/json")] = OpenApiResponse(told.answers[201], WORDS[202])
        for status in _problems(told, self.method):
            answers[(status, "application/problem+json")] = OpenApiResponse(Problem, WORDS[status])
        return answers

    def get_auth(self) -> list[Any]:
        """Said once for all of it: `finished`."""
        return []

    def get_filter_backends(self) -> list[Any]:
        return []


def _problems(told: Told, method: str) -> list[int]:
    found = {*ALWAYS, *told.problems}
    if method != "GET":
        found |= set(OF_A_BODY)
    if told.is_effect:
        found |= set(OF_AN_EFFECT)
    return sorted(found)


_pages: dict[type, type] = {}


def _listed(form: Any) -> Any:
    """One page of them."""
    if form not in _pages:
        fields = {"items": form(many=True), "next_cursor": serializers.CharField(allow_null=True)}
        _pages[form] = type(f"{form.__name__.removesuffix('Row')}Page", (serializers.Serializer,), fields)
    return _pages[form]


def only_ours(endpoints: list[tuple[str, str, str, Any]], **kwargs: Any) -> list[tuple[str, str, str, Any]]:
    """The pages of the reference describe themselves to people."""
    return [row for row in endpoints if hasattr(getattr(row[3], "cls", None), "told")]


def finished(result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """The key, the closed bodies, and the codes: what no single endpoint says."""
    result["components"]["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
    result["security"] = [{"key": []}]
    for name, form in result["components"]["schemas"].items():
        if name.endswith("Form"):
            form["additionalProperties"] = False
    result["x-codes"] = sorted(DETAILS)
    _tidy(result)
    return result


def _tidy(part: Any) -> None:
    """Of a choice its values say everything: spectacular repeats them as a list, under a mark of its own."""
    if isinstance(part, list):
        for inner in part:
            _tidy(inner)
    elif isinstance(part, dict):
        if str(part.get("description", "")).startswith("* `"):
            del part["description"]
        elif "description" in part and isinstance(part["description"], str):
            part["description"] = part["description"].partition("\n\n* `")[0]
        part.pop("x-spec-enum-id", None)
        for inner in list(part.values()):
            _tidy(inner)
