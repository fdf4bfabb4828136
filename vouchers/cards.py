"""What each state of the card shows, as plain facts for its template."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils import timezone, translation
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as _t

from branches.models import Country
from branches.money import money
from branches.roles import Permission
from branches.selectors import may, permissions_at
from branches.templatetags.show import hijri
from providers import registry
from providers.contracts import POINTS
from providers.models import Environment, Operation, State
from providers.normalise import group_code
from providers.timeline import labelled, timeline
from vouchers import selectors, services
from vouchers.effects import lines_used, resource_of, used_in
from vouchers.models import Lookup, Redemption
from vouchers.outcomes import ICONS, SERVE_FULL, SHORT, Words, refusal, short_for, words_for
from vouchers.services import CannotRedeem
from vouchers.services.lookup import IN_SALE
from vouchers.services.sale import has_same_owner
from vouchers.several import words_for_several

SLOW = timedelta(seconds=6)  # after this a person is told that she may serve the next customer
SCAN, VERIFY, AMOUNTS, CONFIRM, RESULT = range(1, 6)


def steps(current: int) -> list[dict[str, Any]]:
    names = [_("Scan"), _("Verify"), _("Amounts"), _("Confirm"), _("Result")]
    return [{"name": name, "was": n < current, "now": n == current} for n, name in enumerate(names, 1)]


def go(request: HttpRequest, name: str, *args: Any) -> HttpResponse:
    """Redirect a page, or the page around a poll."""
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(headers={"HX-Redirect": resolve_url(name, *args)})
    return redirect(name, *args)


def groups(account_provider: str, code: str, last4: str) -> tuple[str, ...]:
    if code:
        return group_code(code, registry.SPECS[account_provider])
    return ("••••", last4) if last4 else ()


def of_lookup(row: Lookup) -> dict[str, Any]:
    provider = row.account.provider if row.account else ""
    return {
        "lookup": row,
        "branch": row.branch,
        "groups": groups(provider, row.code, row.code_last4) if provider else (),
        "typed": row.typed,
        "issuer": registry.provider_name(provider) if provider else "",
        "voucher": row.voucher,
        "notes": [forgiven(note) for note in row.notes],
    }


def forgiven(note: str) -> str:
    return {
        "digits": _("Digits read as Latin digits"),
        "marks": _("Hidden marks removed"),
        "spaces": _("Spaces removed"),
        "case": _("Letters read as capitals"),
        "layout_arabic": _("Read as typed on an Arabic keyboard"),
        "layout_azerty": _("Read as typed on a French keyboard"),
    }.get(note, note)


def takes_several(row: Lookup) -> bool:
    """Does this issuer take more than one voucher in a sale?"""
    return bool(row.account and registry.SPECS[row.account.provider].most_codes > 1)


def is_sale(row: Lookup) -> bool:
    """Is there a list to show? From the first scan on; not when the only code of it cannot be used."""
    return takes_several(row) and (row.state in IN_SALE or bool(selectors.others_of(row)))


def known_by_phone(row: Lookup) -> bool:
    return bool(row.account and registry.SPECS[row.account.provider].owner_check == "phone")


def waiting(row: Lookup) -> dict[str, Any]:
    age = timezone.now() - row.created_at
    return of_lookup(row) | {
        "steps": steps(SCAN),
        "polls": True,
        "slow": age > SLOW,
        "seconds": int(age.total_seconds()),
    }


def verified(row: Lookup, error: str = "") -> dict[str, Any]:
    return of_lookup(row) | {"steps": steps(VERIFY), "cards": row.cards, "error": refusal(error) if error else None}


def sale(row: Lookup, *, now: dt.datetime, at: str = "", typed_phone: str = "", error: str = "") -> dict[str, Any]:
    """The vouchers of a sale as they are scanned, and whose they are. `at`: where the person goes on, "owner" or the box."""
    owner = selectors.owner_of(row)
    others = selectors.others_of(row)
    entries = [_entry(one, row, owner, now, several=bool(others)) for one in (row, *others)]
    waits = any(entry["waits"] for entry in entries)
    where = "owner" if error in OWNER_PROBLEMS else "next"
    facts: dict[str, Any] = {
        "entries": entries,
        "waits": waits,
        "at": at or where,
        "typed_phone": typed_phone,
        "confirmed": chosen(row),
    }
    facts |= {"problem": {where: refusal(error)} if error else {}, "standing": _list_standing(entries)}
    if not waits and owner:
        facts |= _sums(row, now)
    return of_lookup(row) | {"steps": steps(SCAN if waits and owner is None else VERIFY)} | facts


OWNER_PROBLEMS = {"other_phone", "phone_unreadable", "person_missing", "still_looking"}


def _sums(row: Lookup, now: dt.datetime) -> dict[str, Any]:
    try:
        found = services.sale_of(row, now)
    except CannotRedeem as problem:
        return {"unpriced": refusal(problem.code)}
    points = sum((part.points for part in found.parts if part.points is not None), Decimal(0))
    return {"sale": found, "worth": found.worth, "currency": found.currency, "points": points, "unit": POINTS}


def _list_standing(entries: list[dict[str, Any]]) -> str:
    """Says to a poll whether the list would look as it does."""
    return " ".join(f"{entry['lookup'].pk.hex[:8]}-{entry['lookup'].state}-{entry['slow']:d}" for entry in entries)


def _entry(one: Lookup, first: Lookup, owner: Lookup | None, now: dt.datetime, *, several: bool) -> dict[str, Any]:
    """One voucher of the list: its code, what it is worth in the issuer's unit, and why it does not count, if so."""
    provider, age = first.account.provider if first.account else "", now - one.created_at
    code = "" if one.state in IN_SALE else one.refusal_code
    if one.state == Lookup.State.FOUND and owner and not has_same_owner(owner, one):
        code = "other_owner"
    problem = refusal(code) if code else None
    return {
        "lookup": one,
        "groups": groups(provider, one.code, one.code_last4),
        "typed": one.typed,
        "voucher": one.voucher if one.state == Lookup.State.FOUND else None,
        "waits": one.state == Lookup.State.WAITING,
        "seconds": int(age.total_seconds()),
        "slow": one.state == Lookup.State.WAITING and age > SLOW,
        "problem": problem,
        "advice": problem.now if problem and problem.now is not SERVE_FULL else "",
        "removable": one.pk != first.pk or several,
    }


