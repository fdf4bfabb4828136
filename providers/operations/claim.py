"""T1: the intent and its claims, committed before anything else happens."""

from __future__ import annotations

import hashlib
import secrets as random_secrets
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, OperationalError, connection, transaction

from branches.models import Branch, Till, User
from providers.models import Account, AccountHealth, Claim, Operation, Source, State
from providers.operations import kill, queue
from providers.operations.life import database_now, next_transition
from providers.operations.queue import is_full
from providers.secrets import seal
from providers.windows import windows_for

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford: nothing that is misread aloud


@dataclass(frozen=True, slots=True)
class Intent:
    """What shall happen. `request` is canonical JSON text: the same bytes are used for every send."""

    kind: str
    account: Account
    branch: Branch
    till: Till | None
    actor: User | None
    source: Source
    request: str
    resources: Sequence[str]
    amount: Decimal
    currency: str
    form_token: uuid.UUID | None
    reference: str
    snapshot: Mapping[str, Any]
    partner: uuid.UUID | None = None
    external_ref: str = ""


class Claimed(Exception):
    """Somebody else holds a resource. `holder` says who, where, since when."""

    def __init__(self, holder: Operation) -> None:
        super().__init__(holder.reference)
        self.holder = holder


class CircuitOpen(Exception):
    """The provider has not been answering; nothing was written and nothing will be sent."""


class QueueFull(Exception):
    """As much waits for the provider as it can do in the time that an intent lives; nothing was written."""


def new_reference() -> str:
    letters = "".join(random_secrets.choice(ALPHABET) for _ in range(8))
    return f"W-{letters[:4]}-{letters[4:]}"


def open_operation(intent: Intent, record: Callable[[Operation], None] = lambda operation: None) -> Operation:
    """Commit the operation, its claims and whatever `record` adds, all or nothing.

    The same form token of the same person gives back the first operation. Raises Claimed, CircuitOpen, QueueFull. If the
    connection is lost during COMMIT, the outcome is looked up by id on a new connection.
    """
    operation_id = uuid.uuid4()
    kill.at("K1")
    try:
        operation = _written(intent, operation_id, record)
    except _Doubled as doubled:
        return doubled.first
    except OperationalError:
        connection.close()
        found = Operation.objects.filter(pk=operation_id).first()
        if found is None:
            raise
        operation = found
    kill.at("K2")
    return operation


def _written(intent: Intent, operation_id: uuid.UUID, record: Callable[[Operation], None]) -> Operation:
    try:
        return _write(intent, operation_id, record)
    except IntegrityError:  # whoever was in the way let go before we could name them
        return _write(intent, operation_id, record)


class _Doubled(Exception):
    def __init__(self, first: Operation) -> None:
        super().__init__(first.reference)
        self.first = first


def _write(intent: Intent, operation_id: uuid.UUID, record: Callable[[Operation], None]) -> Operation:
    with transaction.atomic(durable=True):
        _refuse_doubles(intent)
        now = database_now()
        _refuse_open_circuit(intent.account, now)
        if is_full(Operation.objects.filter(queue.TO_SEND, account=intent.account)):
            raise QueueFull(str(intent.account.pk))
        windows = windows_for(intent.account)
        operation = Operation(
            id=operation_id,
            reference=intent.reference,
            kind=intent.kind,
            account=intent.account,
            branch=intent.branch,
            till=intent.till,
            actor=intent.actor,
            source=intent.source,
            form_token=intent.form_token,
            partner=intent.partner,
            external_ref=intent.external_ref[:80],
            request_sha256=hashlib.sha256(intent.request.encode()).hexdigest(),
            amount=intent.amount,
            currency=intent.currency,
            snapshot=dict(intent.snapshot),
            send_before=now + timedelta(seconds=windows.send_before),
            next_at=now,
            created_at=now,
            changed_at=now,
        )
        operation.sealed_request = seal(intent.request, operation.request_context())
        _insert(operation, intent)
        record(operation)
    return operation


def _refuse_doubles(intent: Intent) -> None:
    if intent.form_token is None:
        return
    first = Operation.objects.filter(actor=intent.actor, form_token=intent.form_token).first()
    if first:
        raise _Doubled(first)


def _refuse_open_circuit(account: Account, now: Any) -> None:
    if AccountHealth.objects.filter(account=account, open_until__gt=now).exists():
        raise CircuitOpen(str(account.pk))


def _insert(operation: Operation, intent: Intent) -> None:
    by = str(intent.actor.pk) if intent.actor else intent.source
    first = next_transition(operation, after=State.CREATED, by=by, reason="", now=operation.created_at)
    operation.steps, operation.last_hash = first.n, first.hash
    try:
        with transaction.atomic():
            operation.save(force_insert=True)
            for resource in sorted(set(intent.resources)):
                Claim.objects.create(account=intent.account, resource=resource, operation=operation)
    except IntegrityError as error:
        _refuse_doubles(intent)
        raise _claimed(intent, error) from error
    first.save(force_insert=True)


def _claimed(intent: Intent, error: IntegrityError) -> Exception:
    """The holder of the first resource that is taken; the database's error when nobody holds one any more."""
    held = Claim.objects.filter(account=intent.account, resource__in=intent.resources, open=True)
    claim = held.select_related("operation__actor", "operation__branch", "operation__till").order_by("resource").first()
    return Claimed(claim.operation) if claim else error
