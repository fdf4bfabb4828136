"""An operation's evidence as a person reads it: what happened, when, what was sent without secrets, what came back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from providers.models import Call, Decision, Evidence, Operation

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


@dataclass(frozen=True, slots=True)
class Entry:
    at: dt.datetime
    icon: str
    tone: str
    title: str
    where: str
    facts: list[tuple[str, str]] = field(default_factory=list)


def timeline(operation: Operation) -> list[Entry]:
    """Oldest first; at most a few hundred rows, since looks back off."""
    decisions = {str(decision.person_id): decision for decision in operation.decisions.select_related("person")}
    rows = [_entry(row, decisions) for row in operation.evidence.all()[:300]]
    rows += [_sent(call) for call in operation.calls.all()[:100]]
    rows += [
        Entry(row.at, "lock", "", _("Send %(n)s committed") % {"n": row.n}, "") for row in operation.attempts.all()
    ]
    return sorted(rows, key=lambda entry: entry.at)


def _entry(row: Evidence, decisions: dict[str, Decision]) -> Entry:
    title = str(VERDICTS.get(row.verdict, row.verdict))
    person = decisions.get(str(row.facts.get("person", "")))
    where = str(row.get_source_display())
    if person:
        where = f"{where} · {person.person}"
    return Entry(row.at, ICONS.get(row.source, "info"), TONES.get(row.verdict, ""), title, where, list(_facts(row)))


def _facts(row: Evidence) -> Iterable[tuple[str, str]]:
    if row.code:
        yield _("Word"), row.code
    for voucher in row.facts.get("vouchers", []):
        yield _("Voucher ••••%(last4)s") % voucher, _plain(voucher, skip=("last4",))
    for label, value in row.facts.get("references", {}).items():
        yield label, str(value)
    for key in ("detail", "status", "milliseconds", "note", "reason"):
        if row.facts.get(key) not in (None, ""):
            yield key, str(row.facts[key])[:300]


def _plain(facts: dict[str, Any], skip: tuple[str, ...]) -> str:
    return ", ".join(f"{key} {value}" for key, value in facts.items() if key not in skip)


def _sent(call: Call) -> Entry:
    answer = str(call.status) if call.status else call.error or "—"
    facts = [(_("Sent"), call.sent[:600]), (_("Came back"), call.received[:600] or "—")]
    facts.append((_("Answer"), f"{answer} · {call.milliseconds} ms"))
    return Entry(call.at, "next", "", f"{call.method} {call.path}", _("Call"), facts)
