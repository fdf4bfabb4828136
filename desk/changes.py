"""Changes that a domain makes at its provider, as the desk and the review see them: of any domain they are decided alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import Promise

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Changes:
    """`about`: what one changes, for a line of a list. `there`: what stands at the provider that it may have made, of which at
    most `most` may be named; `named`: what people call those. `part`: the template that shows what stands there. `name` begins
    the names of its addresses."""

    name: str
    permission: str
    question: Text
    acts_for: Callable[[Any], QuerySet[Any]]
    needing_person: Callable[[Any], QuerySet[Any]]
    about: Callable[[Any], dict[str, Any]]
    kind_of: Callable[[Any], Any]
    look_for: Callable[[Any], Text]
    reasons: Mapping[str, Text]
    there: Callable[[Any], Sequence[Any]]
    most: Callable[[Any], int]
    named: Callable[[Any, set[str]], dict[str, str]]
    part: str
    choice: str

    def address(self, view: str, act: Any) -> str:
        return reverse(f"desk:{self.name}_{view}", args=[act.pk])
