"""What a customer takes home of a booking: Arabic, and the country’s other language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import segno
from django.utils import translation
from django.utils.translation import gettext_noop as _t

from branches.models import Country
from providers.models import Environment
from reservations.cards.acts import DONE, LINK
from reservations.models import Act


def slip(act: Act) -> dict[str, Any] | None:
    """None where nothing was booked."""
    operation = act.operation
    if operation.kind != "booking.book" or operation.state not in DONE:
        return None
    branch = operation.branch
    other = "fr" if branch.country == Country.MA else "en"
    link = str(operation.outcome.get("references", {}).get(LINK, ""))
    return {
        "act": act,
        "operation": operation,
        "branch": branch,
        "other": other,
        "other_name": getattr(branch, f"name_{other}"),
        "heading": _pair(_t("Your appointment"), other),
        "rows": list(_rows(act, other)),
        "link": link,
        "qr": segno.make_qr(link, error="m").svg_data_uri(scale=3, border=2) if link else "",
        "pay": _pair(_t("Scan to pay"), other),
        "sandbox": operation.account.environment != Environment.LIVE,
    }


def _rows(act: Act, other: str) -> Iterator[dict[str, Any]]:
    zone = act.operation.branch.zone
    yield _pair(_t("Customer"), other) | {"value": act.asked.get("customer", "")}
    for item in act.asked.get("items", []):
        plain, arabic, _english = item["names"]
        starts = dt.datetime.fromisoformat(item["starts"]).astimezone(zone)
        yield _pair(_t("Service"), other) | {"value": arabic or plain}
        yield _pair(_t("Appointment"), other) | {"value": starts.strftime("%Y-%m-%d %H:%M"), "ltr": True}
    yield _pair(_t("Our reference"), other) | {"value": act.operation.reference, "ltr": True}


def _pair(text: str, other: str) -> dict[str, Any]:
    with translation.override("ar"):
        arabic = translation.gettext(text)
    with translation.override(other):
        return {"ar": arabic, "latin": translation.gettext(text)}
