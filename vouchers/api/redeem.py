"""POST redemptions: one sale with a partner's vouchers. The same services as at the desk, in one request."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

from django.utils import timezone

from branches.api.once import Also
from branches.api.refusals import Refusal, wrong_field
from branches.guests import Guest
from branches.models import Branch
from providers.operations import ring
from providers.specs import SPECS
from vouchers import outcomes, services
from vouchers.api.asking import look_up, not_all_of_one, refusal_of, refuse_guessing, still_waiting
from vouchers.models import Lookup, Redemption
from vouchers.services import CannotRedeem, Place

LOOKED_UP = (Lookup.State.WAITING, Lookup.State.FAILED)


def redeem(guest: Guest, branch: Branch, wanted: dict[str, Any], also: Also) -> uuid.UUID:
    """The id of the operation that is committed. Raises Refusal, and nothing was sent then."""
    _check_bill(wanted, branch)
    refuse_guessing(guest, timezone.now())
    place = Place(None, branch, partner=guest.id, external_ref=wanted["external_ref"], also=also)
    rows = _looked_up(wanted, place, guest)
    try:
        redemption = _redeemed(rows, wanted, place)
    except CannotRedeem as problem:
        raise refusal_of(problem, guest) from None
    ring("providers.send", redemption.operation_id)
    return redemption.operation_id


def _check_bill(wanted: dict[str, Any], branch: Branch) -> None:
    if wanted["currency"] != branch.currency:
        raise wrong_field("currency", "other_currency", outcomes.refusal("other_currency").headline)
    if len(set(wanted["codes"])) < len(wanted["codes"]):
        raise wrong_field("codes", "same_code", outcomes.refusal("same_code").headline)


def _looked_up(wanted: dict[str, Any], place: Place, guest: Guest) -> list[Lookup]:
    """All found, or a Refusal that names the first that is not."""
    try:
        rows = look_up(wanted["codes"], wanted["provider"], place)
    except CannotRedeem as problem:
        raise refusal_of(problem, guest) from None
    for position, row in enumerate(rows):
        if row.state == Lookup.State.REFUSED:
            raise refusal_of(CannotRedeem(row.refusal_code, row.holder), guest, position)
    if any(row.state in LOOKED_UP for row in rows):
        raise still_waiting()
    return rows


def _redeemed(rows: list[Lookup], wanted: dict[str, Any], place: Place) -> Redemption:
    first, now = rows[0], timezone.now()
    sale = services.sale_of(first, now)
    if sale.others_owners:
        raise not_all_of_one(rows.index(sale.others_owners[0]))
    _who(first, wanted)
    left = wanted["services_total"] - sale.worth
    services.set_total(first, wanted["services_total"], now=now)
    if wanted["paid"] != left:
        raise _does_not_add_up(left)
    return services.redeem_voucher(first, place, now=now)


def _who(first: Lookup, wanted: dict[str, Any]) -> None:
    """By the phone where the issuer knows owners by it; else the card that was named, or the first."""
    assert first.account
    if SPECS[first.account.provider].owner_check == "phone":
        services.confirm_owner(first, wanted.get("customer_phone", ""))
        return
    people = services.people_of(first)
    services.choose_person(first, wanted.get("card") or (people[0]["id"] if people else ""))


def _does_not_add_up(left: Decimal) -> Refusal:
    return wrong_field("paid", "does_not_add_up", outcomes.ADDS_UP % {"left": f"{left:.2f}"})
