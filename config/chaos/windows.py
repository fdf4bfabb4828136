"""How long things take in a chaos run: the rules of live accounts at a tenth of their seconds."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

from providers.windows import Windows

# `settle` must outlast the last moment at which a provider can still act on what was sent: the send window, a whole
# request, and what the twins delay an effect (faults.DELAYS). The protocol promises nothing beyond it but the watch.
CHAOS = Windows(
    connect=1,
    total=1.5,
    lease=5,
    send=1.5,
    send_before=60,
    settle=4.5,
    second_look=0.6,
    review=120,
    breaker_failures=1_000_000,  # so many faults would keep it open; the liveness run has it
    breaker_open=2,
)
# For mutants: everything quicker, and a lease that a slow answer outlives.
HARSH = replace(CHAOS, total=0.8, lease=1.0, send=0.5, settle=2.0, second_look=0.3, send_before=20)
LIVENESS = replace(CHAOS, breaker_failures=5, send_before=12)


def dumped(windows: Windows) -> str:
    return json.dumps(asdict(windows))


def loaded(text: str) -> Windows:
    return Windows(**json.loads(text))
