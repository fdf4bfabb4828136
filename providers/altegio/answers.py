"""What an answer of Altegio means: fact sheet §1.3 and §1.4, reliability §2.4, §3.3 and §3.4.

A no is believed in their own envelope only: `success` is false, nothing in `data`, and a status that they document for it.
Their words are in the account's language, so nothing is ever told from them. A `success` that is false under a 200 has been
seen, and nobody knows what had happened before it: to a write it decides nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, NoReturn, TypeVar

from providers.altegio import mapping, payloads
from providers.altegio.payloads import Envelope
from providers.contracts import LoyaltyCardRecord, Receipt
from providers.errors import BrokenContract, Misconfigured, OutcomeUnknown, ProviderError, Rejected, Unavailable
from providers.http import Answer, parsed, redacted_text, strict_json
from providers.normalise import plain_amount, zone_named

T = TypeVar("T")
_BUSY = {408: "provider_busy", 409: "provider_busy", 423: "provider_busy", 425: "provider_busy", 429: "rate_limited"}
_WAITS = frozenset({408, 429})
_REFUSALS = frozenset({400, 404, 422})
_RIGHTS = frozenset({402, 403})  # the licence has ended, or our user may not
_EMPTY: tuple[Any, ...] = (None, [], {})


def envelope_of(answer: Answer) -> Envelope | None:
    """Their envelope, or None for anything else: bare data, HTML, a proxy's page, rubbish."""
    try:
        content = answer.json()
        found = parsed(content, Envelope)
    except (BrokenContract, ValueError):
        return None
    return found if isinstance(found.success, bool) else None


def refusal_in(answer: Answer) -> Envelope | None:
    """Their application saying no, without a sign of an effect beside it."""
    found = envelope_of(answer)
    return found if found and found.success is False and found.data in _EMPTY else None


def is_unauthorised_read(answer: Answer) -> bool:
    """For a read any 401 will do: a second read costs nothing."""
    return answer.status == 401


def is_unauthorised_write(answer: Answer) -> bool:
    """Only in their own words: it proves that nothing was done, so that the call may be made with another token."""
    return answer.status == 401 and refusal_in(answer) is not None


def unauthorised(answer: Answer) -> Misconfigured:
    return Misconfigured("login_refused", evidence(answer), status=answer.status)


# Reads


class Listed(NamedTuple):
    rows: Sequence[Any]
    total: int | None  # how many there are in all, where they say so


def content_of(answer: Answer, secrets: Collection[str] = ()) -> Any:
    """What a success to a read carries, with or without their envelope. Raises what a read may."""
    check_read(answer, secrets)
    content = answer.json()
    if isinstance(content, Mapping) and "success" in content:
        if content["success"] is not True:
            raise Rejected("refused", evidence(answer, secrets), status=answer.status)
        return content.get("data")
    return content


def check_read(answer: Answer, secrets: Collection[str] = ()) -> None:
    if answer.status in _WAITS or answer.status >= 500:
        code = _BUSY.get(answer.status, "provider_error")
        raise Unavailable(code, evidence(answer, secrets), status=answer.status, retry_after=answer.retry_after)
    if 300 <= answer.status < 400:
        raise BrokenContract("redirected", evidence(answer), status=answer.status)
    if not 200 <= answer.status < 300:
        _refuse_read(answer, secrets)


def _refuse_read(answer: Answer, secrets: Collection[str]) -> NoReturn:
    words = evidence(answer, secrets)
    if answer.status in _RIGHTS:
        raise Misconfigured("account_blocked" if refusal_in(answer) else "edge_blocked", words, status=answer.status)
    if refusal_in(answer) is None:
        raise BrokenContract("not_json" if not _is_json(answer) else "unknown_answer", words, status=answer.status)
    if answer.status in _REFUSALS:
        raise Rejected("not_there" if answer.status == 404 else "refused", words, status=answer.status)
    raise BrokenContract("unknown_answer", words, status=answer.status)


def is_not_there(answer: Answer) -> bool:
    return answer.status == 404 and refusal_in(answer) is not None


def listed(answer: Answer) -> Listed:
    """A list, enveloped or bare; one object where the documentation has one and a list is meant (§2.2)."""
    content = content_of(answer)
    if isinstance(content, Mapping) and "id" in content:
        content = [content]
    if not isinstance(content, list):
        raise BrokenContract("unreadable", "They answered no list.", status=answer.status)
    return Listed(content, total_in(answer))


def total_in(answer: Answer) -> int | None:
    """`meta` is an object where it says something, and an empty list where it does not."""
    found = envelope_of(answer)
    total = found.meta.get("total_count") if found and isinstance(found.meta, Mapping) else None
    return total_of(total)


def total_of(total: Any) -> int | None:
    if isinstance(total, bool) or not isinstance(total, int | str):
        return None
    text = str(total)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


# Writes


