"""What Rekaz says by itself (fact sheet §12): unsigned, repeated, out of order. A hint to read again, never a fact."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from providers.contracts import Told
from providers.http import strict_json
from providers.normalise import clean_text

LONGEST_BODY = 256 * 1024
_LONGEST_WORD = 120
_ID = re.compile(r"[A-Za-z0-9_-]{1,80}")
_EVENT = re.compile(r"[A-Za-z][A-Za-z0-9_.]{2,79}")
_SUBJECTS = ("reservation", "subscription", "merchandiseorder", "gift", "customer", "attendance")


def read_webhook(body: bytes) -> Told:
    """Keys in any case, `Data` optional. Raises ValueError for all that is no event, and nothing else."""
    if len(body) > LONGEST_BODY:
        raise ValueError("too large for an event")
    envelope = _plain_keys(strict_json(body))
    event = _word(envelope, "eventname", "event", "type")
    event_id = _word(envelope, "id", "eventid")
    inner = envelope.get("data")
    subject = _plain_keys(inner) if isinstance(inner, Mapping) else envelope if inner is None else {}
    if not _EVENT.fullmatch(event) or not _ID.fullmatch(event_id):
        raise ValueError("an event without its name or its id")
    subject_id = _word(subject, "id") if subject is not envelope else _word(subject, "reservationid", "subscriptionid")
    return Told(
        event_id=event_id,
        event=event,
        subject_kind=next((kind for kind in _SUBJECTS if event.casefold().startswith(kind)), ""),
        subject_id=subject_id if _ID.fullmatch(subject_id) else None,
        made_at=_moment(_word(envelope, "createdat", "creationtime")),
    )


def _plain_keys(value: Any) -> dict[str, Any]:
    """Raises ValueError for what is no object, and for one that has a key twice in two spellings."""
    if not isinstance(value, Mapping):
        raise ValueError("not an object")  # noqa: TRY004 - one kind of error, as promised
    found = {name.casefold(): inner for name, inner in value.items()}
    if len(found) != len(value):
        raise ValueError("a key twice")
    return found


def _word(fields: Mapping[str, Any], *names: str) -> str:
    value = next((fields[name] for name in names if fields.get(name) is not None), "")
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return clean_text(str(value)[: _LONGEST_WORD * 2])[:_LONGEST_WORD]


def _moment(text: str) -> dt.datetime | None:
    """Their times of creation are true UTC, with a zone or without one."""
    try:
        found = dt.datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=dt.UTC)).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        return None
