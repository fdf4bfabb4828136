"""Rules that every operation keeps, switched off."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any


def settles_at_once() -> None:
    from providers.operations import settle

    decide = settle.decide_step
    settle.decide_step = lambda standing, look, now, windows: decide(standing, look, now, replace(windows, settle=0.0))


def one_look_is_enough() -> None:
    from providers.operations import settle

    decide = settle.decide_step

    def hasty(standing: Any, look: Any, now: Any, windows: Any) -> Any:
        step = decide(standing, look, now, windows)
        return settle._negative(standing, now) if step == settle.Step.COUNT else step

    settle.decide_step = hasty


def sends_before_the_intent() -> None:
    """The provider is asked first; the attempt is committed with the answer."""
    from providers.operations import send

    commit, record = send._commit_attempt, send._record
    looks: dict[Any, Any] = {}

    def later(work: Any, look: Any) -> bool:
        work.deadline = time.monotonic() + work.windows.send
        looks[work.token] = look
        return True

    def with_the_intent(work: Any, outcome: Any, what: Any) -> None:
        if commit(work, looks.pop(work.token)):
            record(work, outcome, what)

    send._commit_attempt, send._record = later, with_the_intent


def a_sale_is_no_claim() -> None:
    from providers.models import State
    from providers.operations import life

    life.RELEASES = life.RELEASES | {State.SUCCEEDED}


def no_total_deadline() -> None:
    from providers.http import sockets

    sockets.Deadline.__init__ = _endless(sockets.Deadline.__init__)  # type: ignore[method-assign]  # what a mutant is for


def _endless(begin: Callable[..., None]) -> Callable[..., None]:
    def endless(self: Any, seconds: float) -> None:
        begin(self, seconds * 4)

    return endless


def an_error_means_no() -> None:
    """5xx, lost connections and time-outs are taken for a refusal."""
    from providers.errors import Rejected
    from providers.operations import send

    refused = send._refused
    send._unknown = lambda work, error, now: refused(work, Rejected(error.code, error.detail), now)


def a_2xx_means_yes() -> None:
    from providers.contracts import Receipt
    from providers.operations import send

    succeeded, unknown = send._succeeded, send._unknown

    def trusting(work: Any, error: Any, now: Any) -> None:
        if error.status and 200 <= error.status < 300:
            succeeded(work, Receipt(tuple(work.request["codes"]), {}), now)
        else:
            unknown(work, error, now)

    send._unknown = trusting


def tries_again_at_once() -> None:
    """No clear answer: put back to be sent again, without waiting for what a look says."""
    from providers.operations import send

    unknown = send._unknown

    def again(work: Any, error: Any, now: Any) -> None:
        if work.operation.sends < 3:
            send._put_back(work, now, error.code)
        else:
            unknown(work, error, now)

    send._unknown = again


def overwrites() -> None:
    """No compare-and-set: whoever comes last writes the state."""
    from django.db.models import Max

    from providers.models import Operation, Transition
    from providers.operations import life

    step = life.next_transition

    def fresh(operation: Any, **named: Any) -> Any:
        row = Operation.objects.get(pk=operation.pk)
        last = Transition.objects.filter(operation=operation).aggregate(n=Max("n"))["n"] or 0
        operation.steps, operation.last_hash, operation.state = last, row.last_hash, row.state
        return step(operation, **named)

    def move(operation: Any, to: str, **named: Any) -> None:
        named.pop("token", None)
        operation.state = Operation.objects.values_list("state", flat=True).get(pk=operation.pk)
        compare(operation, to, **named)

    compare = life.move
    life.next_transition = fresh
    _replace_everywhere("move", compare, move)


def _replace_everywhere(name: str, old: Any, new: Any) -> None:
    from providers.operations import life, send, settle, taking

    for module in (life, taking, send, settle):
        if getattr(module, name, None) is old:
            setattr(module, name, new)


def sends_however_late() -> None:
    """A machine that was paused between commit and send goes on as if nothing had been."""
    from providers import registry
    from providers.operations import send

    sender: Any = send
    sender.client_for = lambda account, journal, deadline=None, **named: registry.client_for(account, journal, **named)


def other_bytes() -> None:
    """A second send is made up anew: another amount."""
    from providers.operations import send

    sender: Any = send
    take = sender.take

    def anew(operation_id: Any) -> Any:
        work = take(operation_id)
        if work and work.operation.sends:
            sums = {name: str(Decimal(work.request[name]) + 1) for name in ("client_pays", "services_total")}
            work.request = {**work.request, **sums}
        return work

    sender.take = anew


def asks_in_a_transaction() -> None:
    from django.db import transaction

    from providers import registry
    from providers.operations import send

    ask = send._look_first
    registry._may_send = lambda deadline: None

    def held(work: Any) -> Any:
        with transaction.atomic():
            return ask(work)

    send._look_first = held


def no_watch() -> None:
    from django.db.models import Q

    from providers.operations import queue

    queue.TO_SETTLE = Q(state__in=["sending", "unknown"])


def only_the_bell() -> None:
    """The broker is the queue: nobody looks into PostgreSQL."""
    from config import celery

    celery.scans_for = lambda queues: []


def a_person_at_once() -> None:
    """Whatever decides nothing yet goes to a person."""
    from providers.operations import settle

    decide = settle.decide_step

    def lazy(standing: Any, look: Any, now: Any, windows: Any) -> Any:
        step = decide(standing, look, now, windows)
        return settle.Step.REVIEW if step == settle.Step.WAIT else step

    settle.decide_step = lazy


def shows_hope() -> None:
    """The page says done while nobody knows."""
    from providers.models import State
    from vouchers import outcomes

    outcomes.STATES[State.UNKNOWN] = outcomes.STATES[State.SUCCEEDED]


def nothing_found_is_no() -> None:
    """A look that could not be made counts as one that found nothing."""
    from providers.errors import ProviderError
    from providers.operations import Look, Verdict, settle

    record = settle._record

    def blind(operation: Any, began: Any, journal: Any, found: Any) -> None:
        clear = Look(Verdict.CLEAR) if isinstance(found, ProviderError) else found
        record(operation, began, journal, clear)

    settle._record = blind
