"""The cards before a change in a visit: what it is about, what will be different, and whether that can be taken back."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

from django.shortcuts import resolve_url
from django.utils.translation import gettext as _

from branches.models import Branch
from branches.money import money_text
from customers.models import ProviderCustomer
from loyalty.cards import asked
from loyalty.cards.people import masked, programs_of, tail
from loyalty.cards.visits import ZERO, address_of, most_of
from loyalty.models import Appointment, Ask, Visit
from loyalty.outcomes import refusal
from loyalty.selectors import Held
from loyalty.services import standing
from providers.contracts.loyalty_orders import Movement

POINTS = "PTS"


def _card(row: Appointment, one: Held) -> dict[str, Any]:
    return {
        "row": row,
        "who": row.client_name,
        "card": one.card,
        "tail": tail(one.card.number),
        "as_of": one.as_of,
        "back": address_of(row),
        "token": uuid.uuid4(),
        "page": "visits",
    }


def amount(row: Appointment, bill: Visit, one: Held, branch: Branch) -> dict[str, Any]:
    most = most_of(one.card, bill)
    return _card(row, one) | {
        "title": _("Pay with points"),
        "bill": bill,
        "most": most,
        "typed": f"{most:f}" if most else "",
        "branch": branch,
    }


def withdrawal(row: Appointment, bill: Visit, one: Held, amount: Decimal, token: uuid.UUID) -> dict[str, Any]:
    """`token` is of the address: the same confirmation in two tabs is one act."""
    most = most_of(one.card, bill)
    warning = _("Only %(n)s can be taken.") % {"n": money_text(most, POINTS)} if amount > most else ""
    return _card(row, one) | {
        "title": _("Pay with points"),
        "label": _("Taken from the card"),
        "amount": amount,
        "unit": POINTS,
        "bill": bill,
        "left_after": max(bill.left_to_pay - min(amount, most), ZERO),
        "warning": warning,
        "button": _("Take %(n)s") % {"n": money_text(amount, POINTS)},
        "hidden": {"amount": f"{amount:f}"},
        "back": resolve_url("loyalty:withdraw", row.pk, one.card.pk),
        "token": token,
    }


def cancellation(
    row: Appointment, bill: Visit, one: Held, currency: str, program_id: str | None = None
) -> dict[str, Any]:
    """It names what it takes back: exactly these, and no others."""
    movement = Movement.WITHDRAWAL if program_id is None else Movement.DISCOUNT
    rows = standing(bill, movement, one.card.external_id, program_id)
    amount = sum((abs(Decimal(each["amount"])) for each in rows), ZERO)
    points = program_id is None
    unit = POINTS if points else currency
    return _card(row, one) | {
        "title": _("Give points back") if points else _("Take a discount back"),
        "label": _("Given back to the card") if points else _("Put back on the bill"),
        "amount": amount,
        "unit": unit,
        "rows": [abs(Decimal(each["amount"])) for each in rows] if len(rows) > 1 else [],
        "bill": bill,
        "left_after": bill.left_to_pay + amount,
        "program": _program(one, program_id or ""),
        "possible": bool(rows),
        "button": (_("Give %(n)s back") if points else _("Take %(n)s back")) % {"n": money_text(amount, unit)},
    }


def discount(row: Appointment, bill: Visit, one: Held, program_id: str) -> dict[str, Any] | None:
    """None where the card has no such program."""
    program = next((each for each in programs_of(one.card) if each.id == program_id), None)
    if program is None:
        return None
    return _card(row, one) | {
        "title": _("Apply a discount"),
        "label": "",
        "discount": program,
        "bill": bill,
        "program": program.title,
        "button": _("Apply the discount"),
    }


def _program(one: Held, program_id: str) -> str:
    return next((each.title for each in programs_of(one.card) if each.id == program_id), program_id)


# Who brought them -----------------------------------------------------------------------------------------------------


def referral(row: Appointment) -> dict[str, Any]:
    return {"title": _("Referral"), "row": row, "who": row.client_name, "back": address_of(row), "page": "visits"}


def referrer(row: Appointment, ask: Ask, now: dt.datetime) -> dict[str, Any]:
    """Whoever the provider knows by this number, without the customer themselves. `known`: it may be confirmed."""
    address = resolve_url("loyalty:referral_confirm", row.pk, ask.pk)
    waiting = asked.shown(ask, now, address)
    ids = set(ask.result.get("ids", ())) if ask.state == Ask.State.ANSWERED else set()
    rows = ProviderCustomer.objects.filter(account=ask.account_id, external_id__in=ids - {row.client_id})
    names = [one.name for one in rows.defer("payload").order_by("pk")[:5]]
    trouble = waiting.get("trouble")
    if ask.state == Ask.State.ANSWERED and not names:
        trouble = refusal("own_number" if ids else "nobody_there")
    return (
        referral(row)
        | waiting
        | {
            "poll": f"{address}?on=1",
            "names": names,
            "known": bool(names),
            "trouble": trouble,
            "phone": masked(ask.given["phone"]),
            "again": resolve_url("loyalty:referral", row.pk),
            "token": uuid.uuid5(ask.pk, "referral"),
        }
    )
