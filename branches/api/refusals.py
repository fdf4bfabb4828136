"""How an endpoint says no. What becomes of it on the wire is settled in one place, by the exception handler of the settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rest_framework.exceptions import APIException


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """`detail` may be left out: the handler has words for every code of its own."""

    field: str
    code: str
    detail: Any = ""


class Refusal(APIException):
    """`code` is what programs branch on; `detail` one sentence in the caller's language; `retry_after` in seconds; `facts` are
    further members of the answer."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: Any = "",
        *,
        fields: Sequence[FieldProblem] = (),
        retry_after: int | None = None,
        facts: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail or code, code)
        self.status_code = status
        self.code = code
        self.words = detail
        self.fields = tuple(fields)
        self.retry_after = retry_after
        self.facts = dict(facts or {})


class NothingThere(Refusal):
    """No such thing for this caller: the same answer for another branch's as for an id that nobody has."""

    def __init__(self) -> None:
        super().__init__(404, "not_found")


def wrong_field(field: str, code: str, detail: Any = "") -> Refusal:
    """Well formed, and still not possible."""
    return Refusal(422, "not_possible", fields=[FieldProblem(field, code, detail)])
