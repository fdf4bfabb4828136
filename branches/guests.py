"""A partner's program as the selectors and services see it: no member of staff, at some of our branches, allowed some things.

Who it is, `partners` knows; what it may see is decided where it is for staff, by `branches_of`.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Guest:
    """`may` names the permissions, `branches` the codes of the places at which they hold. `id` is the partner's."""

    id: uuid.UUID
    key_id: uuid.UUID
    name: str
    branches: frozenset[str]
    may: frozenset[str]
    scopes: frozenset[str] = field(default_factory=frozenset)
    is_authenticated: bool = True
    is_active: bool = True

    @property
    def pk(self) -> uuid.UUID:
        return self.id

    def branches_where(self, permission: str) -> frozenset[str]:
        return self.branches if permission in self.may else frozenset()
