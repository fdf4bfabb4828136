"""What partners are told, and how: written with each step of an operation, sent by workers, tried for a day.

note_step       inside the transaction of a step: a row says that the partner is to be told
receivers_due   which partners have something that waits
tell_partner    a worker tells one of them what waits, in order; nobody else does meanwhile
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import json
import logging
import time
import uuid
from collections.abc import Iterable

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from partners.models import Knock, Notice, Receiver
from partners.receivers import secrets_of
from providers.errors import ProviderError
from providers.http import BadBaseUrl, Resolve, system_resolve, tell
from providers.models import Operation, Source
from providers.operations.life import database_now
from providers.secrets import Unsealable
from providers.standing import SAFE_STATES, status_of

log = logging.getLogger(__name__)
TYPE = "operation.updated"
AT_A_TIME = 10  # messages: with 10 s each they are told before the lease ends
LEASE = dt.timedelta(seconds=150)
TRY_FOR = dt.timedelta(hours=24)
FAIL_FOR = dt.timedelta(days=3)  # then it is switched off
FIRST_PAUSE, LONGEST_PAUSE = dt.timedelta(seconds=5), dt.timedelta(hours=2)
LONGEST_REST = dt.timedelta(minutes=10)
KEEP = dt.timedelta(days=30)


# Written with the step ------------------------------------------------------------------------------------------------


def note_step(operation: Operation, before: str, now: dt.datetime) -> None:
    """Of the partner's own operations, where what it sees of them changes."""
    status = status_of(operation.state, in_part=operation.in_part)
    if operation.source != Source.PARTNER or operation.partner is None or status == status_of(before):
        return
    receiver = Receiver.objects.filter(partner=operation.partner, is_active=True, partner__is_active=True).first()
    if receiver is None:
        return
    Notice.objects.create(
        receiver=receiver,
        operation=operation,
        sequence=operation.steps,
        status=status,
        body=_body(operation, status, now),
        created_at=now,
        queued_at=now,
        next_at=now,
    )


def _body(operation: Operation, status: str, now: dt.datetime) -> str:
    """What is asked for at `operations/{id}`, without what was bought, by whom and with what."""
    data = {
        "operation": str(operation.pk),
        "sequence": operation.steps,
        "status": status,
        "final": not operation.is_open,
        "safe_to_retry": operation.state in SAFE_STATES,
        "refusal_code": operation.refusal_code or None,
        "kind": operation.kind,
        "reference": operation.reference,
        "external_ref": operation.external_ref or None,
        "provider": operation.account.provider,
        "branch": operation.branch.code,
        "updated_at": now.isoformat(),
    }
    told = {"type": TYPE, "timestamp": now.isoformat(), "data": data}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


# Told by a worker -----------------------------------------------------------------------------------------------------


def receivers_due(limit: int = 100) -> list[uuid.UUID]:
    rows = Receiver.objects.filter(_awake(), is_active=True).filter(
        Exists(Notice.objects.filter(receiver=OuterRef("pk"), state=Notice.State.WAITING, next_at__lte=Now()))
    )
    return list(rows.values_list("pk", flat=True)[:limit])


def tell_partner(receiver_id: uuid.UUID, *, resolve: Resolve = system_resolve) -> int:
    """How many messages were taken in."""
    receiver, told = _take(receiver_id), 0
    if receiver is None:
        return 0
    rest: dt.timedelta | None = None
    for _n in range(AT_A_TIME):
        notice = _next_of(receiver).first()
        if notice is None:
            break
        problem = _tell(receiver, notice, resolve)
        told += not problem
        if problem and not _is_about_this_one(problem):  # nobody there: the others need not be tried
            rest = min(FIRST_PAUSE * 2 ** min(notice.tries, 10), LONGEST_REST)
            break
    free = database_now() + rest if rest else None
    Receiver.objects.filter(pk=receiver.pk, token=receiver.token).update(rests_until=free, token=None)
    return told


def _is_about_this_one(problem: str) -> bool:
    """They are there, and do not like this message."""
    return problem.startswith("status_4") and problem not in ("status_408", "status_429")


def _awake() -> Q:
    return Q(rests_until__isnull=True) | Q(rests_until__lte=Now())


def _take(receiver_id: uuid.UUID) -> Receiver | None:
    token = uuid.uuid4()
    mine = Receiver.objects.filter(_awake(), pk=receiver_id, is_active=True)
    if not mine.update(token=token, rests_until=Now() + LEASE):
        return None
    return Receiver.objects.select_related("partner").get(pk=receiver_id)


