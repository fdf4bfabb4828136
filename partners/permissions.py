"""The scope that a view names is one of the key's. A view that names none is a mistake, and is closed."""

from __future__ import annotations

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from branches.guests import Guest


class HasScope(BasePermission):
    code = "scope_missing"

    def has_permission(self, request: Request, view: Any) -> bool:
        """`scopes` of a view: by method, any one of which is enough; an empty tuple is for every key."""
        if not isinstance(request.user, Guest):
            return False
        method = "GET" if request.method == "HEAD" else request.method
        wanted = getattr(view, "scopes", {}).get(method)
        if wanted is None:
            return request.method not in view.allowed_methods  # 405 follows
        return not wanted or bool(request.user.scopes & set(wanted))
