"""What Altegio says by itself (fact sheet §9): unsigned, perhaps repeated, lost or out of order. A hint to read again.

They give an event no id. What tells one from another is what happened to what, and when it last changed; where they do not say
when, the whole of it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Mapping
from typing import Any

import msgspec

from providers.altegio import wire
from providers.contracts import Told
from providers.http import strict_json
from providers.normalise import clean_text

LONGEST_BODY = 256 * 1024
MOST_EVENTS = 100
LONGEST_KEY = 90
SUBJECTS = frozenset({"record", "client", "loyalty_card"})
_WORD = re.compile(r"[a-z][a-z_]{1,40}")
_STATUSES = frozenset({"create", "update", "delete"})
_events = msgspec.json.Decoder(list[msgspec.Raw])


def read_webhooks(body: bytes) -> list[tuple[Told, bytes]]:
    """An event, or a list of them, each with its bytes. Raises ValueError for all that is none, and nothing else."""
    if len(body) > LONGEST_BODY:
        raise ValueError("too large for an event")
    if not body.lstrip().startswith(b"["):
        return [(_told(strict_json(body), body), body)]
    try:
        events = [bytes(one) for one in _events.decode(body)]
    except msgspec.DecodeError as error:
        raise ValueError(str(error)) from None
    if not 1 <= len(events) <= MOST_EVENTS:
        raise ValueError("not a number of events that anybody sends")
    return [(_told(strict_json(one), one), one) for one in events]


def _told(value: Any, body: bytes) -> Told:
    if not isinstance(value, Mapping):
        raise ValueError("not an object")  # noqa: TRY004 - one kind of error, as promised
    resource, status = _text(value.get("resource")), _text(value.get("status"))
    if not _WORD.fullmatch(resource) or status not in _STATUSES:
        raise ValueError("an event without its resource or what happened")
    inner = value.get("data")
    subject: Mapping[str, Any] = inner if isinstance(inner, Mapping) else {}
    changed = _text(subject.get("last_change_date"))
    return Told(
        event_id=_key(value, resource, status, changed, body),
        event=f"{resource}.{status}",
        subject_kind=resource if resource in SUBJECTS else "",
        subject_id=wire.id_or_nothing(_text(value.get("resource_id"))) or None,
        made_at=_moment(changed),
        clue=wire.phone(_text(subject.get("phone"))) if resource == "loyalty_card" else "",
    )


def _key(value: Mapping[str, Any], resource: str, status: str, changed: str, body: bytes) -> str:
    place, subject = _text(value.get("company_id")), _text(value.get("resource_id"))
    key = f"{place}+{resource}+{subject}+{status}+{changed}"
    return key if changed and len(key) <= LONGEST_KEY else f"sha256:{hashlib.sha256(body).hexdigest()}"


def _text(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return clean_text(str(value)[:200])


def _moment(text: str) -> dt.datetime | None:
    """Shown to people and used for nothing; one without its offset is of a clock that we do not know."""
    try:
        found = dt.datetime.fromisoformat(text)
        return found.astimezone(dt.UTC) if found.tzinfo else None
    except (ValueError, OverflowError):
        return None
