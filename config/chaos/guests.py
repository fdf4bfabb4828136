"""People at the counter: each looks after one customer from the first booking to the last check-out. They press twice, two
press at once, they try again, and they remember what they were shown."""

from __future__ import annotations

import json
import random
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from typing import Any, Generic, TypeVar

HOST = "127.0.0.1"
BROKEN = (OSError, HTTPException, ValueError)
PAUSES = (0.2, 0.4, 0.8, 1.2, 2.0)
OVER = {
    *("succeeded", "refused", "not_sent", "not_applied", "partial", "needs_review"),
    *("resolved_applied", "resolved_not_applied"),
}
PRESSES = 3  # of the same wish, while nothing of it was sent


class Fallen(Exception):
    """The counter itself is wrong. Whatever a run finds after that says nothing about the rules."""


@dataclass
class Pressed:
    """One form of one person, and what became of it."""

    do: str
    kind: str  # "plain", "pressed_twice", "two_tills"
    token: str
    acts: set[str] = field(default_factory=set)
    refused: list[str] = field(default_factory=list)
    shown: dict[str, list[tuple[str, str]]] = field(default_factory=dict)  # act -> (tone, state), as it changed

    @property
    def name(self) -> str:
        return f"{self.do} {self.token[:8]}"


@dataclass
class Counter:
    port: int
    product: str
    price: str
    plan: str
    clerks: Sequence[str]
    tills: Sequence[int]
    chief: str

    def ask(self, **fields: Any) -> dict[str, Any]:
        """Raises what BROKEN says when nobody is there, and Fallen."""
        link = HTTPConnection(HOST, self.port, timeout=60)
        try:
            link.request("POST", "/", json.dumps(fields).encode())
            response = link.getresponse()
            body = response.read()
            found: dict[str, Any] = json.loads(body)
            if response.status == 500:
                raise Fallen(found["fault"])
            if response.status != 200:
                raise OSError(response.status)
            return found
        finally:
            link.close()


G = TypeVar("G")
Script = Callable[
    [str, dict[str, Any]], None
]  # an act and its fields: it may be spoilt on purpose before it is pressed


def nothing(do: str, fields: dict[str, Any]) -> None:
    """Of a long run chance alone decides."""


class Lives(Generic[G]):
    def __init__(
        self,
        counter: Counter,
        guests: Sequence[G],
        seed: int,
        patience: float,
        script: Script = nothing,
    ) -> None:
        self.pressed: list[Pressed] = []
        self._counter = counter
        self._left = list(reversed(guests))
        self._seed = seed
        self._until = time.monotonic() + patience
        self._script = script
        self._lock = threading.Lock()
        self._made_for: dict[str, str] = {}  # customer -> what the last booking made
        self._fallen: list[Fallen] = []

    def live(self, people: int) -> None:
        """Raises Fallen."""
        threads = [threading.Thread(target=self._work, args=(n,), daemon=True) for n in range(people)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if self._fallen:
            raise self._fallen[0]
        if self.pressed and not any(form.shown for form in self.pressed):
            raise Fallen("nobody was shown anything")

    def _work(self, number: int) -> None:
        dice = random.Random(self._seed * 1000 + number)
        while time.monotonic() < self._until:
            with self._lock:
                if not self._left:
                    return
                guest = self._left.pop()
            self._look_after(guest, dice, number)

    def _look_after(self, guest: G, dice: random.Random, number: int) -> None:
        """All that happens to one."""
        raise NotImplementedError

    def _wish(self, do: str, who: dict[str, str], dice: random.Random, **fields: Any) -> str:
        """Press, wait, and press a new form while nothing of it was sent. The state it ended in."""
        state, about = "", fields.pop("about", do)
        for _ in range(PRESSES):
            kind = dice.choices(("plain", "pressed_twice", "two_tills"), (0.6, 0.25, 0.15))[0]
            self._script(about, fields)
            state = self._press(do, kind, who, fields)
            if state not in ("not_sent", "") or time.monotonic() > self._until:
                return state
        return state

    def _press(self, do: str, kind: str, who: dict[str, str], fields: dict[str, Any]) -> str:
        pressed = Pressed(do, kind, str(uuid.uuid4()))
        forms = [(pressed, self._counter.tills[0])]
        if kind == "pressed_twice":
            forms *= 2
        if kind == "two_tills":
            forms.append((Pressed(do, kind, str(uuid.uuid4())), self._counter.tills[1]))
        with self._lock:
            self.pressed += {id(form): form for form, _till in forms}.values()
        threads = [
            threading.Thread(target=self._send, args=(form, till, who, fields), daemon=True) for form, till in forms
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for form, _till in forms:
            for act in sorted(form.acts):
                self._watch(form, act, fields.get("customer", ""))
        states = [seen[-1][1] for form, _till in forms for seen in form.shown.values() if seen]
        return next((state for state in states if state == "succeeded"), states[0] if states else "")

    def _send(self, form: Pressed, till: int, who: dict[str, str], fields: dict[str, Any]) -> None:
        """No answer: the same form once more, until there is one."""
        while time.monotonic() < self._until:
            with self._patient():
                answer = self._counter.ask(do=form.do, token=form.token, till=till, **who, **fields)
                if "no" in answer:
                    form.refused.append(answer["no"])
                else:
                    form.acts.add(answer["act"])
                return
            time.sleep(0.5)

    @contextmanager
    def _patient(self) -> Iterator[None]:
        """Nobody there: later. The counter itself is wrong: everybody goes home, and `live` says so."""
        try:
            yield
        except Fallen as fallen:
            self._fallen.append(fallen)
            self._until = 0.0
        except BROKEN:
            pass

    def _watch(self, form: Pressed, act: str, customer: str) -> None:
        shown, pauses = form.shown.setdefault(act, []), iter(PAUSES)
        while time.monotonic() < self._until:
            with self._patient():
                answer = self._counter.ask(do="show", act=act)
                seen = (answer["tone"], answer["state"])
                shown += [seen] if not shown or shown[-1] != seen else []
                if answer["state"] in OVER:
                    if answer["made"] and answer["state"] == "succeeded":
                        self._made_for[customer] = answer["made"][0]
                    return
            time.sleep(next(pauses, PAUSES[-1]))
