"""How a question of somebody who waits is asked: recorded by the page, answered by a worker, once. No web thread waits.

A domain has its own table of them (`providers.models.Question`) and says with `Reading` what each kind reads and where what
was read is kept.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.db import transaction
from django.db.models.functions import Now

from providers.acting import Place
from providers.badges import SLOW
from providers.errors import BrokenContract, Misconfigured, ProviderError, Rejected
from providers.models import Account, Discrepancy, Question
from providers.operations import health
from providers.operations.journal import Journal
from providers.operations.life import database_now
from providers.operations.queue import is_full
from providers.registry import client_for

LEASE = dt.timedelta(seconds=120)  # four reads of a slow provider
GOOD_FOR = dt.timedelta(minutes=2)
KEEP = dt.timedelta(days=2)
# What a worker brings back: records for the mirror, and the answer.
Found = tuple[list[Any], dict[str, Any]]
Q = TypeVar("Q", bound=Question)


class TooMany(Exception):
    """As many wait for this account as it can be asked in good time; nothing was recorded."""


@dataclass(frozen=True, slots=True)
class Reading:
    """`readers`: by kind of question, what is asked of the client. `store`: where the records go, as of when they were asked
    for; `then`: what else is done with an answer, in the same transaction."""

    model: type[Question]
    readers: Mapping[str, Callable[[Any, dict[str, Any]], Found]]
    store: Callable[[Account, Sequence[Any], dt.datetime], None]
    then: Callable[[Any, list[Any], dt.datetime], None] = lambda ask, records, now: None


def record_question(ask: Q, given: dict[str, Any], place: Place, *, now: dt.datetime) -> Q:
    """`ask` has its kind and account. Raises TooMany."""
    if is_full(type(ask)._default_manager.filter(account=ask.account, state=Question.State.WAITING)):
        raise TooMany
    ask.branch, ask.till, ask.actor = place.branch, place.till, place.actor
    ask.created_at, ask.expires_at = now, now + GOOD_FOR
    ask.next_at = database_now()  # workers compare it with that clock; this machine's may be wrong
    ask.seal_given(given)
    ask.save(force_insert=True)
    return ask


def answer_question(reading: Reading, ask_id: uuid.UUID) -> str:
    """Ask the provider, once. Returns the state it was left in, '' if it was not ours to take."""
    ask = _take(reading.model, ask_id)
    if ask is None:
        return ""
    journal, asked_at = Journal(ask.account), database_now()
    try:
        client: Any = client_for(ask.account, journal)
        found = reading.readers[getattr(ask, "kind")](client, ask.given)  # noqa: B009 - each table has its own kinds
    except ProviderError as error:
        _failed(ask, journal, error)
    else:
        _answered(reading, ask, journal, found, asked_at)
    return ask.state


def due(model: type[Question], limit: int = 100) -> list[uuid.UUID]:
    """What a worker should ask now."""
    rows = model._default_manager.filter(state=Question.State.WAITING, next_at__lte=Now()).order_by("next_at")
    return list(rows.values_list("pk", flat=True)[:limit])


def with_ask(address: str, ask: Question) -> str:
    """The page that shows what came of it: the question stands in its address."""
    return f"{address}{'&' if '?' in address else '?'}{urlencode({'asked': str(ask.pk)})}"


def as_shown(ask: Question, now: dt.datetime, address: str) -> dict[str, Any]:
    """`polls` while it waits. `address` is the page itself, with what else stands behind its question mark."""
    waits = ask.state == Question.State.WAITING
    slow = waits and now - ask.created_at > SLOW
    return {
        "ask": ask,
        "polls": waits,
        "slow": slow,
        "standing": f"{ask.state}{' slowly' if slow else ''}",
        "seconds": int((now - ask.created_at).total_seconds()),
        "poll": with_ask(address, ask) if waits else "",
    }


def trouble_with(ask: Question) -> str:
    """Why there is no answer, '' where there is one: they did not answer, or do not know any more what was asked about. Then
    what is shown keeps its age."""
    if ask.state == Question.State.FAILED:
        return ask.refusal_code
    gone = ask.state == Question.State.ANSWERED and ask.result.get("found") is False
    return "not_found" if gone else ""


def _take(model: type[Q], ask_id: uuid.UUID) -> Q | None:
    with transaction.atomic(durable=True):
        now = database_now()
        rows = model._default_manager.select_for_update(skip_locked=True, of=("self",))
        rows = rows.select_related("account", "branch")
        ask = rows.filter(pk=ask_id, state=Question.State.WAITING, next_at__lte=now).first()
        if ask:
            ask.next_at = now + LEASE
            ask.save(update_fields=["next_at"])
    return ask


def _failed(ask: Question, journal: Journal, error: ProviderError) -> None:
    with transaction.atomic(durable=True):
        now = database_now()
        journal.write()
        health.failed(ask.account, error, now)
        if isinstance(error, BrokenContract):
            facts = {"code": error.code, "detail": error.detail}
            kind = Discrepancy.Kind.CONTRACT
            Discrepancy.objects.create(account=ask.account, branch=ask.branch, kind=kind, facts=facts, at=now)
        _end(ask, Question.State.FAILED, {"refusal_code": failure_code(error)}, now)


def failure_code(error: ProviderError) -> str:
    if isinstance(error, BrokenContract):
        return "unreadable_answer"
    if isinstance(error, Rejected):
        return "provider_refused"
    return "login_refused" if isinstance(error, Misconfigured) else "no_answer"


def _answered(reading: Reading, ask: Question, journal: Journal, found: Found, asked_at: dt.datetime) -> None:
    """What was read is so as of when it was asked for: a webhook's reading that began later stands."""
    records, result = found
    with transaction.atomic(durable=True):
        now = database_now()
        journal.write()
        health.answered(ask.account, now)
        reading.store(ask.account, records, asked_at)
        reading.then(ask, records, now)
        _end(ask, Question.State.ANSWERED, {"result": result}, now)


def _end(ask: Question, state: str, changes: dict[str, Any], now: dt.datetime) -> None:
    """By compare-and-set: when our lease ran out another worker may have answered."""
    changes |= {"state": state, "answered_at": now, "next_at": None, "expires_at": now + GOOD_FOR}
    if type(ask)._default_manager.filter(pk=ask.pk, state=Question.State.WAITING).update(**changes):
        for name, value in changes.items():
            setattr(ask, name, value)
    else:
        ask.refresh_from_db()


def purge_questions(model: type[Question], *, now: dt.datetime) -> int:
    """An answer is of no use after a day. Returns how many went."""
    return model._default_manager.filter(created_at__lt=now - KEEP).delete()[0]