def amounts(
    row: Lookup,
    found: services.Sale,
    typed: str | None = None,
    problem: str = "",
    refusal: CannotRedeem | None = None,
) -> dict[str, Any]:
    shown = typed if typed is not None else (str(row.services_total) if row.services_total is not None else "")
    figures = refusal.figures if refusal else {}
    left = None
    if not problem and refusal is None and row.services_total is not None:
        left = max(row.services_total - found.worth, Decimal(0))
    facts = {"typed_total": shown, "problem": problem, "figures": figures, "left": left, "person": chosen(row)}
    return of_lookup(row) | {"steps": steps(AMOUNTS)} | of_sale(found) | facts


def of_sale(found: services.Sale) -> dict[str, Any]:
    assert found.first.account is not None
    provider = found.first.account.provider
    listed = [
        {"groups": groups(provider, part.lookup.code, part.lookup.code_last4), "part": part} for part in found.parts
    ]
    facts = {"sale": found, "worth": found.worth, "currency": found.currency, "unit": POINTS, "listed": []}
    if len(listed) > 1 or found.rate is not None:  # then the list has the codes, and what each takes off
        facts |= {"listed": listed, "groups": (), "typed": "", "many": len(listed) > 1}
    return facts | {"by_phone": known_by_phone(found.first), "voucher": found.parts[0].voucher}


def chosen(row: Lookup) -> dict[str, Any] | None:
    return next((card for card in services.people_of(row) if card["id"] == row.person), None)


def confirm(row: Lookup, now: dt.datetime) -> dict[str, Any]:
    draft = services.ready_to_redeem(row, now)
    facts = {"left": draft.left, "person": draft.card, "shown": shown(row, draft.sale)}
    return of_lookup(row) | {"steps": steps(CONFIRM)} | of_sale(draft.sale) | facts


