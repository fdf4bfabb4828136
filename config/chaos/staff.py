"""A person at a till, over HTTP as a browser speaks it: she presses, waits, reloads, and remembers what she was shown."""

from __future__ import annotations

import http.client
import re
import threading
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode, urlsplit

from config.chaos.clinic import Clinic, Sale, Worker
from config.management.commands.up import HOST

TONE = re.compile(r'class="rc t-(\w+)"')
STATE = re.compile(r'data-state="(\w+)')
POLL = re.compile(r'hx-get="(/vouchers/redemptions/[^"]+)"')
PERSON = re.compile(r'name="person"[^>]*value="([^"]+)"|value="([^"]+)"[^>]*name="person"')
FOUND = "/person/"  # the page that asks who is present
USABLE = '<li class="t-done"'  # a voucher of a sale that can be used
LOOKS = (0.3, 0.7, 1.5, 2.5, 3.5, 5.0)  # seconds between two looks at a page
TRIES = 8
BROKEN = (OSError, http.client.HTTPException)


class Answer:
    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status = response.status
        self.location = urlsplit(response.headers.get("Location", "")).path
        self.text = response.read().decode(errors="replace")


class Person:
    """One session. Every request may fail: the web process may be dead this very moment."""

    def __init__(self, port: int, worker: Worker) -> None:
        self._port = port
        self._cookies = dict(worker.cookies)
        self._token = worker.csrf_token

    def ask(self, method: str, path: str, *, poll: bool = False, **fields: str) -> Answer:
        """Raises OSError or HTTPException when the site is not there; follows nothing."""
        link = http.client.HTTPConnection(HOST, self._port, timeout=30)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        if poll:
            headers["HX-Request"] = "true"
        body = None
        if method == "POST":
            body = urlencode({**fields, "csrfmiddlewaretoken": self._token}).encode()
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Referer": f"http://{HOST}:{self._port}/"}
        try:
            link.request(method, path, body, headers)
            response = link.getresponse()
            for line in response.headers.get_all("Set-Cookie", []):
                self._cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
            return Answer(response)
        finally:
            link.close()

    def insist(self, method: str, path: str, until: float, *, poll: bool = False, **fields: str) -> Answer | None:
        """Reload until the site answers. None when it is over."""
        while time.monotonic() < until:
            with suppress(*BROKEN):
                answer = self.ask(method, path, poll=poll, **fields)
                if answer.status < 500:
                    return answer
            time.sleep(1)
        return None


def _found(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return next((group for group in found.groups() if group), "") if found else ""


class Shift:
    """The people of one clinic work through its sales."""

    def __init__(self, port: int, clinic: Clinic, sales: list[Sale], patience: float, opens_for: float = 1e9) -> None:
        """`patience`: seconds until everybody goes home; after `opens_for` seconds nobody begins a new sale."""
        self._clinic = clinic
        self._left = list(reversed(sales))
        self._lock = threading.Lock()
        self._until = time.monotonic() + patience
        self._closing = time.monotonic() + opens_for
        self._people = [Person(port, worker) for worker in clinic.workers]
        self.done = 0

    def work(self, watching: Callable[[], None] = lambda: None) -> None:
        threads = [threading.Thread(target=self._at_the_till, args=(n,), daemon=True) for n in range(len(self._people))]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            watching()
            threads[0].join(0.2)
            time.sleep(0.05)

    @property
    def all_begun(self) -> bool:
        return not self._left or time.monotonic() > self._closing

    def close(self) -> None:
        """Everybody goes home at once."""
        self._until = 0.0

    def _at_the_till(self, number: int) -> None:
        person = self._people[number]
        while time.monotonic() < min(self._until, self._closing):
            with self._lock:
                if not self._left:
                    return
                sale = self._left.pop()
            self._serve(person, sale)
            self.done += 1

    def _serve(self, person: Person, sale: Sale) -> None:
        if sale.kind == "scanned" and not self._scan(person, sale):
            sale.gave_up = True
            return
        presses = [(person, draft) for draft in sale.drafts]
        if sale.kind == "pressed_twice":
            presses *= 2
        others = [threading.Thread(target=self._press, args=(who, sale, draft)) for who, draft in presses[1:]]
        for other in others:
            other.start()
        self._press(*(presses[0][0], sale, presses[0][1]))
        for other in others:
            other.join()
        for address in set(sale.pages.values()):
            self._watch(person, sale, address)

    def _scan(self, person: Person, sale: Sale) -> bool:
        """Every page from the scan to the amounts. A look-up that got no answer is tried again, as people do; somebody at
        the provider's portal may have been quicker, and then it never succeeds."""
        for _ in range(TRIES):
            started = person.insist("POST", "/vouchers/lookups/", self._until, q=sale.codes[0])
            page = self._looked_up(person, started.location) if started else None
            if not page or not started or FOUND not in page.text:
                continue
            draft = started.location
            for code in sale.codes[1:]:
                person.insist("POST", f"{draft}add/", self._until, q=code)
            who: Any = self._clinic.trade.who or {"person": _found(PERSON, page.text)}
            if self._all_found(person, draft, sale):
                person.insist("POST", f"{draft}person/", self._until, **who)
                person.insist("POST", f"{draft}amounts/", self._until, services_total=str(sale.total))
                sale.drafts.append(uuid.UUID(draft.strip("/").split("/")[-1]))
                return True
        return False

    def _all_found(self, person: Person, draft: str, sale: Sale) -> bool:
        page = self._looked_up(person, draft)
        return page is not None and page.text.count(USABLE) >= len(sale.codes[1:])

    def _looked_up(self, person: Person, address: str) -> Answer | None:
        while time.monotonic() < self._until:
            page = person.insist("GET", address, self._until, poll=True)
            if page is None or "hx-trigger" not in page.text:
                return page
            time.sleep(0.3)
        return None

    def _press(self, person: Person, sale: Sale, draft: uuid.UUID) -> None:
        """Confirm. No answer: reload, see whether it is there, press again. A refusal ends it for this draft."""
        while time.monotonic() < self._until:
            answer = person.insist("POST", f"/vouchers/lookups/{draft}/confirm/", self._until)
            if answer is None:
                break
            if answer.status == 302 and "/redemptions/" in answer.location:
                sale.pages[draft] = answer.location
                return
            if answer.status == 409 and sale.kind == "two_tills":
                sale.refused += 1
                return
            time.sleep(1)  # the issuer is not answering: she tries again
        sale.gave_up = True

    def _watch(self, person: Person, sale: Sale, address: str) -> None:
        shown, poll = sale.shown.setdefault(address, []), address
        looks = iter(LOOKS)
        while time.monotonic() < self._until:
            page = person.insist("GET", poll, self._until, poll=True)
            if page is None:
                return
            if page.status == 200:
                seen, poll = (_found(TONE, page.text), _found(STATE, page.text)), _found(POLL, page.text) or address
                shown += [seen] if not shown or shown[-1] != seen else []
                if not seen[1]:
                    return
            time.sleep(next(looks, LOOKS[-1]))
