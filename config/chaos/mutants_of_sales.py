"""Rules about several vouchers in one sale, switched off."""

from __future__ import annotations

from typing import Any


def a_part_is_all() -> None:
    """One code of a sale was found used: all of them are taken for used."""
    from dataclasses import replace as changed

    from providers.operations import Verdict, settle

    decide = settle.decide_step

    def generous(standing: Any, look: Any, now: Any, windows: Any) -> Any:
        whole = changed(look, verdict=Verdict.APPLIED) if look.verdict == Verdict.PARTIAL else look
        return decide(standing, whole, now, windows)

    settle.decide_step = generous


def a_part_is_nothing() -> None:
    """One code of a sale was found used: none of them is taken for used."""
    from dataclasses import replace as changed

    from providers.operations import Verdict, settle

    looked = settle._looked

    def blind(operation: Any, look: Any, began: Any, now: Any) -> None:
        nothing = changed(look, verdict=Verdict.CLEAR, applied=frozenset()) if look.verdict == Verdict.PARTIAL else look
        looked(operation, nothing, began, now)

    settle._looked = blind


def frees_every_code() -> None:
    """After a part was used the used codes are as free as the others."""
    from providers.models import State
    from providers.operations import life

    life.RELEASES = life.RELEASES | {State.PARTIAL}


def a_new_order() -> None:
    """A second send goes out under another order number."""
    from providers.operations import send

    sender: Any = send
    take = sender.take

    def anew(operation_id: Any) -> Any:
        work = take(operation_id)
        if work and work.operation.sends:
            work.request = {**work.request, "order_ref": f"{work.request['order_ref']}-{work.operation.sends}"}
        return work

    sender.take = anew


def believes_a_refused_resend() -> None:
    """They refuse the second send, because the first one did it: taken for a no."""
    from providers.models import State
    from providers.operations import send
    from providers.operations.life import move
    from providers.operations.taking import BY

    refused, to_unknown = send._refused, send._to_unknown

    def believed(work: Any, error: Any, now: Any) -> None:
        def as_after_the_first(work: Any, now: Any, code: str) -> None:
            move(work.operation, State.REFUSED, now=now, by=BY, token=work.token, refusal_code=code, next_at=None)

        send._to_unknown = as_after_the_first
        try:
            refused(work, error, now)
        finally:
            send._to_unknown = to_unknown

    send._refused = believed
