"""One simulated member of staff: a browser's requests in a browser's order, over one connection that is kept alive."""

from __future__ import annotations

import http.client
import random
import re
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urlsplit

LIVE_EVERY = 5.0  # the desk's own poll, on every page
FORM = "application/x-www-form-urlencoded"
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
PERSON = re.compile(r'name="person" value="([^"]+)"')
POLL = re.compile(r'id="part"[^>]*hx-trigger="load delay:(\d+)ms, every (\d+)(ms|s)"')
SEEN = re.compile(r"/live/\?seen=(\w+)")


@dataclass
class Notes:
    """What all of them write down."""

    times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    statuses: Counter[str] = field(default_factory=Counter)
    accepted: list[str] = field(default_factory=list)  # redemptions whose page we were sent to
    finished: int = 0
    busy: int = 0
    problems: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass
class Page:
    status: int
    text: str
    path: str
    headers: http.client.HTTPMessage


class Stopped(Exception):
    """The run is over."""


class Staff:
    def __init__(self, origin: str, notes: Notes, stop: threading.Event, seed: int, think: float) -> None:
        self.address = urlsplit(origin).netloc
        self.notes, self.stop, self.think = notes, stop, think
        self.dice = random.Random(seed)
        self.cookies: dict[str, str] = {}
        self.link: http.client.HTTPConnection | None = None
        self.token, self.seen, self.looked = "", "", 0.0

    # Requests ---------------------------------------------------------------------------------------------------------

    def get(self, name: str, path: str, *, poll: bool = False) -> Page:
        return self._follow(name, self._send(name, "GET", path, {}, poll=poll))

    def post(self, name: str, path: str, **fields: str) -> Page:
        return self._follow(name, self._send(name, "POST", path, fields | {"csrfmiddlewaretoken": self.token}))

    def _follow(self, name: str, page: Page) -> Page:
        while page.status in (301, 302):
            page = self._send(f"{name} →", "GET", page.headers["Location"], {})
        if found := TOKEN.search(page.text):
            self.token = found[1]
        if found := SEEN.search(page.text):
            self.seen = found[1]
        return page

    def _send(self, name: str, method: str, path: str, fields: dict[str, str], *, poll: bool = False) -> Page:
        headers = {"Cookie": "; ".join(f"{key}={value}" for key, value in self.cookies.items())}
        headers |= {"HX-Request": "true"} if poll else {}
        headers |= {"Content-Type": FORM, "Referer": f"http://{self.address}/"} if method == "POST" else {}
        began = time.perf_counter()
        answer, body = self._asked(method, path, urlencode(fields) if fields else None, headers)
        took = time.perf_counter() - began
        for line in answer.headers.get_all("Set-Cookie") or []:
            self.cookies |= {key: morsel.value for key, morsel in SimpleCookie(line).items()}
        with self.notes.lock:
            self.notes.times[name].append(took)
            self.notes.statuses[f"{name} {answer.status}"] += 1
        return Page(answer.status, body.decode(errors="replace"), path, answer.headers)

    def _asked(
        self, method: str, path: str, body: str | None, headers: dict[str, str]
    ) -> tuple[http.client.HTTPResponse, bytes]:
        """A connection that the server closed while we were thinking is opened anew, as a browser does."""
        for last in (False, True):
            fresh = self.link is None
            self.link = self.link or http.client.HTTPConnection(self.address, timeout=60)
            try:
                self.link.request(method, path, body, headers)
                answer = self.link.getresponse()
                return answer, answer.read()
            except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
                self.link.close()
                self.link = None
                if fresh or last:
                    raise
        raise AssertionError

    # Work ---------------------------------------------------------------------------------------------------------------

    def sign_in(self, username: str, password: str, till: str) -> None:
        self.get("sign in", "/accounts/login/")
        page = self.post("sign in", "/accounts/login/", login=username, password=password)
        assert "/login/" not in page.path, f"{username} is not signed in: {page.status}"
        self.post("place", "/accounts/place/", till=till)

    def work(self, next_code: Callable[[], str | None]) -> None:
        try:
            while not self.stop.is_set() and (code := next_code()):
                self._redeem(code)
        except Stopped:
            pass
        except Exception as error:
            with self.notes.lock:
                self.notes.problems[f"{type(error).__name__}: {error}"[:200]] += 1

    def _redeem(self, code: str) -> None:
        page = self._until_it_is_not_busy("scan", "/vouchers/lookups/", q=code)
        page = self._poll("wait", page)
        person = PERSON.search(page.text)
        if person is None:
            title = re.search(r'id="outcome-title"[^>]*>([^<]+)', page.text)
            return self._problem(f"look-up: {page.status} {title[1] if title else page.path}")
        self._think()
        page = self.post("person", f"{page.path}person/", person=person[1])
        self._think()
        page = self.post("amounts", page.path, services_total="600")
        self._think()
        page = self._until_it_is_not_busy("confirm", page.path)
        if "/redemptions/" not in page.path:
            return self._problem(f"confirm: {page.status} {page.path}")
        with self.notes.lock:
            self.notes.accepted.append(page.path.rstrip("/").rpartition("/")[2])
        self._poll("result", page)
        with self.notes.lock:
            self.notes.finished += 1
        self._think()
        return None

    def _until_it_is_not_busy(self, name: str, path: str, **fields: str) -> Page:
        page = self.post(name, path, **fields)
        while page.status == 503:
            with self.notes.lock:
                self.notes.busy += 1
            self._pause(float(page.headers["Retry-After"]))
            page = self.post(name, path, **fields)
        return page

    def _poll(self, name: str, page: Page) -> Page:
        """As the page itself asks for it: first soon, then at its own pace, until it asks no more."""
        path, pause = page.path, None
        while found := POLL.search(page.text):
            self._pause(int(found[1]) / 1000 if pause is None else pause)
            pause = int(found[2]) / (1000 if found[3] == "ms" else 1)
            page = self.get(f"{name} (poll)", path, poll=True)
            if target := page.headers.get("HX-Redirect"):
                return self.get(name, target)
        return page

    def _problem(self, what: str) -> None:
        with self.notes.lock:
            self.notes.problems[what] += 1

    def _think(self) -> None:
        self._pause(self.dice.uniform(0.5, 1.5) * self.think)

    def _pause(self, seconds: float) -> None:
        ends = time.monotonic() + seconds
        while (left := ends - time.monotonic()) > 0:
            if time.monotonic() - self.looked >= LIVE_EVERY:
                self.looked = time.monotonic()
                page = self.get("desk (poll)", f"/live/?seen={self.seen}&here=", poll=True)
                if found := SEEN.search(page.text.replace("&amp;", "&")):
                    self.seen = found[1]
                continue
            time.sleep(min(left, 0.5))