def _next_of(receiver: Receiver) -> QuerySet[Notice]:
    """The oldest that is due. Of an operation, none before the one that came before it."""
    waiting = Notice.objects.filter(state=Notice.State.WAITING)
    earlier = waiting.filter(operation=OuterRef("operation"), sequence__lt=OuterRef("sequence"))
    due = waiting.filter(receiver=receiver, next_at__lte=Now()).exclude(Exists(earlier))
    return due.order_by("next_at", "created_at", "sequence", "id")


def _tell(receiver: Receiver, notice: Notice, resolve: Resolve) -> str:
    """'' when it was taken in, else what was in the way. No transaction is open while they are asked."""
    status, problem, began, at = None, "", time.monotonic(), database_now()
    body = notice.body.encode()
    try:
        headers = {"Content-Type": "application/json", **signed(notice.name, at, body, secrets_of(receiver, at))}
        status = tell(receiver.url, body, headers, allow_loopback=settings.LOOPBACK_ALLOWED, resolve=resolve)
        problem = "" if 200 <= status < 300 else f"status_{status}"
    except (BadBaseUrl, ProviderError) as error:
        problem = error.code
    except Unsealable:
        problem = "secret_lost"
    knock = Knock(notice=notice, at=at, status=status, problem=problem[:40])
    knock.milliseconds = round((time.monotonic() - began) * 1000)
    _record(receiver, notice, knock)
    return problem


def signed(name: str, at: dt.datetime, body: bytes, keys: Iterable[bytes]) -> dict[str, str]:
    """The headers of Standard Webhooks: one signature for each secret that is good."""
    seconds = str(int(at.timestamp()))
    content = b".".join([name.encode(), seconds.encode(), body])
    each = [base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode() for key in keys]
    return {
        "webhook-id": name,
        "webhook-timestamp": seconds,
        "webhook-signature": " ".join(f"v1,{one}" for one in each),
    }


def _record(receiver: Receiver, notice: Notice, knock: Knock) -> None:
    with transaction.atomic():
        now = database_now()
        knock.save(force_insert=True)
        if not knock.problem:
            changes = {"state": Notice.State.DELIVERED, "done_at": now, "tries": notice.tries + 1}
            Notice.objects.filter(pk=notice.pk).update(**changes)
            Receiver.objects.filter(pk=receiver.pk, failing_since__isnull=False).update(failing_since=None)
            return
        _failed(notice, now)
        Receiver.objects.filter(pk=receiver.pk, failing_since__isnull=True).update(failing_since=now)
        _switch_off(receiver, now)


def _failed(notice: Notice, now: dt.datetime) -> None:
    pause = min(FIRST_PAUSE * 3 ** min(notice.tries, 10), LONGEST_PAUSE)
    changes = {"tries": notice.tries + 1, "next_at": now + pause}
    if now + pause > notice.queued_at + TRY_FOR:
        changes |= {"state": Notice.State.GIVEN_UP, "done_at": now}
    Notice.objects.filter(pk=notice.pk, state=Notice.State.WAITING).update(**changes)


def _switch_off(receiver: Receiver, now: dt.datetime) -> None:
    failing = Receiver.objects.filter(pk=receiver.pk, is_active=True, failing_since__lte=now - FAIL_FOR)
    if failing.update(is_active=False, switched_off_at=now):
        log.error("the webhook of the partner %s has failed for days and is switched off", receiver.partner)


# Later ----------------------------------------------------------------------------------------------------------------


def replay(notices: Iterable[Notice]) -> int:
    """They are told again, with the same id and the same bytes. Returns how many."""
    keys = [one.pk for one in notices if one.state != Notice.State.WAITING and one.receiver.is_active]
    now = database_now()
    again = {"state": Notice.State.WAITING, "tries": 0, "queued_at": now, "next_at": now, "done_at": None}
    return Notice.objects.filter(pk__in=keys).update(**again)


def purge_notices(*, now: dt.datetime) -> int:
    """What nobody could be told in time is given up, what is old goes. Returns how many went."""
    late = Notice.objects.filter(state=Notice.State.WAITING, queued_at__lt=now - TRY_FOR)
    late.update(state=Notice.State.GIVEN_UP, done_at=now)
    ended = Notice.objects.exclude(state=Notice.State.WAITING).filter(created_at__lt=now - KEEP)
    old = list(ended.values_list("pk", flat=True)[:5_000])
    return Notice.objects.filter(pk__in=old).delete()[1].get("partners.Notice", 0)
