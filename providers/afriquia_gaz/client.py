"""Two calls to Kenz'up, signed, and its sales export. What each answer means: fact sheet §2 to §6, reliability §2.4 and §3.2.

They have no log-in. Who we are is proved by the signature of every call, so a refused key shows at the call itself.
"""

from __future__ import annotations

import datetime as dt
import logging
import re
from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple

from providers.afriquia_gaz import mapping
from providers.afriquia_gaz.payloads import Burned, Refusal, SaleRow
from providers.afriquia_gaz.signing import HEADER, RsaSigner, Signer, Unsigned
from providers.contracts import ExportedSale, KeyStore, Receipt, RedemptionOrder, VoucherRecord
from providers.errors import BrokenContract, Misconfigured, OutcomeUnknown, Rejected, Unavailable
from providers.http import Answer, Http, parsed, redacted_text

NO_VOUCHER = "wasl-login-check"  # asked for when a key is tried: no voucher of theirs has such a code
MOST_ROWS = 5000  # of an export; three days of one shop
_SHOP = re.compile(r"[A-Za-z0-9_-]{1,64}")
_TERMINAL = re.compile(r"[A-Za-z0-9._-]{1,64}")  # it goes into a header whose parts are told apart by commas
_BASIC = re.compile(r"[!-~]{1,1024}")
_BUSY = {408: "provider_busy", 409: "order_conflict", 423: "provider_busy", 425: "provider_busy", 429: "rate_limited"}
_WAITS = frozenset({408, 429})
_REFUSALS = frozenset({400, 404, 422})
logger = logging.getLogger(__name__)


class _Call(NamedTuple):
    method: str
    path: str
    journal_path: str
    body: bytes | None = None


