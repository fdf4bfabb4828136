"""POST vouchers/verify: what a code is worth now. Nothing is used by asking."""

from __future__ import annotations

import json
import re
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from rest_framework.request import Request

from branches.api.endpoint import Endpoint, Told, guest_of
from branches.api.pages import as_json
from branches.api.reading import body, branch_for
from branches.api.refusals import Refusal
from branches.roles import Permission
from providers.normalise import plain_amount
from providers.specs import SPECS
from vouchers.api.asking import look_up, refusal_of, refuse_guessing
from vouchers.api.forms import VERIFIED, Verified, VerifyForm
from vouchers.models import Lookup
from vouchers.services import CannotRedeem, Place

OURS = {"already_used_here": "used", "in_use_here": "unknown"}
REFUSED = {"already_used": "used"}
LETTERS = re.compile(r"(\S)\S*")


class Verify(Endpoint):
    tag = "vouchers"
    scopes = {"POST": ("vouchers:read", "vouchers:redeem")}
    told = {
        "POST": Told(
            "What is this voucher worth now?",
            "Asks the issuer. `unknown` where no clear answer came in time: ask again in a moment.",
            asks=VerifyForm,
            answers={200: Verified},
            problems=(404, 422, 503),
            example={"branch": "olaya", "provider": "alreaaiaa", "code": "VCL6C5944NO4058"},
        )
    }

    def post(self, request: Request) -> HttpResponse:
        wanted, guest = body(VerifyForm, request), guest_of(request)
        branch = branch_for(request, wanted["branch"], Permission.LEDGER)
        refuse_guessing(guest, timezone.now())
        place = Place(None, branch, partner=guest.id)
        try:
            [row] = look_up([wanted["code"]], wanted["provider"], place)
        except CannotRedeem as problem:
            raise refusal_of(problem, guest) from None
        if row.refusal_code in ("malformed", "no_issuer"):
            raise _no_code(row)
        return as_json(json.dumps(verified(row), ensure_ascii=False))


def _no_code(row: Lookup) -> Refusal:
    problem = refusal_of(CannotRedeem(row.refusal_code), guest=None)  # type: ignore[arg-type]  # nobody holds it
    if row.refusal_code == "malformed":
        problem.fields = tuple(type(one)("code", one.code, one.detail) for one in problem.fields)
    return problem


def verified(row: Lookup) -> dict[str, Any]:
    assert row.account
    voucher = row.voucher
    ours = row.refusal_code in OURS
    answered = row.state in (Lookup.State.FOUND, Lookup.State.REFUSED)
    return {
        "provider": row.account.provider,
        "code": row.code,
        "status": status_of(row),
        "value": plain_amount(voucher.value) if voucher else None,
        "currency": voucher.currency if voucher else None,
        "expires_on": voucher.expires_on.isoformat() if voucher and voucher.expires_on else None,
        "holder": masked(voucher.holder_name) if voucher and voucher.holder_name else None,
        "cards": [_card(card) for card in row.cards] if SPECS[row.account.provider].owner_check != "phone" else [],
        "as_of": row.answered_at.isoformat() if answered and row.answered_at else None,
        "source": "wasl" if ours else "provider" if answered else "none",
    }


def status_of(row: Lookup) -> str:
    if row.state == Lookup.State.FOUND:
        return "usable"
    code = OURS.get(row.refusal_code) or REFUSED.get(row.refusal_code, row.refusal_code)
    return code if row.state == Lookup.State.REFUSED and code in VERIFIED else "unknown"


def _card(card: dict[str, Any]) -> dict[str, Any]:
    return {"id": card["id"], "name": masked(card["name"]), "valid_until": card["valid_until"] or None}


def masked(name: str) -> str:
    """The first letter of each word."""
    return LETTERS.sub(r"\1•••", name)
