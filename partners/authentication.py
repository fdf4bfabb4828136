"""Who is calling: `Authorization: Bearer <key>`, and nothing else. No cookie of a member of staff opens the API."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from branches.addresses import address_of
from branches.guests import Guest
from partners.idempotency import Visit
from partners.keys import find_key, note_use
from partners.models import Key
from partners.scopes import permissions_of


class KeyAuthentication(BaseAuthentication):
    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        scheme, _space, presented = request.headers.get("Authorization", "").partition(" ")
        if not scheme:
            return None
        now, address = timezone.now(), address_of(request._request)
        key = find_key(presented.strip(), address, now=now) if scheme.lower() == "bearer" else None
        if key is None:
            raise AuthenticationFailed(code="key_invalid")
        note_use(key, address, now=now)
        return guest_of(key), Visit(key)

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="Wasl"'


def guest_of(key: Key) -> Guest:
    return Guest(
        id=key.partner_id,
        key_id=key.pk,
        name=key.partner.name,
        branches=frozenset(key.branches),
        may=permissions_of(key.scopes),
        scopes=frozenset(key.scopes),
    )
