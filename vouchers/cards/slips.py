"""The bilingual slip: Arabic, and the country’s other language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.utils import translation
from django.utils.safestring import SafeString
from django.utils.translation import gettext_noop as _t

from branches.models import Country
from branches.money import money
from branches.templatetags.show import hijri
from providers import registry
from providers.models import Environment
from vouchers.cards.around import of_redemption
from vouchers.cards.results import is_applied, lines_of, taken_off, to_pay
from vouchers.models import Redemption


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
