"""Bodies and queries, read strictly: a field that we do not know is a mistake of the sender, and is told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, TypeVar

from rest_framework import serializers
from rest_framework.request import Request

from branches.api.pages import MOST_ROWS
from branches.api.refusals import FieldProblem, NothingThere, Refusal
from branches.models import Branch
from branches.selectors import branches_of

MOST, USUAL = 200, 50  # rows of a page
REFERENCE = 80
Form = TypeVar("Form", bound="Strict")


class Strict(serializers.Serializer[Any]):
    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            unknown = sorted(str(name) for name in set(data) - set(self.fields))
            if unknown:
                raise Refusal(
                    400, "invalid", fields=[FieldProblem(name[:80], "unknown_field") for name in unknown[:20]]
                )
        return super().to_internal_value(data)


class Text(serializers.CharField):
    """JSON text, and nothing that would have to become some."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class Reference(Text):
    """What a partner calls this on its side."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=REFERENCE, required=False, allow_blank=True, default="", **kwargs)


class BranchCode(serializers.SlugField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=32, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class Whole(serializers.IntegerField):
    """A whole number: in a body one of JSON's, and neither text nor true."""

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, (bool, float)) or (isinstance(data, str) and not self.context.get("is_query")):
            self.fail("invalid")
        return super().to_internal_value(data)


class Id(Whole):
    """One of ours."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=1, max_value=MOST_ROWS, **kwargs)


class Yes(serializers.BooleanField):
    """JSON's true or false; no word for it."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class Moment(serializers.DateTimeField):
    """With its offset: a moment without one is another moment in each country."""

    def enforce_timezone(self, value: dt.datetime) -> dt.datetime:
        if value.tzinfo is None:
            self.fail("invalid", format="YYYY-MM-DDThh:mm:ss+hh:mm")
        try:
            return value.astimezone(dt.UTC)
        except OverflowError:
            self.fail("overflow")


class Nothing(Strict):
    """Nothing may be given."""


class PageQuery(Strict):
    cursor = Text(required=False, max_length=200, help_text="`next_cursor` of the page before")
    limit = Whole(required=False, min_value=1, max_value=MOST, default=USUAL)


def body(form: type[Form], request: Request) -> dict[str, Any]:
    read = form(data=request.data, context={"request": request})
    read.is_valid(raise_exception=True)
    return dict(read.validated_data)


def query(form: type[Form], request: Request) -> dict[str, Any]:
    """Of the address; a name that stands there twice is not guessed at."""
    given: dict[str, Any] = {}
    for name, values in request.query_params.lists():
        if len(values) > 1:
            raise Refusal(400, "invalid", fields=[FieldProblem(name[:80], "repeated")])
        given[name] = values[0]
    read = form(data=given, context={"request": request, "is_query": True})
    read.is_valid(raise_exception=True)
    return dict(read.validated_data)


def branch_for(request: Request, code: str, permission: str) -> Branch:
    """One of the key's, where it may do that. Another branch is not there."""
    branch = next(iter(branches_of(request.user, permission).filter(code=code).order_by()), None)  # at most one
    if branch is None:
        raise NothingThere
    return branch
