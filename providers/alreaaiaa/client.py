"""Alreaaiaa's three calls. What each answer means is in the fact sheet, §3 to §5, and in §2.4 of the reliability notes.

They document success and little else. So a read believes a refusal in any shape their framework is known to use, and
the write believes only two: a refused token and a blocked account. Every other answer to it is settled by reading.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping
from typing import Any, NoReturn

from providers.alreaaiaa import mapping
from providers.alreaaiaa.payloads import Envelope, Login, UsedVoucher, Voucher
from providers.contracts import Receipt, RedemptionOrder, Session, TokenStore, VoucherRecord
from providers.errors import BrokenContract, Misconfigured, OutcomeUnknown, ProviderError, Rejected, Unavailable
from providers.http import Answer, Http, parsed, redacted_text

GET_TOKEN = "/getAuthToken"
FIND = "/findClientCenterVouchers"
USE = "/makeClientCenterVouchersUsed"
_TOKEN_PATH = re.compile(r"(?:/[A-Za-z0-9_-]{1,80}){1,5}")
_TOKEN = re.compile(r"[!-~]{1,8192}")
_JSON = {"Content-Type": "application/json"}
_TOKEN_KEYS = frozenset({"unauthenticated", "not_auth", "unauthorized"})
_TOKEN_STATUSES = frozenset({200, 400, 401})
_ACCOUNT_KEYS = frozenset(
    {"blocked", "needActive", "waitingApprove", "needAdminActivation", "needCompleteRegistration"}
)
_BUSY = {408: "provider_busy", 409: "provider_busy", 423: "provider_busy", 425: "provider_busy", 429: "rate_limited"}


class Alreaaiaa:
    """A client of one account. `tokens` keeps the login between calls; the token itself is opaque (§2)."""

    def __init__(self, http: Http, tokens: TokenStore, *, token_path: str = GET_TOKEN) -> None:
        if not _TOKEN_PATH.fullmatch(token_path):
            raise ValueError("token_path is not a path below the base URL.")
        self._http = http
        self._tokens = tokens
        self._token_path = token_path

    def log_in(self, credentials: Mapping[str, str]) -> Session:
        """POST {token_path}, by default /getAuthToken: the printed URL is another call's (fact sheet §3.1, §4.1).

        Raises Misconfigured (login_refused, account_blocked), Unavailable, BrokenContract.
        """
        body = mapping.login_body(credentials)
        secrets = json.loads(body).values()
        answer = self._http.read("POST", self._token_path, body=body, headers=_JSON)
        try:
            content = None if _is_unauthorised_read(answer) else _content_read(answer, secrets)
        except Rejected as refusal:
            raise Misconfigured("login_refused", refusal.detail, status=answer.status) from None
        if content is None:
            raise Misconfigured("login_refused", _evidence(answer, secrets), status=answer.status)
        try:
            login = parsed(content, Login)
        except ValueError as error:
            raise BrokenContract("unreadable", str(error), status=answer.status) from None
        if not _TOKEN.fullmatch(login.token):  # it goes into a header
            raise BrokenContract("unreadable", "The login token has characters no token has.", status=answer.status)
        return mapping.session(login)

    def check_login(self, secrets: Mapping[str, str]) -> str:
        """Log in and forget the token. Returns the name that they have for us; raises what `log_in` raises."""
        return self.log_in(secrets).user_name

    def find_voucher(self, code: str) -> VoucherRecord | None:
        """POST /findClientCenterVouchers; amounts in SAR, dates in Saudi Arabia (fact sheet §3.2, §4.2 to §4.5).

        None when they do not know the code, which includes a pending one. Raises Rejected, Unavailable, BrokenContract,
        Misconfigured, and ValueError for a code that is not of their shape.
        """
        answer = self._authorised(self._http.read, FIND, mapping.find_body(code), _is_unauthorised_read)
        content = _content_read(answer, [code])
        try:
            found = [parsed(entry, Voucher) for entry in _entries(content)]
            ours = [
                mapping.voucher_record(voucher) for voucher in found if mapping.same_code(code, voucher.voucher_code)
            ]
        except ValueError as error:
            raise BrokenContract("unreadable", redacted_text(str(error), [code]), status=answer.status) from None
        if len(ours) > 1 or (isinstance(content, dict) and not ours):
            raise BrokenContract("other_code", "They answered for another voucher than ours.", status=answer.status)
        return ours[0] if ours else None

    def redeem_vouchers(self, order: RedemptionOrder) -> Receipt:
        """POST /makeClientCenterVouchersUsed; amounts as texts in SAR. It cannot be undone (fact sheet §3.3).

        The receipt is proof: their success, our code, status used. Raises OutcomeUnknown for every other answer, except
        Misconfigured for a refused account and what `log_in` raises: those prove that nothing happened, as Unavailable
        does (nothing was sent). Never Rejected: they document no refusal. ValueError, before anything is sent, unless
        the order has one voucher of theirs and sums that add up.
        """
        answer = self._authorised(self._http.write, USE, mapping.redeem_body(order), _is_unauthorised_write)
        return _receipt_of(answer, order.codes[0])

    def is_ours(self, order: RedemptionOrder) -> bool | None:
        """They do not tell: find names no order and no centre (fact sheet §3.2)."""
        return None

    def _authorised(
        self, send: Callable[..., Answer], path: str, body: bytes, refused: Callable[[Answer], bool]
    ) -> Answer:
        """One call with the cached token. A refusal proves that nothing happened: once more then, with a new token."""
        token = self._tokens.read() or self._tokens.refresh("", self.log_in)
        answer = send("POST", path, body=body, headers=_bearer(token))
        if refused(answer):
            token = self._tokens.refresh(token, self.log_in)
            answer = send("POST", path, body=body, headers=_bearer(token))
            if refused(answer):
                raise Misconfigured("login_refused", "A new login was refused too.", status=answer.status)
        return answer


def _bearer(token: str) -> dict[str, str]:
    return {**_JSON, "Authorization": f"Bearer {token}"}


def _envelope(answer: Answer) -> Envelope | None:
    """The JSON object they answered, or None for anything else: HTML, a proxy's page, rubbish."""
    try:
        return parsed(answer.json(), Envelope)
    except (BrokenContract, ValueError):
        return None


