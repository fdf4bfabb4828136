"""Redeeming: the intent is committed here; senders and settlers do the rest."""

from __future__ import annotations

import datetime as dt
import json

from branches.models import User
from providers.models import Operation, Source, State
from providers.normalise import plain_amount
from providers.operations import Claimed, Intent, open_operation
from providers.operations.claim import CircuitOpen, QueueFull, new_reference
from providers.operations.life import database_now
from providers.secrets import seal
from vouchers.effects import KIND, resource
from vouchers.models import Lookup, Redemption, RedemptionLine
from vouchers.services.draft import ready_to_redeem
from vouchers.services.place import CannotRedeem, Place


def redeem_voucher(lookup: Lookup, place: Place, *, now: dt.datetime) -> Redemption:
    """Commit the intent to use this voucher; a sender does the rest. Pressing twice gives the same redemption.

    Raises CannotRedeem: the draft is not complete, somebody else holds the code, the provider is not answering, or
    too much waits for it.
    """
    existing = Redemption.objects.filter(lookup=lookup).first()
    if existing:
        return existing
    intent = _intent(lookup, place, now)
    try:
        operation = open_operation(intent, lambda operation: _record_redemption(operation, lookup, now))
    except Claimed as claimed:
        code = "in_use_here" if claimed.holder.is_open else "already_used_here"
        raise CannotRedeem(code, claimed.holder) from claimed
    except CircuitOpen as error:
        raise CannotRedeem("issuer_down") from error
    except QueueFull as error:
        raise CannotRedeem("busy") from error
    return operation.redemption


def _intent(lookup: Lookup, place: Place, now: dt.datetime) -> Intent:
    left, card = ready_to_redeem(lookup, now)
    assert lookup.account is not None and lookup.voucher is not None and lookup.services_total is not None
    reference = new_reference()
    request = {
        "order_ref": reference,
        "codes": [lookup.code],
        "values": [plain_amount(lookup.voucher.value)],
        "services_total": plain_amount(lookup.services_total),
        "client_pays": plain_amount(left),
        "currency": lookup.voucher.currency,
        "at": now.astimezone(lookup.branch.zone).isoformat(timespec="seconds"),
    }
    return Intent(
        kind=KIND,
        account=lookup.account,
        branch=lookup.branch,
        till=place.till,
        actor=place.actor,
        source=Source.STAFF,
        request=json.dumps(request, sort_keys=True, separators=(",", ":")),
        resources=[resource(lookup.code)],
        amount=lookup.voucher.value,
        currency=lookup.voucher.currency,
        form_token=lookup.id,
        reference=reference,
        snapshot={
            "looked_up_at": lookup.answered_at.isoformat() if lookup.answered_at else "",
            "person_last4": card["last4"],
        },
    )


def _record_redemption(operation: Operation, lookup: Lookup, now: dt.datetime) -> None:
    left, card = ready_to_redeem(lookup, now)
    assert lookup.voucher is not None and lookup.services_total is not None
    redemption = Redemption.objects.create(
        operation=operation,
        lookup=lookup,
        services_total=lookup.services_total,
        client_pays=left,
        currency=lookup.voucher.currency,
        business_date=lookup.branch.business_date(now),
        person_name=card["name"],
        person_external_id=card["id"],
        person_id_last4=card["last4"],
        person_id_hash=card["hash"],
    )
    line = RedemptionLine(redemption=redemption, position=1, voucher=lookup.voucher, value=lookup.voucher.value)
    line.code_hash, line.code_last4 = lookup.code_hash, lookup.code_last4
    line.sealed_code = seal(lookup.code, line.context())
    line.save(force_insert=True)


def put_aside(redemption: Redemption, person: User, *, now: dt.datetime) -> None:
    """Its final result has been read by the person who asked for it; it leaves the unfinished work."""
    if not redemption.operation.is_open and redemption.operation.actor_id == person.pk:
        Redemption.objects.filter(pk=redemption.pk, seen_at__isnull=True).update(seen_at=now)


def check_now(redemption: Redemption) -> None:
    """A person asks for the next look to happen now. A look changes nothing; a worker that holds the row goes on."""
    rows = Operation.objects.filter(pk=redemption.operation_id, state=State.UNKNOWN, claim_token__isnull=True)
    rows.update(next_at=database_now())
