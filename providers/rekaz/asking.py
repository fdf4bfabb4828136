"""How Rekaz is asked: with the key in use, page after page and never two at once. What is asked: `client.py`."""

from __future__ import annotations

import base64
import datetime as dt
import re
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, Protocol, TypeVar
from urllib.parse import urlencode

from providers.contracts import KeyStore, Receipt
from providers.errors import BrokenContract, Misconfigured
from providers.http import Answer, Http, redacted_text
from providers.normalise import zone_named
from providers.rekaz import answers, bodies, mapping, source, wire
from providers.rekaz.mapping import Zones

R = TypeVar("R")


class _Kept(Protocol):
    """A record that they know by an id of theirs."""

    @property
    def external_id(self) -> str: ...


Kept = TypeVar("Kept", bound=_Kept)
Decoder = Callable[[Any, Zones, bytes], R]
MOST_PAGES = 40
MOST_SECONDS = 90.0
_TENANT = re.compile(r"[A-Za-z0-9-]{1,64}")
_BASIC = re.compile(r"[A-Za-z0-9+/=_-]{4,4096}")
_JSON = {"Content-Type": "application/json"}


class Request(NamedTuple):
    method: str
    path: str
    body: bytes | None = None
    journal_path: str = ""


class Asking:
    """`origin` is where the API lives, without its path; `keys` holds key and secret, or the ready token."""

    def __init__(
        self,
        http: Http,
        keys: KeyStore,
        *,
        origin: str,
        tenant: str,
        branch_id: str,
        timezone: str = "Asia/Riyadh",
        wire_timezone: str = "UTC",
    ) -> None:
        if not _TENANT.fullmatch(tenant):
            raise ValueError("tenant is letters, digits and dashes.")
        self._http = http
        self._keys = keys
        self._origin = origin
        self._tenant = tenant
        self._branch = bodies.identifier(branch_id)
        self._zones = Zones(wire=zone_named(wire_timezone), place=zone_named(timezone))

    def check_login(self, secrets: Mapping[str, str]) -> str:
        """GET /branches: key, tenant and branch are right when ours is listed (fact sheet §1, §5).

        Returns the branch's name. Raises Misconfigured (login_refused, place_unknown …), Unavailable, BrokenContract.
        """
        answer = self._send(self._http.read, Request("GET", "/branches"), secrets)
        if answers.is_unauthorised_read(answer):
            raise answers.unauthorised(answer)
        found = [self._read(mapping.place, row) for row in answers.listed(answers.json_of(answer)).items]
        ours = [place for place in found if answers.same_id(place.external_id, self._branch)]
        if not ours:
            raise Misconfigured("place_unknown", "They have no branch with this id.", status=answer.status)
        return ours[0].name

    def _rows(self, path: str, query: Mapping[str, str], decode: Decoder[R]) -> list[R]:
        return [self._kept(decode, row) for row in self._all(path, query)]

    def _one(self, path: str, external_id: str, decode: Decoder[Kept]) -> Kept | None:
        answer = self._answer(Request("GET", f"{path}/{bodies.identifier(external_id)}"))
        if answers.is_not_there(answer):
            return None
        found = self._kept(decode, answers.json_of(answer))
        if not answers.same_id(found.external_id, external_id):
            raise BrokenContract("other_record", "They answered for another record than ours.", status=answer.status)
        return found

    def _of_phone(self, path: str, name: str, phone: str, decode: Decoder[R], phone_of: Callable[[R], str]) -> list[R]:
        """With its plus as documented; where nobody has that, without it, as they keep it. What they gave is believed to be
        all only because every page of it was read."""
        wanted = wire.digits(phone)
        if not 6 <= len(wanted) <= 15:
            raise ValueError("This is not a phone.")
        for form in (f"+{wanted}", wanted):
            rows = self._rows(path, {name: form}, decode)
            ours = [row for row in rows if wire.digits(phone_of(row)) == wanted]
            if ours:
                return ours
        return []

    def _of_customer(self, path: str, customer_id: str, decode: Decoder[Any]) -> list[Any]:
        rows = self._rows(path, {"customerId": bodies.identifier(customer_id)}, decode)
        return [row for row in rows if answers.same_id(row.customer_id, customer_id)]

    def _all(self, path: str, query: Mapping[str, str]) -> Iterator[Any]:
        """Every row of a collection, page after page and never two at once. Raises BrokenContract rather than give a part
        of it: who looks for an effect would take what is missing for a no."""
        skipped, seen, ends = 0, set[str](), time.monotonic() + MOST_SECONDS
        for _ in range(MOST_PAGES):
            pages = {} if path in ("/branches", "/providers") else _page(skipped)
            content = self._get(f"{path}?{urlencode({**query, **pages})}" if query or pages else path, path)
            found = answers.listed(content)
            fresh = [row for row in found.items if _is_new(row, seen)]
            yield from fresh
            total = found.total_count
            more = len(found.items) >= source.PAGE or (total is not None and skipped + len(found.items) < total)
            if not more or not fresh or not pages or (path == "/products" and total is None):
                return
            if time.monotonic() > ends:
                break
            skipped += max(len(found.items) - source.OVERLAP, 1)
        raise BrokenContract("list_too_long", "They have more rows than can be read at once.")

    def _get(self, path: str, journal_path: str = "") -> Any:
        return answers.json_of(self._answer(Request("GET", path, journal_path=journal_path)))

    def _put(self, reservation_id: str, verb: str, body: bytes | None) -> Receipt:
        answer = self._write("PUT", f"/reservations/{bodies.identifier(reservation_id)}{verb}", body)
        receipt = Receipt(references={"reservations": reservation_id})
        return answers.receipt_of_put(answer, receipt, answers.texts_in(body))

    def _kept(self, decode: Decoder[R], row: Any) -> R:
        """With the bytes that a mirror keeps."""
        return self._read(lambda value, zones: decode(value, zones, source.bytes_of(value)), row)

    def _read(self, decode: Callable[[Any, Zones], R], row: Any) -> R:
        try:
            return decode(row, self._zones)
        except ValueError as error:
            raise BrokenContract("unreadable", redacted_text(str(error))) from None

    def _placed(self, wall: dt.datetime) -> dt.datetime:
        return wall.replace(tzinfo=self._zones.place)

    def _answer(self, call: Request) -> Answer:
        return self._authorised(self._http.read, call, answers.is_unauthorised_read)

    def _write(self, method: str, path: str, body: bytes | None) -> Answer:
        return self._authorised(self._http.write, Request(method, path, body), answers.is_unauthorised_write)

    def _authorised(self, send: Callable[..., Answer], call: Request, refused: Callable[[Answer], bool]) -> Answer:
        """One call with the key in use. A refusal proves that nothing happened: once more then, with another key."""
        secrets = self._keys.read()
        answer = self._send(send, call, secrets)
        if refused(answer):
            others = self._keys.replace(secrets, self.check_login)
            if others is not None:
                answer = self._send(send, call, others)
            if others is None or refused(answer):
                raise answers.unauthorised(answer)
        return answer

    def _send(self, send: Callable[..., Answer], call: Request, secrets: Mapping[str, str]) -> Answer:
        headers = {"Authorization": f"Basic {_basic(secrets)}", "__tenant": self._tenant}
        if call.body is not None:
            headers |= _JSON
        return send(call.method, call.path, body=call.body, headers=headers, journal_path=call.journal_path)


def _basic(secrets: Mapping[str, str]) -> str:
    """What stands behind "Basic": the token that their dashboard shows ready, or one made of key and secret (§1)."""
    token = re.sub(r"^basic(\s+|$)", "", secrets.get("token", "").strip(), flags=re.IGNORECASE)
    if not token and secrets.get("key") and secrets.get("secret"):
        token = base64.b64encode(f"{secrets['key']}:{secrets['secret']}".encode()).decode()
    if not _BASIC.fullmatch(token):
        raise Misconfigured("login_incomplete", "The account has neither key and secret nor a token.")
    return token


def _page(skipped: int) -> dict[str, str]:
    return {"skipCount": str(skipped), "maxResultCount": str(source.PAGE)}


def _is_new(row: Any, seen: set[str]) -> bool:
    """Pages overlap, and rows move while they are read. An attendance has no id: it is all that it says."""
    name = str((isinstance(row, Mapping) and row.get("id")) or row)
    known = name in seen
    seen.add(name)
    return not known