def receipt_of_card(answer: Answer, type_id: str, number: str, secrets: Collection[str]) -> Receipt:
    """A new card of the type and with the number that were asked for."""
    found = _card(answer, secrets)
    same_number = not number or found.number.lstrip("0") == number.lstrip("0")
    if found.type_id != type_id or not same_number:
        unknown("other_record", answer, secrets)
    return _receipt_of(found)


def receipt_of_transaction(answer: Answer, card_id: str, secrets: Collection[str]) -> Receipt:
    """Our card with its balance after it. They name no transaction, so which one it was has to be read (§2.4)."""
    found = _card(answer, secrets)
    if found.external_id != card_id or envelope_of(answer) is None:
        unknown("other_record", answer, secrets)
    return _receipt_of(found)


def receipt_of_removal(answer: Answer, card_id: str, secrets: Collection[str]) -> Receipt:
    """204 today, and 200 with their yes in an older documentation: either answers this one address."""
    said = envelope_of(answer)
    if not (answer.status == 204 and not answer.body) and not (answer.status == 200 and said and said.success is True):
        _no_proof(answer, secrets)
    return Receipt(references={"card": card_id})


def _receipt_of(found: LoyaltyCardRecord) -> Receipt:
    return Receipt(references={"card": found.external_id, "balance": plain_amount(found.balance)})


def _card(answer: Answer, secrets: Collection[str]) -> LoyaltyCardRecord:
    content = success_of(answer, secrets)
    try:
        if isinstance(content, list) and len(content) == 1:
            (content,) = content
        return mapping.card(content, zone_named("UTC"))
    except ValueError:
        unknown("unreadable", answer, secrets)


def success_of(answer: Answer, secrets: Collection[str]) -> Any:
    """What a 2xx carries: under `data` where their yes stands beside it, else the whole."""
    if not 200 <= answer.status < 300:
        _no_proof(answer, secrets)
    try:
        content = answer.json()
    except BrokenContract:
        unknown("not_json", answer, secrets)
    if not isinstance(content, Mapping) or not ("success" in content or "data" in content):
        return content
    if content.get("success") is not True:
        unknown("answer_needs_a_look", answer, secrets)
    return content.get("data")


def _no_proof(answer: Answer, secrets: Collection[str]) -> NoReturn:
    """Refused in their own words, or nobody can tell."""
    said, words = refusal_in(answer), evidence(answer, secrets)
    if said and answer.status == 401:
        raise unauthorised(answer)
    if said and answer.status in _RIGHTS:
        raise Misconfigured("account_blocked", words, status=answer.status)
    if said and answer.status in _REFUSALS:
        raise Rejected("not_there" if answer.status == 404 else "provider_refused", words, status=answer.status)
    unknown(_unknown_code(answer, said), answer, secrets)


def _unknown_code(answer: Answer, said: Envelope | None) -> str:
    if answer.status in _BUSY or answer.status >= 500:
        return _BUSY.get(answer.status, "provider_error")
    if 300 <= answer.status < 400:
        return "redirected"
    if answer.status == 403:
        return "edge_blocked"
    return "answer_needs_a_look" if said or answer.status < 300 else "not_json"


def unknown(code: str, answer: Answer, secrets: Collection[str]) -> NoReturn:
    raise OutcomeUnknown(code, evidence(answer, secrets), status=answer.status, retry_after=answer.retry_after)


def _is_json(answer: Answer) -> bool:
    try:
        answer.json()
    except ProviderError:
        return False
    return True


def session_of(answer: Answer, secrets: Collection[str]) -> payloads.Login:
    """Raises Misconfigured (login_refused, account_blocked), Unavailable, BrokenContract."""
    said = refusal_in(answer)
    if answer.status == 401 or (said and (answer.status in _REFUSALS or answer.status < 300)):
        raise Misconfigured("login_refused", evidence(answer, secrets), status=answer.status)
    try:
        return parsed(content_of(answer, secrets), payloads.Login)
    except Rejected as refusal:
        raise Misconfigured("login_refused", refusal.detail, status=answer.status) from None
    except ValueError as error:
        raise BrokenContract("unreadable", redacted_text(str(error), secrets), status=answer.status) from None


def texts_in(body: bytes | None) -> list[str]:
    """Every text that we sent, and the phone that goes as a number: an answer may quote it."""
    return list(_texts(strict_json(body))) if body else []


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, str | int) and not isinstance(value, bool):
        yield str(value)


def evidence(answer: Answer, secrets: Collection[str] = ()) -> str:
    """One line for a supervisor: their status and words, without what we sent them."""
    said = envelope_of(answer)
    if said is None:
        return f"HTTP {answer.status}, {len(answer.body)} bytes that are not in their envelope."
    message = said.meta.get("message") if isinstance(said.meta, Mapping) else None
    words = redacted_text(message, secrets) if isinstance(message, str) else ""
    return f"HTTP {answer.status}, success {str(said.success).lower()}: {words}"
