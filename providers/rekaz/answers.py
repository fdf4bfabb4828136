"""What an answer of Rekaz means: fact sheet §3 and §10, reliability §2.4 and §3.5.

A no is believed in one of their two JSON envelopes only. The page of a proxy, and Cloudflare's "error code: 1010", tell
nothing of a write; every answer to one that is neither its documented proof nor such a no is settled by reading.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple, NoReturn, TypeVar

from providers.contracts import Attending, Receipt
from providers.errors import BrokenContract, Misconfigured, OutcomeUnknown, ProviderError, Rejected, Unavailable
from providers.http import Answer, parsed, redacted_text, strict_json
from providers.normalise import zone_named
from providers.rekaz import payloads, wire
from providers.rekaz.payloads import AbpError, Attendance, Booked, Named, Paused, Refusal, Subscribed
from providers.rekaz.words import direction_of, subject_of

T = TypeVar("T")
_BUSY = {408: "provider_busy", 409: "provider_busy", 423: "provider_busy", 425: "provider_busy", 429: "rate_limited"}
_WAITS = frozenset({408, 429})
_REFUSALS = frozenset({400, 401, 403, 404})
_RIGHTS = frozenset({"unauthorized", "forbidden"})  # codes that speak of us and not of what was asked
_EFFECTS = frozenset({"id", "invoiceId", "reservationIds", "subscriptionId", "paymentLink", "actionId"})
_NEW_ID = re.compile(r"(?=[^0-9]*[0-9])[A-Za-z0-9][A-Za-z0-9-]{15,63}")
_FIELD = re.compile(r"[A-Za-z][A-Za-z0-9_.\[\]]{0,60}")
_MOST_FIELDS = 5


class No(NamedTuple):
    """Their application saying no, in either envelope. `code` is folded; `fields` are the names that it complains of."""

    code: str
    words: str
    fields: tuple[str, ...]


def refusal_in(answer: Answer) -> No | None:
    """None for anything else: HTML, a proxy's page, rubbish, and an error beside signs of an effect."""
    try:
        content = answer.json()
        said = parsed(content, Refusal)
        if _EFFECTS & set(content):
            return None
        return _abp_no(said) if said.error is not None else _problem_no(said, answer.status)
    except (BrokenContract, ValueError):
        return None


def _abp_no(said: Refusal) -> No | None:
    error = parsed(said.error, AbpError)
    if not error.message and not error.code:
        return None
    entries = error.validation_errors if isinstance(error.validation_errors, list) else []
    return No(wire.folded(error.code), error.message or "", tuple(_complaints(entries)))


def _complaints(entries: list[Any]) -> Iterator[str]:
    """Documented as `field`; ABP itself writes `members`."""
    for entry in entries[:_MOST_FIELDS]:
        if isinstance(entry, Mapping):
            members = entry.get("members")
            names = members if isinstance(members, list) else [entry.get("field")]
            yield from (name for name in names if isinstance(name, str))


def _problem_no(said: Refusal, status: int) -> No | None:
    """RFC 9110: it repeats its own status, and its `errors` quote what was sent, so that only their names are taken."""
    if not isinstance(said.title, str) or said.status != status or isinstance(said.status, bool):
        return None
    names = [name for name in said.errors if isinstance(name, str)] if isinstance(said.errors, Mapping) else []
    return No("", said.title, tuple(names[:_MOST_FIELDS]))


def is_unauthorised_read(answer: Answer) -> bool:
    """For a read any 401 will do: its body is undocumented, and a second read costs nothing."""
    return answer.status == 401


def is_unauthorised_write(answer: Answer) -> bool:
    """Only in their own words: it proves that nothing was done, so that the call may be made with another key."""
    return answer.status == 401 and refusal_in(answer) is not None


def unauthorised(answer: Answer) -> Misconfigured:
    return Misconfigured("login_refused", evidence(answer), status=answer.status)


# Reads