def _is_unauthorised_write(answer: Answer) -> bool:
    """Do they refuse our token, in one of the known shapes (§5)? The 401 page of a proxy is none: it proves nothing."""
    envelope = _envelope(answer)
    if envelope is None or envelope.content or answer.status not in _TOKEN_STATUSES:
        return False
    named = envelope.key in _TOKEN_KEYS or envelope.message == "Unauthenticated."
    return named or (answer.status == 401 and _is_refusal(envelope))


def _is_refusal(envelope: Envelope) -> bool:
    """Do these words come from their application, and do they say no?"""
    return not envelope.content and (isinstance(envelope.message, str) or envelope.key not in ("", "success"))


def _is_unauthorised_read(answer: Answer) -> bool:
    """For a read any 401 will do: their 401 body is undocumented (§4.13) and a second read costs nothing."""
    return answer.status == 401 or _is_unauthorised_write(answer)


def _content_read(answer: Answer, secrets: Collection[str]) -> Any:
    """The "data" of a success to a read, None when there is none. Raises what a read may raise."""
    _stop_if_busy(answer, Unavailable, frozenset({408, 429}))
    if 300 <= answer.status < 400:
        raise BrokenContract("redirected", _evidence(answer), status=answer.status)
    envelope = _envelope(answer)
    if envelope is None:
        raise BrokenContract("not_json", _evidence(answer), status=answer.status)
    if answer.status == 403 or envelope.key in _ACCOUNT_KEYS:
        raise Misconfigured("account_blocked", _evidence(answer, secrets), status=answer.status)
    if envelope.key == "exception":
        raise Unavailable("provider_error", _evidence(answer, secrets), status=answer.status)
    if envelope.key == "fail" or answer.status in (400, 422):
        raise Rejected("refused", _evidence(answer, secrets), status=answer.status)
    if not _is_success(answer, envelope):
        raise BrokenContract("unknown_answer", _evidence(answer, secrets), status=answer.status)
    return None if envelope.content == [] else envelope.content


def _receipt_of(answer: Answer, code: str) -> Receipt:
    _stop_if_busy(answer, OutcomeUnknown, frozenset(_BUSY))
    envelope = _envelope(answer)
    if envelope is None or 300 <= answer.status < 400:
        _unknown("not_json" if envelope is None else "redirected", answer)
    blocked = answer.status == 403 or (envelope.key in _ACCOUNT_KEYS and answer.status < 300)
    if blocked and _is_refusal(envelope):
        raise Misconfigured("account_blocked", _evidence(answer, [code]), status=answer.status)
    if not _is_success(answer, envelope) or not envelope.content:
        _unknown("provider_error" if envelope.key == "exception" else "answer_needs_a_look", answer, code)
    try:
        used = parsed(envelope.content, UsedVoucher)
    except ValueError:
        _unknown("unreadable", answer, code)
    if not mapping.same_code(code, used.voucher_code):
        _unknown("other_code", answer, code)
    if not mapping.is_used(used):
        _unknown("not_marked_used", answer, code)
    return mapping.receipt(used, code)


def _unknown(code: str, answer: Answer, *secrets: str) -> NoReturn:
    raise OutcomeUnknown(code, _evidence(answer, secrets), status=answer.status, retry_after=answer.retry_after)


def _stop_if_busy(answer: Answer, kind: type[ProviderError], busy: Collection[int]) -> None:
    if answer.status in busy or answer.status >= 500:
        code = _BUSY.get(answer.status, "provider_error")
        raise kind(code, _evidence(answer), status=answer.status, retry_after=answer.retry_after)


def _is_success(answer: Answer, envelope: Envelope) -> bool:
    """Their own definition, and none weaker: 2xx, key "success", and a "data" that is there, if only as null."""
    named = 200 <= answer.status < 300 and envelope.key == "success"
    return named and (envelope.content is None or isinstance(envelope.content, (dict, list)))


def _entries(content: Any) -> list[Any]:
    return content if isinstance(content, list) else [content] if content is not None else []


def _evidence(answer: Answer, secrets: Collection[str] = ()) -> str:
    """One line for a supervisor: their status and words, without what we sent them."""
    envelope = _envelope(answer)
    if envelope is None:
        return f"HTTP {answer.status}, {len(answer.body)} bytes that are not their JSON."
    words = envelope.msg if isinstance(envelope.msg, str) else envelope.message
    said = redacted_text(words, secrets) if isinstance(words, str) else ""
    return f"HTTP {answer.status}, key {redacted_text(envelope.key, secrets)[:40]!r}: {said}"