class AfriquiaGaz:
    """A client of one terminal of one shop. `keys` holds the private key; how it signs is `signer`'s affair."""

    def __init__(
        self, http: Http, keys: KeyStore, *, shop_uuid: str, terminal_id: str, signer: Signer | None = None
    ) -> None:
        if not _SHOP.fullmatch(shop_uuid) or not _TERMINAL.fullmatch(terminal_id):
            raise ValueError("shop_uuid and terminal_id are letters, digits, dashes and underscores.")
        self._http = http
        self._keys = keys
        self._shop = shop_uuid
        self._terminal = terminal_id
        self._signer = signer or RsaSigner()

    def check_login(self, secrets: Mapping[str, str]) -> str:
        """GET the status of a voucher that cannot exist: a clean "not found" proves that key, shop and terminal are accepted.

        Returns ''. Raises Misconfigured (login_refused, account_blocked, key_*), Unavailable, BrokenContract.
        """
        answer = self._signed(self._http.read, self._status_call(NO_VOUCHER), secrets)
        if _is_unauthorised_read(answer):
            raise _unauthorised(answer)
        try:
            _voucher_in(answer, NO_VOUCHER)
        except Rejected as refusal:
            raise Misconfigured("login_refused", refusal.detail, status=answer.status) from None
        return ""

    def find_voucher(self, code: str) -> VoucherRecord | None:
        """GET /shops/{shop}/vouchers/{code}; value in points (fact sheet §4.1).

        None when they do not know the code. Raises Rejected, Unavailable, BrokenContract, Misconfigured, and ValueError for
        a code that is not of their shape.
        """
        answer = self._authorised(self._http.read, self._status_call(code), _is_unauthorised_read)
        return _voucher_in(answer, code)

    def redeem_vouchers(self, order: RedemptionOrder) -> Receipt:
        """POST /shops/{shop}/vouchers-burn; total in MAD. No call undoes it (fact sheet §4.2, §5).

        The receipt is proof: a 2xx that names our order. Rejected only for a single voucher that they refuse in their
        documented error body: nobody says whether a burn of several is done whole or not at all, so a refused group may
        be burned in part, and is OutcomeUnknown like every other answer. Misconfigured for a refused key and what
        `find_voucher` raises on the way to another: those prove that nothing happened, as Unavailable does.
        ValueError, before anything is sent, for an order they have no words for.
        """
        body = mapping.burn_body(order, self._terminal)
        if not mapping.is_moroccan_mobile(order.customer_phone):
            logger.warning("The owner's phone in order %s is no Moroccan mobile; sent all the same.", order.order_ref)
        path = f"/shops/{self._shop}/vouchers-burn"
        answer = self._authorised(self._http.write, _Call("POST", path, path, body), _is_unauthorised_write)
        return _receipt_of(answer, order)

    def exported_sale(self, order_ref: str, day: dt.date) -> ExportedSale | None:
        """GET /ledger/export-sales/json with Basic: our sale of about that day (fact sheet §2; burns in it unconfirmed).

        None when it is not listed. Raises Misconfigured (export_not_set_up, export_refused), Unavailable, BrokenContract.
        """
        return mapping.exported_sale(self._exported(day), order_ref)

    def is_ours(self, order: RedemptionOrder) -> bool | None:
        """By their export (fact sheet §2), where the account has a login for it and the export is seen to list burns: our
        order is in it, or it is not. Raises Misconfigured, Unavailable, BrokenContract."""
        if not self._keys.read().get("export_basic"):
            return None
        rows = self._exported(dt.datetime.fromisoformat(order.at).date())
        if mapping.exported_sale(rows, order.order_ref):
            return True
        return False if any(row.earn_burn == "burn" for row in rows) else None

    def _exported(self, day: dt.date) -> list[SaleRow]:
        basic = self._keys.read().get("export_basic", "").removeprefix("Basic ")
        if not _BASIC.fullmatch(basic):
            raise Misconfigured("export_not_set_up", "The account has no login for the sales export.")
        path = mapping.export_path(self._shop, day)
        answer = self._http.read("GET", path, headers={"Authorization": f"Basic {basic}"})
        if answer.status in (401, 403):
            raise Misconfigured("export_refused", _evidence(answer), status=answer.status)
        return _rows_in(answer)

    def _status_call(self, code: str) -> _Call:
        return _Call("GET", mapping.voucher_path(self._shop, code), mapping.journal_path(self._shop, code))

    def _authorised(self, send: Callable[..., Answer], call: _Call, refused: Callable[[Answer], bool]) -> Answer:
        """One call with the key in use. A refusal proves that nothing happened: once more then, with another key."""
        secrets = self._keys.read()
        answer = self._signed(send, call, secrets)
        if refused(answer):
            others = self._keys.replace(secrets, self.check_login)
            if others is not None:
                answer = self._signed(send, call, others)
            if others is None or refused(answer):
                raise _unauthorised(answer)
        return answer

    def _signed(self, send: Callable[..., Answer], call: _Call, secrets: Mapping[str, str]) -> Answer:
        uri = self._http.full_path(call.path)
        request = Unsigned(self._terminal, self._http.authority, call.method, uri, call.body)
        headers = {HEADER: self._signer.sign(request, secrets.get("private_key", ""))}
        if call.body is not None:
            headers["Content-Type"] = "application/json"
        return send(call.method, call.path, body=call.body, headers=headers, journal_path=call.journal_path)


def _refusal(answer: Answer) -> Refusal | None:
    """Their application saying no, in the one shape they document; None for anything else."""
    try:
        said = parsed(answer.json(), Refusal)
    except (BrokenContract, ValueError):
        return None
    return said if said.error else None


def _burned(answer: Answer) -> Burned | None:
    try:
        return parsed(answer.json(), Burned)
    except (BrokenContract, ValueError):
        return None


def _is_unauthorised_write(answer: Answer) -> bool:
    """Do they refuse who we are, in their own words? The page of a proxy proves nothing."""
    return answer.status in (401, 403) and _refusal(answer) is not None and _burned(answer) is None


