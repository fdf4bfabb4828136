"""What tests of look-ups say in few words."""

from __future__ import annotations

from typing import Any

from providers.sandbox.running import RunningSandbox
from tests.scene import CODE, SLUG
from vouchers.models import Lookup


def outcome(lookup: Lookup) -> tuple[str, str]:
    return lookup.state, lookup.refusal_code


def put(twin: RunningSandbox, **fields: Any) -> None:
    twin.control.put_vouchers(SLUG, {"voucher_code": CODE, **fields})