def shown(row: Lookup, found: services.Sale) -> str:
    """What the confirm card repeats and another tab may change: it comes back with the press."""
    last4s = " ".join(part.lookup.code_last4 for part in found.parts)
    return f"{row.person} {row.services_total} {found.worth} {last4s}".strip()


# Refusals ---------------------------------------------------------------------------------------------------------------


def unreadable(typed: str) -> dict[str, Any]:
    return {
        "steps": steps(SCAN),
        "words": refusal("malformed"),
        "tone": "refused",
        "typed": str(typed)[:60],
        "code": "malformed",
    }


def busy(typed: str) -> dict[str, Any]:
    """Nothing was recorded: what she typed goes along, for the next try."""
    facts = {"steps": steps(SCAN), "words": refusal("busy"), "tone": "plain", "icon": "warn", "state_text": _("Busy")}
    return facts | {
        "typed": typed[:200],
        "code": "busy",
        "retry": resolve_url("vouchers:start"),
        "retry_q": typed[:200],
    }


def refused_lookup(row: Lookup, user: Any) -> dict[str, Any]:
    failed = row.state == Lookup.State.FAILED
    return _refused(row, row.refusal_code, row.holder, user) | {"retry": _again(row) if failed else ""}


def refused(row: Lookup, problem: CannotRedeem, user: Any) -> dict[str, Any]:
    """Too much waits: the same press once more. No answer: the voucher is read once more."""
    retry = {"issuer_down": _again(row), "busy": resolve_url("vouchers:confirm", row.pk)}.get(problem.code, "")
    found = _refused(row, problem.code, problem.holder, user) | {"retry": retry}
    return found | ({"state_text": _("Busy"), "steps": steps(CONFIRM)} if problem.code == "busy" else {})


def _again(row: Lookup) -> str:
    return resolve_url("vouchers:again", row.pk)


def _refused(row: Lookup, code: str, holder: Operation | None, user: Any) -> dict[str, Any]:
    words = refusal(code)
    currency = row.voucher.currency if row.voucher else row.branch.currency
    holder = holder or _ours(row, code)
    return of_lookup(row) | {
        "steps": steps(VERIFY if code != "malformed" else SCAN),
        "words": words,
        "tone": words.tone,
        "icon": "warn" if words.tone == "plain" else ICONS[words.tone],
        "state_text": {"checking": _("In use"), "plain": _("No answer")}.get(words.tone, _("Cannot be used")),
        "code": code,
        "zero": money(Decimal(0), currency, "xl") if words.money == "zero" else "",
        "holder": holder,
        "holder_redemption": _open_to(holder, user),
    }


def _ours(row: Lookup, code: str) -> Operation | None:
    """The issuer says used: was it us?"""
    if code != "already_used" or row.account is None:
        return None
    return selectors.holder_of(row.account, row.code)


def _open_to(holder: Operation | None, user: Any) -> Redemption | None:
    if holder is None or not may(user, Permission.LEDGER, holder.branch):
        return None
    return Redemption.objects.filter(operation=holder).first()


# Result -----------------------------------------------------------------------------------------------------------------


def result(row: Redemption, user: Any, *, now: dt.datetime) -> dict[str, Any]:
    operation = row.operation
    age = now - operation.created_at
    words = words_of(row, slow=age > SLOW)
    lines = row.lines.all()
    rights = permissions_at(user, operation.branch)
    return of_redemption(row) | {
        "steps": steps(RESULT),
        "words": words,
        "tone": words.tone,
        "icon": ICONS[words.tone],
        "short": short_for(operation, words),
        "amount": headline_amount(row, words),
        "say": sentences(row, words),
        "lines": lines_of(row),
        "taken": taken_off(row),
        "seconds": int(((operation.finished_at or now) - operation.created_at).total_seconds()),
        "polls": operation.is_open and operation.state != State.NEEDS_REVIEW,
        "standing": standing(operation, now),
        "slow": age > SLOW,
        "voucher": lines[0].voucher,
        "groups": (operation.reference,) if len(lines) > 1 else groups_of(row),
        "applied": is_applied(operation),
        "retry": retryable(row),
        "mine": operation.actor_id == user.pk,
        "entries": timeline(operation) if Permission.EVIDENCE in rights else [],
        "references": labelled(operation.outcome.get("references", {})),
        **corrections(row, rights),
    }


