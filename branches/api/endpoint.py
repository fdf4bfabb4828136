"""One address of the partner API: what it does by method, which scope that needs, and how it is told to developers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from rest_framework.request import Request
from rest_framework.views import APIView

from branches.guests import Guest


@dataclass(frozen=True, slots=True)
class Told:
    """One method in the reference: `asks` is the form of its body or of its query, `answers` a form by status."""

    summary: str
    description: str = ""
    asks: Any = None
    answers: Mapping[int, Any] = field(default_factory=dict)
    is_list: bool = False
    is_effect: bool = False  # needs an Idempotency-Key, and may end as 202
    example: Mapping[str, Any] | None = None
    problems: tuple[int, ...] = ()  # beside those that everything may answer


class Endpoint(APIView):
    """`scopes` by method: any one of them is enough. `told` is what the reference says."""

    http_method_names = ["get", "head", "post", "delete"]
    scopes: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    told: ClassVar[Mapping[str, Told]] = {}
    tag: ClassVar[str] = ""


def guest_of(request: Request) -> Guest:
    assert isinstance(request.user, Guest)
    return request.user
