"""What every card of a redemption has: its step, its codes, whose they are, and the way to the next page."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from providers import registry
from providers.normalise import group_code
from vouchers import selectors, services
from vouchers.models import Lookup, Redemption
from vouchers.services.lookup import IN_SALE

SCAN, VERIFY, AMOUNTS, CONFIRM, RESULT = range(1, 6)


def steps(current: int) -> list[dict[str, Any]]:
    names = [_("Scan"), _("Verify"), _("Amounts"), _("Confirm"), _("Result")]
    return [{"name": name, "was": n < current, "now": n == current} for n, name in enumerate(names, 1)]


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


def chosen(row: Lookup) -> dict[str, Any] | None:
    return next((card for card in services.people_of(row) if card["id"] == row.person), None)


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
