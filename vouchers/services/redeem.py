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
from vouchers.services.draft import Ready, ready_to_redeem
from vouchers.services.place import CannotRedeem, Place


def redeem_voucher(lookup: Lookup, place: Place, *, now: dt.datetime) -> Redemption:
    """Commit the intent to use this voucher; a sender does the rest. Pressing twice gives the same redemption.

    Raises CannotRedeem: the draft is not complete, somebody else holds the code, the provider is not answering, or
    too much waits for it.
    """
    existing = Redemption.objects.filter(lookup=lookup).first()
    if existing:
        return existing
    draft = ready_to_redeem(lookup, now)
    intent = _intent(draft, lookup, place, now)
    try:
        operation = open_operation(intent, lambda operation: _record(operation, draft, lookup, place, now))
    except Claimed as claimed:
        code = "in_use_here" if claimed.holder.is_open else "already_used_here"
        raise CannotRedeem(code, claimed.holder) from claimed
    except CircuitOpen as error:
        raise CannotRedeem("issuer_down") from error
    except QueueFull as error:
        raise CannotRedeem("busy") from error
    return operation.redemption


def _intent(draft: Ready, lookup: Lookup, place: Place, now: dt.datetime) -> Intent:
    assert lookup.account is not None
    reference = new_reference()
    parts = draft.sale.parts
    request = {
        "order_ref": reference,
        "codes": [part.lookup.code for part in parts],
        "values": [plain_amount(part.voucher.value) for part in parts],
        "services_total": plain_amount(draft.total),
        "client_pays": plain_amount(draft.left),
        "currency": draft.sale.currency,
        "at": now.astimezone(lookup.branch.zone).isoformat(timespec="seconds"),
    }
    if draft.card.get("e164"):
        request["customer_phone"] = draft.card["e164"]
    return Intent(
        kind=KIND,
        account=lookup.account,
        branch=lookup.branch,
        till=place.till,
        actor=place.actor,
        source=Source.PARTNER if place.partner else Source.STAFF,
        request=json.dumps(request, sort_keys=True, separators=(",", ":")),
        resources=[resource(part.lookup.code) for part in parts],
        amount=draft.sale.worth,
        currency=draft.sale.currency,
        form_token=lookup.id,
        reference=reference,
        snapshot={
            "looked_up_at": lookup.answered_at.isoformat() if lookup.answered_at else "",
            "person_last4": draft.card["last4"],
        },
        partner=place.partner,
        external_ref=place.external_ref,
    )


def _record(operation: Operation, draft: Ready, lookup: Lookup, place: Place, now: dt.datetime) -> None:
    _record_redemption(operation, draft, lookup, now)
    place.also(operation)


def _record_redemption(operation: Operation, draft: Ready, lookup: Lookup, now: dt.datetime) -> None:
    card = draft.card
    redemption = Redemption.objects.create(
        operation=operation,
        lookup=lookup,
        services_total=draft.total,
        client_pays=draft.left,
        currency=draft.sale.currency,
        rate=draft.sale.rate,
        business_date=lookup.branch.business_date(now),
        person_name=card["name"],
        person_external_id=card["id"],
        person_id_last4=card["last4"],
        person_id_hash=card["hash"],
    )
    for position, part in enumerate(draft.sale.parts, start=1):
        row = part.lookup
        line = RedemptionLine(redemption=redemption, position=position, voucher=part.voucher, value=part.worth)
        line.points, line.code_hash, line.code_last4 = part.points, row.code_hash, row.code_last4
        line.sealed_code = seal(row.code, line.context())
        line.save(force_insert=True)


def put_aside(redemption: Redemption, person: User, *, now: dt.datetime) -> None:
    """Its final result has been read by the person who asked for it; it leaves the unfinished work."""
    if not redemption.operation.is_open and redemption.operation.actor_id == person.pk:
        Redemption.objects.filter(pk=redemption.pk, seen_at__isnull=True).update(seen_at=now)


def check_now(redemption: Redemption) -> None:
    """A person asks for the next look to happen now. A look changes nothing; a worker that holds the row goes on."""
    rows = Operation.objects.filter(pk=redemption.operation_id, state=State.UNKNOWN, claim_token__isnull=True)
    rows.update(next_at=database_now())
