"""An operation's evidence as a person reads it: what happened, when, what was sent without secrets, what came back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from providers.models import Account, Call, Decision, Discrepancy, Evidence, Operation
from providers.operations.review import REASONS
from providers.specs import SPECS

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
    "card": gettext_lazy("Card at the provider"),
    "expected": gettext_lazy("Expected"),
    "found": gettext_lazy("Shown by the provider"),
    "difference": gettext_lazy("Difference"),
}


Texts = Mapping[str, str | Promise]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """In whose words evidence is told: a voucher is used, a booking is made. `told` gives the facts of a look, by label."""

    verdicts: Texts
    sources: Texts
    discrepancies: Texts
    reasons: Texts
    told: Callable[[Mapping[str, Any]], Iterable[tuple[str, str]]]
    codes: Texts = field(default_factory=dict)


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


_SPOKEN: dict[str, Vocabulary] = {}


def spoken_in(kind: str, vocabulary: Vocabulary) -> None:
    """Domains bring their words; `kind` is a provider's."""
    _SPOKEN[kind] = vocabulary


def vocabulary_of(account: Account) -> Vocabulary:
    spec = SPECS.get(account.provider)
    return _SPOKEN.get(spec.kind if spec else "", VOUCHERS)


def timeline(operation: Operation, said: Iterable[Decision] | None = None) -> list[Entry]:
    """Oldest first; at most a few hundred rows, since looks back off. `said`: its decisions, where they are there already."""
    known = operation.decisions.select_related("person") if said is None else said
    decisions = {str(decision.person_id): decision for decision in known}
    words = vocabulary_of(operation.account)
    rows = [_entry(row, decisions, words) for row in operation.evidence.all()[:300]]
    rows += [_sent(call) for call in operation.calls.all()[:100]]
    rows += [_attempt(row.at, row.n) for row in operation.attempts.all()]
    return sorted(rows, key=lambda entry: entry.at)


def discrepancy_told(row: Discrepancy) -> tuple[str, list[tuple[str, str]]]:
    """What is wrong, and the facts."""
    words = vocabulary_of(row.account)
    title = str(words.discrepancies.get(row.kind) or row.get_kind_display())
    if words is VOUCHERS or row.kind in (Discrepancy.Kind.CONTRACT, Discrepancy.Kind.BALANCE):
        return title, labelled(row.facts)
    return title, list(words.told(row.facts))


def labelled(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Facts of a discrepancy or a receipt with words a person knows; a name that only the provider knows stays as it is."""
    return [(str(LABELS.get(name, name)), str(value)[:160]) for name, value in facts.items() if _plain(value)]


def _plain(value: Any) -> bool:
    return isinstance(value, (str, int)) and value != ""


def _attempt(at: dt.datetime, n: int) -> Entry:
    return Entry(at, "lock", "", _("Send %(n)s committed") % {"n": n}, "", for_us=True)


def _entry(row: Evidence, decisions: dict[str, Decision], words: Vocabulary) -> Entry:
    title = str(words.verdicts.get(row.verdict, row.verdict))
    person = decisions.get(str(row.facts.get("person", "")))
    where = str(words.sources.get(row.source) or row.get_source_display())
    if person:
        where = f"{where} · {person.person}"
    icon, tone = ICONS.get(row.source, "info"), TONES.get(row.verdict, "")
    for_us = (row.source, row.verdict) in FOR_US
    return Entry(row.at, icon, tone, title, where, list(_facts(row, words)), for_us=for_us)


def _facts(row: Evidence, words: Vocabulary) -> Iterable[tuple[str, str]]:
    if row.code:
        yield _("Reason code"), str(words.codes.get(row.code, row.code))
    answered = row.source in (Evidence.From.RESPONSE, Evidence.From.LATE, Evidence.From.PERSON)
    if not answered and row.verdict != "no_answer":
        yield from words.told(row.facts)
    yield from labelled(row.facts.get("references", {}))
    for name in ("detail", "status", "milliseconds", "note"):
        if row.facts.get(name) not in (None, "") and (answered or name != "status"):
            yield str(LABELS[name]), str(row.facts[name])[:300]
    if row.facts.get("reason"):
        yield str(LABELS["reason"]), str(words.reasons.get(row.facts["reason"], row.facts["reason"]))


def _vouchers(facts: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    for voucher in facts.get("vouchers", []):
        yield _("Voucher ••••%(last4)s") % voucher, seen_of(voucher)


def seen_of(voucher: Mapping[str, str]) -> str:
    """What a look saw: our word, theirs where it is another, and the value."""
    word = str(STATUSES.get(voucher.get("status", ""), voucher.get("status", "")))
    return " · ".join(part for part in (word, voucher.get("raw_status", ""), voucher.get("value", "")) if part)


def _sent(call: Call) -> Entry:
    answer = str(call.status) if call.status else call.error or "—"
    facts = [(_("Sent"), call.sent[:600]), (_("Came back"), call.received[:600] or "—")]
    facts.append((_("Answer"), f"{answer} · {call.milliseconds} ms"))
    return Entry(call.at, "next", "", f"{call.method} {call.path}", _("Call"), facts, is_call=True)


VOUCHERS = Vocabulary(VERDICTS, {}, {}, REASONS, _vouchers)