def content_of(answer: Answer, secrets: Collection[str] = ()) -> bytes:
    """The body of a success to a read. Raises what a read may."""
    if answer.status in _WAITS or answer.status >= 500:
        code = _BUSY.get(answer.status, "provider_error")
        raise Unavailable(code, evidence(answer, secrets), status=answer.status, retry_after=answer.retry_after)
    if 300 <= answer.status < 400:
        raise BrokenContract("redirected", evidence(answer), status=answer.status)
    if 200 <= answer.status < 300:
        return answer.body
    _refuse_read(answer, secrets)


def _refuse_read(answer: Answer, secrets: Collection[str]) -> NoReturn:
    said, words = refusal_in(answer), evidence(answer, secrets)
    if said and said.code == "ratelimit":
        raise Unavailable("rate_limited", words, status=answer.status)
    if answer.status == 403:
        raise Misconfigured("account_blocked" if said else "edge_blocked", words, status=answer.status)
    if said is None:
        raise BrokenContract("not_json" if not _is_json(answer) else "unknown_answer", words, status=answer.status)
    if answer.status in (400, 404, 422):
        raise Rejected("not_there" if answer.status == 404 else "refused", words, status=answer.status)
    raise BrokenContract("unknown_answer", words, status=answer.status)


def is_not_there(answer: Answer) -> bool:
    return answer.status == 404 and refusal_in(answer) is not None


def json_of(answer: Answer, secrets: Collection[str] = ()) -> Any:
    content_of(answer, secrets)
    return answer.json()


def listed(content: Any) -> payloads.Listed:
    """The three shapes of a collection (§2): an array, `{items}`, `{items, totalCount}`. Raises BrokenContract."""
    if isinstance(content, list):
        return payloads.Listed(content)
    try:
        return parsed(content, payloads.Listed)
    except ValueError as error:
        raise BrokenContract("unreadable", str(error)) from None


# Writes


def receipt_of_put(answer: Answer, receipt: Receipt, secrets: Collection[str]) -> Receipt:
    """204 is the whole of what they document, and it answers this one address."""
    if answer.status == 204 and not answer.body:
        return receipt
    _no_proof(answer, secrets)


def receipt_of_booking(answer: Answer, items: int, origin: str, secrets: Collection[str]) -> Receipt:
    """As many reservations as were asked for, each another one. The invoice may be missing (§10)."""
    booked = _success(answer, Booked, secrets)
    ids = booked.reservation_ids
    if len(ids) != items or len(set(ids)) != items or not all(_NEW_ID.fullmatch(each) for each in ids):
        _unknown("other_items", answer, secrets)
    return Receipt(
        references=_known(
            invoice=booked.invoice_id,
            reservations=" ".join(ids),
            payment_link=wire.payment_link(booked.payment_link, origin),
        )
    )


def receipt_of_customer(answer: Answer, secrets: Collection[str]) -> Receipt:
    """A bare JSON text that looks like an id: any other text is none."""
    content = _success(answer, str, secrets)
    if not _NEW_ID.fullmatch(content):
        _unknown("unreadable", answer, secrets)
    return Receipt(references={"customer": content})


def receipt_of_subscription(answer: Answer, origin: str, secrets: Collection[str]) -> Receipt:
    """The invoice is all that they name; which subscription it made has to be read (§8)."""
    made = _success(answer, Subscribed, secrets)
    if not _NEW_ID.fullmatch(made.invoice_id):
        _unknown("unreadable", answer, secrets)
    return Receipt(
        references=_known(invoice=made.invoice_id, payment_link=wire.payment_link(made.payment_link, origin))
    )


def receipt_of_pause(answer: Answer, subscription: str, times: tuple[str, str], secrets: Collection[str]) -> Receipt:
    found = _success(answer, Paused, secrets)
    if not same_id(found.subscription_id, subscription):
        _unknown("other_record", answer, secrets)
    if not all(_same_time(*pair) for pair in zip((found.paused_at, found.resume_at), times, strict=True)):
        _unknown("other_times", answer, secrets)
    return Receipt(references={"subscription": subscription})