def _is_unauthorised_read(answer: Answer) -> bool:
    """For a read any 401 will do: a second one costs nothing."""
    return answer.status == 401 or _is_unauthorised_write(answer)


def _unauthorised(answer: Answer) -> Misconfigured:
    code = "login_refused" if answer.status == 401 else "account_blocked"
    return Misconfigured(code, _evidence(answer), status=answer.status)


def _voucher_in(answer: Answer, code: str) -> VoucherRecord | None:
    refusal = _refusal(answer)
    if answer.status == 404 and refusal and refusal.error == "not_found":
        return None
    content = _content_read(answer, refusal, [code])
    try:
        return mapping.ours_among(content if isinstance(content, list) else [content], code)
    except LookupError:
        raise BrokenContract(
            "other_code", "They answered for another voucher than ours.", status=answer.status
        ) from None
    except ValueError as error:
        raise BrokenContract("unreadable", redacted_text(str(error), [code]), status=answer.status) from None


def _rows_in(answer: Answer) -> list[SaleRow]:
    content = _content_read(answer, _refusal(answer), [])
    if not isinstance(content, list) or len(content) > MOST_ROWS:
        raise BrokenContract("unreadable", "The export is not a list of so many sales.", status=answer.status)
    try:
        return [parsed(entry, SaleRow) for entry in content]
    except ValueError as error:
        raise BrokenContract("unreadable", redacted_text(str(error)), status=answer.status) from None


def _content_read(answer: Answer, refusal: Refusal | None, secrets: Collection[str]) -> Any:
    """The JSON of a success to a read. Raises what a read may raise."""
    evidence = _evidence(answer, secrets)
    if answer.status in _WAITS or answer.status >= 500:
        code = _BUSY.get(answer.status, "provider_error")
        raise Unavailable(code, evidence, status=answer.status, retry_after=answer.retry_after)
    if 300 <= answer.status < 400:
        raise BrokenContract("redirected", evidence, status=answer.status)
    content = answer.json()
    if answer.status in (400, 422) and refusal:
        raise Rejected("refused", evidence, status=answer.status)
    if not 200 <= answer.status < 300:
        raise BrokenContract("unknown_answer", evidence, status=answer.status)
    return content


def _receipt_of(answer: Answer, order: RedemptionOrder) -> Receipt:
    secrets = [*order.codes, order.customer_phone]
    burned = _burned(answer)
    if 200 <= answer.status < 300 and burned and burned.order_id == order.order_ref and not burned.error:
        return Receipt(codes=order.codes, references={"order_id": burned.order_id}, names_each=False)
    refused = answer.status in _REFUSALS and _refusal(answer) is not None and burned is None
    if refused and len(order.codes) == 1:
        raise Rejected("issuer_refused", _evidence(answer, secrets), status=answer.status)
    code = _unknown_code(answer, burned, refused=refused)
    raise OutcomeUnknown(code, _evidence(answer, secrets), status=answer.status, retry_after=answer.retry_after)


def _unknown_code(answer: Answer, burned: Burned | None, *, refused: bool) -> str:
    if answer.status in _BUSY or answer.status >= 500:
        return _BUSY.get(answer.status, "provider_error")
    if 300 <= answer.status < 400:
        return "redirected"
    if refused:
        return "group_refused"
    if burned:
        return "answer_needs_a_look" if burned.error else "other_order"
    return "answer_needs_a_look" if _refusal(answer) else "unreadable"


def _evidence(answer: Answer, secrets: Collection[str] = ()) -> str:
    """One line for a supervisor: their status and words, without what we sent them."""
    refusal = _refusal(answer)
    if refusal is None:
        return f"HTTP {answer.status}, {len(answer.body)} bytes that are no error of theirs."
    said = redacted_text(refusal.message, secrets)
    return f"HTTP {answer.status}, error {redacted_text(refusal.error, secrets)[:40]!r}: {said}"