def corrections(row: Redemption, rights: frozenset[str]) -> dict[str, Any]:
    """What is disputed or was taken back afterwards, and what this person may do about it."""
    if row.operation.state not in selectors.APPLIED:
        return {}
    case: Any = selectors.case_of(row)
    corrected = case.taken_back if case else None
    free = (case is None or case.is_closed) and -(corrected or 0) < taken_off(row)
    return {
        "disputed": None if case is None or case.is_closed else case.amount,
        "corrected": corrected,
        "case": case if Permission.CASES in rights else None,
        "may_open_case": free and Permission.CASES_OPEN in rights,
    }


def words_of(row: Redemption, *, slow: bool) -> Words:
    words = words_for_several if len(row.lines.all()) > 1 else words_for
    return words(row.operation, slow=slow)


def standing(operation: Operation, now: dt.datetime) -> str:
    """What a page shows of it, in a word: as long as it stays, there is nothing new to show."""
    return f"{operation.state}-{words_for(operation, slow=now - operation.created_at > SLOW).tone}"


def of_redemption(row: Redemption) -> dict[str, Any]:
    operation = row.operation
    return {
        "redemption": row,
        "operation": operation,
        "branch": operation.branch,
        "issuer": registry.provider_name(operation.account.provider),
        "groups": groups_of(row),
        "more": len(row.lines.all()) - 1,
    }


def groups_of(row: Redemption) -> tuple[str, ...]:
    """The code of its first voucher."""
    line = row.lines.all()[0]
    return groups(row.operation.account.provider, line.code, line.code_last4)


def lines_of(row: Redemption) -> list[dict[str, Any]]:
    """Which of several vouchers was used: shown where there is more than one, or where they are points."""
    operation, lines = row.operation, list(row.lines.all())
    if len(lines) == 1 and lines[0].points is None:
        return []
    used = used_in(operation)
    open_tone = words_for(operation, slow=False).tone if operation.is_open else ""
    tones = [open_tone or ("done" if resource_of(line.code_hash) in used else "refused") for line in lines]
    return [
        {
            "line": line,
            "groups": groups(operation.account.provider, line.code, line.code_last4),
            "tone": tone,
            "icon": ICONS[tone],
            "label": SHORT[tone],
        }
        for line, tone in zip(lines, tones, strict=True)
    ]


def taken_off(row: Redemption) -> Decimal:
    """What the vouchers took off the bill: of a redemption in part, those that were used."""
    if not row.operation.in_part:
        return row.operation.amount
    return sum((line.value for line in lines_used(row)), Decimal(0))


def to_pay(row: Redemption) -> Decimal:
    return row.services_total - taken_off(row)


def is_applied(operation: Operation) -> bool:
    return operation.state in (State.SUCCEEDED, State.RESOLVED_APPLIED, State.PARTIAL)


def retryable(row: Redemption) -> bool:
    """A new attempt is safe: nothing was sent, or two looks and the waiting time say that nothing happened. Of a sale that was
    refused because of one of its vouchers the others can be redeemed."""
    if row.operation.state == State.REFUSED and row.operation.sends == 0 and len(row.lines.all()) > 1:
        return row.lookup_id is not None
    ended = row.operation.state in (State.NOT_SENT, State.NOT_APPLIED, State.RESOLVED_NOT_APPLIED)
    return row.lookup_id is not None and (ended or row.operation.in_part)  # of a part: what was not used


def headline_amount(row: Redemption, words: Words) -> tuple[str, SafeString] | None:
    """The largest thing on the card: what to take now, what is at stake, or nothing."""
    total, value, several = row.services_total, row.operation.amount, len(row.lines.all()) > 1
    return {
        "to_pay": (_("Take from the customer now"), money(to_pay(row), row.currency, "xl")),
        "value": (
            _("Value of the vouchers") if several else _("Value of the voucher"),
            money(value, row.currency, "xl"),
        ),
        "total": (_("The customer pays in full"), money(total, row.currency, "xl")),
        "zero": (_("Taken off with the voucher"), money(Decimal(0), row.currency, "xl")),
    }.get(words.money)


