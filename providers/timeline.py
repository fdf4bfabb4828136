"""An operation's evidence as a person reads it: what happened, when, what was sent without secrets, what came back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from providers.models import Call, Decision, Evidence, Operation
from providers.operations.review import REASONS

VERDICTS = {
    "applied": gettext_lazy("It is used"),
    "clear": gettext_lazy("It is not used"),
    "blocked": gettext_lazy("It cannot be used"),
    "partial": gettext_lazy("A part is used"),
    "unclear": gettext_lazy("It decides nothing"),
    "no_answer": gettext_lazy("No answer"),
    "unknown": gettext_lazy("No clear answer"),
    "refused": gettext_lazy("The issuer refused"),
    "not_sent": gettext_lazy("Nothing left this machine"),
    "not_applied": gettext_lazy("It is not used"),
    "succeeded": gettext_lazy("It is used"),
    "unsent": gettext_lazy("Nothing left this machine"),
}
ICONS = {"before": "search", "response": "next", "read": "search", "late": "info", "watch": "search", "person": "user"}
TONES = {"applied": "done", "succeeded": "done", "no_answer": "checking", "unknown": "checking", "unclear": "checking"}
# Which side of "was it us?" a fact speaks for. What is in neither list stands on the side of doubt.
FOR_US = {
    ("before", "clear"),
    ("response", "applied"),
    ("response", "unknown"),
    ("read", "applied"),
    ("late", "succeeded"),
}
STATUSES = {
    "usable": gettext_lazy("Usable"),
    "used": gettext_lazy("Used"),
    "expired": gettext_lazy("Expired"),
    "canceled": gettext_lazy("Canceled"),
    "pending": gettext_lazy("Pending"),
    "unseen": gettext_lazy("Unknown status"),
    "not_found": gettext_lazy("Not found"),
}
LABELS = {
    "detail": gettext_lazy("Details"),
    "status": gettext_lazy("Answer"),
    "milliseconds": gettext_lazy("Milliseconds"),
    "note": gettext_lazy("Note"),
    "reason": gettext_lazy("Reason"),
    "code": gettext_lazy("Reason code"),
    "last4": gettext_lazy("Code ends in"),
    "id": gettext_lazy("Issuer’s voucher number"),
    "order_id": gettext_lazy("Issuer’s number"),
    "center_id": gettext_lazy("Centre at the issuer"),
    "client_id": gettext_lazy("Customer at the issuer"),
    "voucher_id": gettext_lazy("Kind of voucher"),
    "created_at": gettext_lazy("Created at the issuer"),
    "updated_at": gettext_lazy("Changed at the issuer"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    at: dt.datetime
    icon: str
    tone: str
    title: str
    where: str
    facts: list[tuple[str, str]] = field(default_factory=list)
    for_us: bool = False
    is_call: bool = False


def timeline(operation: Operation) -> list[Entry]:
    """Oldest first; at most a few hundred rows, since looks back off."""
    decisions = {str(decision.person_id): decision for decision in operation.decisions.select_related("person")}
    rows = [_entry(row, decisions) for row in operation.evidence.all()[:300]]
    rows += [_sent(call) for call in operation.calls.all()[:100]]
    rows += [_attempt(row.at, row.n) for row in operation.attempts.all()]
    return sorted(rows, key=lambda entry: entry.at)


def labelled(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Facts of a discrepancy or a receipt with words a person knows; a name that only the provider knows stays as it is."""
    return [(str(LABELS.get(name, name)), str(value)[:160]) for name, value in facts.items() if _plain(value)]


def _plain(value: Any) -> bool:
    return isinstance(value, (str, int)) and value != ""


def _attempt(at: dt.datetime, n: int) -> Entry:
    return Entry(at, "lock", "", _("Send %(n)s committed") % {"n": n}, "", for_us=True)


def _entry(row: Evidence, decisions: dict[str, Decision]) -> Entry:
    title = str(VERDICTS.get(row.verdict, row.verdict))
    person = decisions.get(str(row.facts.get("person", "")))
    where = str(row.get_source_display())
    if person:
        where = f"{where} · {person.person}"
    icon, tone = ICONS.get(row.source, "info"), TONES.get(row.verdict, "")
    return Entry(row.at, icon, tone, title, where, list(_facts(row)), for_us=(row.source, row.verdict) in FOR_US)


def _facts(row: Evidence) -> Iterable[tuple[str, str]]:
    if row.code:
        yield _("Reason code"), row.code
    for voucher in row.facts.get("vouchers", []):
        yield _("Voucher ••••%(last4)s") % voucher, seen_of(voucher)
    yield from labelled(row.facts.get("references", {}))
    for name in ("detail", "status", "milliseconds", "note"):
        if row.facts.get(name) not in (None, ""):
            yield str(LABELS[name]), str(row.facts[name])[:300]
    if row.facts.get("reason"):
        yield str(LABELS["reason"]), str(REASONS.get(row.facts["reason"], row.facts["reason"]))


def seen_of(voucher: Mapping[str, str]) -> str:
    """What a look saw: our word, theirs where it is another, and the value."""
    word = str(STATUSES.get(voucher.get("status", ""), voucher.get("status", "")))
    return " · ".join(part for part in (word, voucher.get("raw_status", ""), voucher.get("value", "")) if part)


def _sent(call: Call) -> Entry:
    answer = str(call.status) if call.status else call.error or "—"
    facts = [(_("Sent"), call.sent[:600]), (_("Came back"), call.received[:600] or "—")]
    facts.append((_("Answer"), f"{answer} · {call.milliseconds} ms"))
    return Entry(call.at, "next", "", f"{call.method} {call.path}", _("Call"), facts, is_call=True)
