"""How Altegio is asked: with the tokens in use, page after page, held to their wish to wait. What is asked: `client.py`."""

from __future__ import annotations

import datetime as dt
import re
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlencode

from providers.altegio import answers, bodies, source, wire
from providers.altegio.answers import Listed
from providers.contracts import (
    Session,
    TokenStore,
)
from providers.errors import BrokenContract, Misconfigured
from providers.http import Answer, Http, redacted_text
from providers.normalise import zone_named

R = TypeVar("R")
Decoder = Callable[[Any, dt.tzinfo, bytes], R]
MOST_PAGES = 40
MOST_SECONDS = 90.0
SMALLEST_PAGE = 20  # the smallest size of a page that any of their documents names
PAUSE = 2  # seconds after a 429 that names none
_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]{8,512}")
_HEADERS = {"Accept": "application/vnd.api.v2+json"}
_JSON = {"Content-Type": "application/json"}


class Request(NamedTuple):
    method: str
    path: str
    body: bytes | None = None
    journal_path: str = ""


def _nobody(seconds: float) -> None:
    """Stands in where there is no budget to hold."""


class Asking:
    """`tokens` keeps what stands in the Authorization header between calls, of partner and user together. `hold` is told how
    long they ask us to wait."""

    def __init__(
        self,
        http: Http,
        tokens: TokenStore,
        *,
        location_id: str,
        chain_id: str,
        timezone: str = "Asia/Riyadh",
        hold: Callable[[float], None] = _nobody,
    ) -> None:
        self._http = http
        self._tokens = tokens
        self._location = wire.identifier(location_id)
        self._chain = wire.identifier(chain_id)
        self._zone = zone_named(timezone)
        self._hold = hold

    def log_in(self, credentials: Mapping[str, str]) -> Session:
        """The user's token that was given, once a harmless read has proved it; else POST /auth (fact sheet §1.2).

        Raises Misconfigured (tokens_incomplete, login_refused, account_blocked), Unavailable, BrokenContract.
        """
        partner, given = credentials.get("partner_token", "").strip(), credentials.get("user_token", "").strip()
        by_password = bool(credentials.get("login") and credentials.get("password"))
        if not _TOKEN.fullmatch(partner) or not (by_password or _TOKEN.fullmatch(given)):
            raise Misconfigured("tokens_incomplete", "A partner token, and a user's token or login and password.")
        if _TOKEN.fullmatch(given):
            token = f"{partner}, User {given}"
            answer = self._send(self._http.read, Request("GET", "/groups"), token)
            if not answers.is_unauthorised_read(answer):
                answers.check_read(answer, [partner, given])
                return Session(token=token, user_name="", user_id="")
            if not by_password:
                raise Misconfigured("login_refused", "They refuse the user's token.", status=401)
        return self._with_password(partner, credentials)

    def _with_password(self, partner: str, credentials: Mapping[str, str]) -> Session:
        body = bodies.login(credentials)
        answer = self._send(self._http.read, Request("POST", "/auth", body), partner)
        found = answers.session_of(answer, [partner, *answers.texts_in(body)])
        if not _TOKEN.fullmatch(found.user_token):  # it goes into a header
            raise BrokenContract("unreadable", "The user's token has characters no token has.", status=answer.status)
        return Session(f"{partner}, User {found.user_token}", wire.text(found.name), str(found.id))

    def _place(self, place_id: str) -> str:
        return wire.identifier(place_id) if place_id else self._location

    def _rows(self, path: str, decode: Decoder[R], journal_path: str = "") -> list[R]:
        """A list without pages."""
        return [self._kept(decode, row) for row in self._listed(Request("GET", path, journal_path=journal_path)).rows]

    def _one(self, path: str, external_id: str, decode: Decoder[R]) -> R | None:
        answer = self._answer(Request("GET", path))
        if answers.is_not_there(answer):
            return None
        content = answers.content_of(answer)
        if not isinstance(content, Mapping) or str(content.get("id")) != external_id:
            raise BrokenContract("other_record", "They answered for another record than ours.", status=answer.status)
        return self._kept(decode, content)

    def _all(self, path: str, query: Mapping[str, str], decode: Decoder[R]) -> list[R]:
        def page(number: int) -> Listed:
            asked = {**query, "page": str(number), "count": str(source.PAGE)}
            return self._listed(Request("GET", f"{path}?{urlencode(asked)}"))

        return self._every(page, decode)

    def _every(self, page: Callable[[int], Listed], decode: Decoder[R]) -> list[R]:
        return [self._kept(decode, row) for row in self._pages(page)]

    def _pages(self, page: Callable[[int], Listed]) -> Iterator[Any]:
        """Every row of a list, each once. How long their pages may be at most nobody knows, so a page that is shorter than we
        asked for is not the last; one that is shorter than the one before is. Raises BrokenContract rather than give a part:
        who looks for an effect would take what is missing for a no."""
        seen, longest, ends = set[str](), 0, time.monotonic() + MOST_SECONDS
        for number in range(1, MOST_PAGES + 1):
            found = page(number)
            fresh = [row for row in found.rows if _is_new(row, seen)]
            yield from fresh
            longest = max(longest, len(found.rows))
            is_last = len(found.rows) < max(longest, SMALLEST_PAGE) if found.total is None else len(seen) >= found.total
            if not fresh or is_last:
                return
            if time.monotonic() > ends:
                break
        raise BrokenContract("list_too_long", "They have more rows than can be read at once.")

    def _listed(self, call: Request) -> Listed:
        return answers.listed(self._answer(call))

    def _kept(self, decode: Decoder[R], row: Any) -> R:
        """With the bytes that a mirror keeps."""
        return self._read(lambda value, zone: decode(value, zone, source.bytes_of(value)), row)

    def _read(self, decode: Callable[[Any, dt.tzinfo], R], row: Any) -> R:
        try:
            return decode(row, self._zone)
        except ValueError as error:
            raise BrokenContract("unreadable", redacted_text(str(error))) from None

    def _answer(self, call: Request) -> Answer:
        return self._authorised(self._http.read, call, answers.is_unauthorised_read)

    def _in_visit(self, act: str, rest: str, body: bytes) -> Answer:
        return self._write("POST", f"/visit/loyalty/{act}/{rest}", body)

    def _write(self, method: str, path: str, body: bytes | None) -> Answer:
        return self._authorised(self._http.write, Request(method, path, body), answers.is_unauthorised_write)

    def _authorised(self, send: Callable[..., Answer], call: Request, refused: Callable[[Answer], bool]) -> Answer:
        """One call with the tokens in use. A refusal proves that nothing happened: a password that was changed ends a token,
        so once more then, after one new login."""
        token = self._tokens.read() or self._tokens.refresh("", self.log_in)
        answer = self._send(send, call, token)
        if refused(answer):
            token = self._tokens.refresh(token, self.log_in)
            answer = self._send(send, call, token)
            if refused(answer):
                raise answers.unauthorised(answer)
        return answer

    def _send(self, send: Callable[..., Answer], call: Request, token: str) -> Answer:
        headers = {**_HEADERS, "Authorization": f"Bearer {token}", **(_JSON if call.body is not None else {})}
        answer = send(call.method, call.path, body=call.body, headers=headers, journal_path=call.journal_path)
        if answer.status == 429:
            self._hold(float(PAUSE if answer.retry_after is None else answer.retry_after))
        return answer


def _is_new(row: Any, seen: set[str]) -> bool:
    """Rows move from page to page while they are read. What has no id is told by whoever reads it."""
    name = str((isinstance(row, Mapping) and row.get("id")) or row)
    known = name in seen
    seen.add(name)
    return not known
