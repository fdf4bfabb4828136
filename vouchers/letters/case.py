"""What a letter about a case says, in the issuer's language. Of codes the last four, of ID numbers nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from branches.models import Branch
from branches.money import currency_sign, figure
from branches.templatetags.show import hijri
from providers import registry
from providers.models import Environment
from providers.timeline import labelled
from vouchers.letters.paper import HARD_SPACE, Paper, foreign, settable
from vouchers.models import Case, RedemptionLine


def case_letter(case: Case, language: str, *, now: dt.datetime) -> bytes:
    """The letter as PDF. Printing it changes nothing."""
    with translation.override(language):
        return bytes(_written(case, language, now).output())


def _written(case: Case, language: str, now: dt.datetime) -> Paper:
    branch, operation = case.branch, case.redemption.operation
    issuer = registry.provider_name(case.account.provider)
    company = branch.company_ar if language == "ar" else branch.company_en
    lines = [entry.line for entry in case.case_lines.select_related("line")]
    paper = Paper(
        language,
        title=f"{_('Correction of a redemption')} {case.reference}",
        foot=f"{case.reference} · {operation.reference}",
        stamp="" if case.account.environment == Environment.LIVE else _stamp(),
        now=now,
    )
    _head(paper, foreign(company), foreign(branch.name), issuer, _today(now.astimezone(branch.zone).date(), branch))
    for fact in _facts(case, lines):
        paper.fact(*fact[:2], ltr=fact[2])
    _story(paper, case)
    paper.headline(_("What we ask"))
    paper.say(settable(_asked(case, len(lines))), bold=True)
    paper.ln(2)
    paper.say(_("Please send us your decision, its date and your reference. Name our case number when you answer."))
    _signed(paper, foreign(company or branch.name), issuer, foreign(str(case.opened_by)))
    return paper


def _stamp() -> str:
    word = _("Training")
    return f"{word} · TRAINING" if word.upper() != "TRAINING" else word.upper()


def _head(paper: Paper, company: str, place: str, issuer: str, today: str) -> None:
    paper.say(company or place, size=15, bold=True)
    if company:
        paper.say(place, grey=True)
    paper.say(settable(today), grey=True)
    paper.rule()
    paper.say(settable(_("To: %(issuer)s") % {"issuer": issuer}), bold=True)
    paper.headline(_("Correction of a redemption"), size=16)
    paper.say(_("We found a mistake in the redemption below. Please correct it."))
    paper.ln(2.5)


def _facts(case: Case, lines: list[RedemptionLine]) -> Iterator[tuple[str, str, bool | None]]:
    """Label, value, and whether the value reads from the left; None where its own script decides, ours where it is our text."""
    operation, branch = case.redemption.operation, case.branch
    ours = not translation.get_language_bidi()
    local = (operation.finished_at or operation.created_at).astimezone(branch.zone)
    yield _("Case number"), case.reference, True
    yield _("Our reference"), operation.reference, True
    for label, value in labelled(_ids(operation.outcome.get("references", {}))):
        yield foreign(label), foreign(value), None
    for line in lines:
        worth = f"••••{foreign(line.code_last4)}", _sum(line.value, case.currency)
        yield _("Voucher, last four of the code"), worth[0], True
        yield _("Value of the voucher"), worth[1], ours
    yield _("Used on"), settable(_with_hijri(date_format(local, "DATETIME_FORMAT"), local.date(), branch)), ours
    yield _("Services total"), _sum(case.redemption.services_total, case.currency), ours
    yield _("Person present"), foreign(case.redemption.person_name) or "—", None
    yield _("Amount in dispute"), _sum(case.amount, case.currency), ours
    if case.right_amount is not None:
        yield _("Right amount"), _sum(case.right_amount, case.currency), ours


def _ids(references: Mapping[str, Any]) -> dict[str, Any]:
    """Of all that the issuer's receipt names, what it finds the redemption by."""
    return {name: value for name, value in references.items() if not name.endswith("_at")}


def _story(paper: Paper, case: Case) -> None:
    said, note = REASONS[case.reason](), foreign(case.note)
    if said or note:
        paper.headline(_("What went wrong"))
    if said:
        paper.say(said)
    if note:
        paper.quote(note)


REASONS: dict[str, Callable[[], str]] = {
    Case.Reason.WRONG_AMOUNT: lambda: _("The voucher was used for a wrong amount."),
    Case.Reason.WRONG_PERSON: lambda: _("The voucher was used for a wrong person."),
    Case.Reason.WRONG_VOUCHER: lambda: _("A wrong voucher was used."),
    Case.Reason.USED_TWICE: lambda: _("Your system counts this voucher as used twice."),
    Case.Reason.NOT_GIVEN: lambda: _("The voucher was used, but the service was not given."),
    Case.Reason.OTHER: lambda: "",
}


def _asked(case: Case, vouchers: int) -> str:
    amount = _sum(case.amount, case.currency)
    if case.ask == Case.Ask.GIVE_BACK:
        text = ngettext(
            "Please make the voucher usable again, and take %(amount)s back from this redemption.",
            "Please make the vouchers usable again, and take %(amount)s back from this redemption.",
            vouchers,
        )
        return text % {"amount": amount}
    if case.ask == Case.Ask.CREDIT:
        return _("Please credit us with %(amount)s.") % {"amount": amount}
    assert case.right_amount is not None
    right = _sum(case.right_amount, case.currency)
    return _("Please correct the amount to %(right)s. The difference is %(amount)s.") % {
        "right": right,
        "amount": amount,
    }


def _signed(paper: Paper, company: str, issuer: str, opener: str) -> None:
    ours = [_("For %(name)s") % {"name": company}, _("Name: %(name)s") % {"name": opener}]
    theirs = [settable(_("For %(name)s") % {"name": issuer}), _("Decision"), _("Reference"), _("Amount accepted")]
    paper.signatures([*ours, _("Signature"), _("Date")], [*theirs, _("Date, signature and stamp")])


def _sum(amount: Decimal, currency: str) -> str:
    return settable(f"{figure(amount, currency)}{HARD_SPACE}{currency_sign(currency)}")


def _today(day: dt.date, branch: Branch) -> str:
    return _with_hijri(date_format(day, "DATE_FORMAT"), day, branch)


def _with_hijri(written: str, day: dt.date, branch: Branch) -> str:
    return f"{written} · {hijri(day)}" if branch.shows_hijri and hijri(day) else written