def receipt_of_resumption(answer: Answer, subscription: str, secrets: Collection[str]) -> Receipt:
    found = _success(answer, Named, secrets)
    if not same_id(str(found.id), subscription):
        _unknown("other_record", answer, secrets)
    return Receipt(references={"subscription": subscription})


def receipt_of_attendance(answer: Answer, order: Attending, secrets: Collection[str]) -> Receipt:
    found = _success(answer, Attendance, secrets)
    known = (subject_of(found), direction_of(found))
    same = same_id(found.action_id, order.subject_id) and same_id(found.customer_id, order.customer_id)
    if not same or known != (order.subject, order.direction):
        _unknown("other_record", answer, secrets)
    name = "subscription" if order.subject == "subscription" else "reservations"
    return Receipt(references={name: order.subject_id, "customer": order.customer_id})


def same_id(one: str, other: str) -> bool:
    return one.casefold() == other.casefold() != ""


def _same_time(one: str, other: str) -> bool:
    """The same hand of the clock, whatever stands behind it: what their Z means is disputed."""
    try:
        zone = zone_named("UTC")
        return wire.moment(one, zone) == wire.moment(other, zone)
    except ValueError:
        return False


def _success(answer: Answer, kind: type[T], secrets: Collection[str]) -> T:
    if not 200 <= answer.status < 300:
        _no_proof(answer, secrets)
    try:
        content = answer.json()
        if isinstance(content, Mapping) and content.get("error"):
            _unknown("answer_needs_a_look", answer, secrets)
        return parsed(content, kind)
    except (BrokenContract, ValueError):
        _unknown("unreadable", answer, secrets)


def _no_proof(answer: Answer, secrets: Collection[str]) -> NoReturn:
    """Refused in their own words, or nobody can tell."""
    said = refusal_in(answer)
    if said is None or answer.status not in _REFUSALS or said.code == "ratelimit":
        _unknown(_unknown_code(answer, said), answer, secrets)
    words = evidence(answer, secrets)
    if answer.status == 401:
        raise unauthorised(answer)
    if answer.status == 403 and (said.code in _RIGHTS or said.code.startswith("voloauthorization")):
        raise Misconfigured("account_blocked", words, status=answer.status)
    raise Rejected("not_there" if answer.status == 404 else "provider_refused", words, status=answer.status)


def _unknown_code(answer: Answer, said: No | None) -> str:
    if said and said.code == "ratelimit":
        return "rate_limited"
    if answer.status in _BUSY or answer.status >= 500:
        return _BUSY.get(answer.status, "provider_error")
    if 300 <= answer.status < 400:
        return "redirected"
    if answer.status == 403:
        return "edge_blocked"
    return "answer_needs_a_look" if said or answer.status < 300 else "not_json"


def _unknown(code: str, answer: Answer, secrets: Collection[str]) -> NoReturn:
    raise OutcomeUnknown(code, evidence(answer, secrets), status=answer.status, retry_after=answer.retry_after)


def _known(**references: str) -> dict[str, str]:
    return {name: str(value) for name, value in references.items() if value}


def _is_json(answer: Answer) -> bool:
    try:
        answer.json()
    except ProviderError:
        return False
    return True


def texts_in(body: bytes | None) -> list[str]:
    """Every text that we sent: an answer may quote it."""
    return list(_texts(strict_json(body))) if body else []


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list):
        for inner in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(inner)


def evidence(answer: Answer, secrets: Collection[str] = ()) -> str:
    """One line for a supervisor: their status and words, without what we sent them."""
    said = refusal_in(answer)
    if said is None:
        return f"HTTP {answer.status}, {len(answer.body)} bytes that are no error of theirs."
    about = ", ".join(name for name in said.fields if _FIELD.fullmatch(name))
    words = redacted_text(f"{said.words} ({about})" if about else said.words, secrets)
    return f"HTTP {answer.status}, code {said.code[:40]!r}: {words}"
