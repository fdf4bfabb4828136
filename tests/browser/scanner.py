"""A hand-held scanner: a keyboard that types a whole code within a few milliseconds, however busy this machine is."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import Any

from playwright.sync_api import Page

BETWEEN = 0.004  # seconds between two keys


def scan(page: Page, text: str, *, enter: bool = True) -> None:
    """All keys are on their way before the first is answered, each with the time at which the scanner pressed it."""
    wire = page.context.new_cdp_session(page)
    start = time.time()
    keys = [*text, "\r"] if enter else [*text]
    events = [event for n, key in enumerate(keys) for event in _stroke(key, start + n * BETWEEN)]
    # Playwright's own way to wait for many at once has no public name in its synchronous half.
    wire._sync(_all(wire, events))
    wire.detach()


async def _all(wire: Any, events: list[dict[str, Any]]) -> None:
    await asyncio.gather(*(wire._impl_obj.send("Input.dispatchKeyEvent", event, None) for event in events))


def _stroke(key: str, at: float) -> Iterator[dict[str, Any]]:
    name = "Enter" if key == "\r" else key
    facts = {"key": name, "code": _code(key), "windowsVirtualKeyCode": ord(key.upper()), "timestamp": at}
    yield {"type": "keyDown", "text": key, "unmodifiedText": key, **facts}
    yield {"type": "keyUp", **facts}


def _code(key: str) -> str:
    named = {"\r": "Enter", " ": "Space", "/": "Slash", "-": "Minus", ".": "Period"}
    return named.get(key) or f"{'Digit' if key.isdigit() else 'Key'}{key.upper()}"