def sentences(row: Redemption, words: Words) -> dict[str, SafeString]:
    """The texts with their figures in. The figures are our own markup; the texts are ours; nothing else is in them."""
    figures = {
        "to_pay": money(to_pay(row), row.currency),
        "value": money(taken_off(row), row.currency),
        "n": len(row.lines.all()),
        "used": len(used_in(row.operation)) if row.operation.in_part else 0,
    }
    nothing_left = words.money == "to_pay" and to_pay(row) == 0
    now = _("Nothing to take. Give the receipt.") if nothing_left else words.now
    texts = {"now": now, "customer": words.customer, "what": words.what, "headline": words.headline}
    return {name: mark_safe(str(text % figures)) for name, text in texts.items()}  # noqa: S308


def slip(row: Redemption) -> dict[str, Any] | None:
    """The bilingual slip: Arabic, and the country's other language. None when there is nothing to certify."""
    operation = row.operation
    if not is_applied(operation):
        return None
    other = "fr" if operation.branch.country == Country.MA else "en"
    line, used = row.lines.all()[0], [one for one in lines_of(row) if one["tone"] == "done"]
    many = len(used) > 1
    left, at = to_pay(row), operation.finished_at or operation.created_at
    return of_redemption(row) | {
        "other": other,
        "other_name": getattr(operation.branch, f"name_{other}"),
        "sums": [
            _pair(_t("Services total"), other) | {"amount": _arabic(row.services_total, row.currency)},
            _pair(_t("Vouchers") if many else _t("Voucher"), other)
            | {"amount": _arabic(-taken_off(row), row.currency)},
            _pair(_t("Paid"), other) | {"amount": _arabic(left, row.currency), "total": True},
        ],
        "codes": [one | {"amount": _arabic(one["line"].value, row.currency)} for one in used],
        "rows": list(_slip_rows(row, line.voucher.holder_phone_masked, at, other)),
        "redeemed": _pair(
            _t("%(issuer)s vouchers redeemed") if many else _t("%(issuer)s voucher redeemed"),
            other,
            issuer=operation.account.provider,
        ),
        "final": _pair(
            _t("These vouchers cannot be used again.") if many else _t("This voucher cannot be used again."), other
        ),
        "sandbox": operation.account.environment != Environment.LIVE,
    }


def _slip_rows(row: Redemption, phone: str, at: dt.datetime, other: str) -> Iterator[dict[str, Any]]:
    operation = row.operation
    local = at.astimezone(operation.branch.zone)
    with translation.override("ar"):
        till = " · " + translation.gettext("Till %(n)s") % {"n": operation.till.number} if operation.till else ""
    if row.person_name:
        yield _pair(_t("Person present"), other) | {"value": row.person_name}
    if phone:
        yield _pair(_t("Holder’s phone"), other) | {"value": phone, "ltr": True}
    yield _pair(_t("Date"), other) | {"value": local.strftime("%Y-%m-%d %H:%M"), "ltr": True}
    if operation.branch.shows_hijri:
        with translation.override("ar"):
            yield _pair(_t("Hijri date"), other) | {"value": hijri(local.date())}
    yield _pair(_t("Staff and till"), other) | {"value": f"{operation.actor or ''}{till}"}
    order = operation.outcome.get("references", {}).get("order_id")
    if order:
        yield _pair(_t("Issuer’s number"), other) | {"value": order, "ltr": True}
    yield _pair(_t("Our reference"), other) | {"value": operation.reference, "ltr": True}


def _pair(text: str, other: str, issuer: str = "") -> dict[str, Any]:
    with translation.override("ar"):
        arabic = _named(translation.gettext(text), issuer)
    with translation.override(other):
        return {"ar": arabic, "latin": _named(translation.gettext(text), issuer)}


def _named(text: str, issuer: str) -> str:
    return text % {"issuer": registry.provider_name(issuer)} if issuer else text


def _arabic(amount: Decimal, currency: str) -> SafeString:
    with translation.override("ar"):
        return money(amount, currency)
