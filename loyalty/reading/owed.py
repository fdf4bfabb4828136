"""The report of what is owed in points, and the lists behind its numbers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.shortcuts import resolve_url
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import get_language, get_language_bidi
from django.utils.translation import gettext_lazy as _

from branches.models import User
from loyalty.forms.owed import CARDS, PERSON
from loyalty.models import Act, LoyaltyTransaction
from loyalty.outcomes import kind_of
from loyalty.reading.chart import chart_of
from loyalty.selectors import owed as selectors
from loyalty.selectors import owed_rows
from loyalty.selectors.owed import COLUMNS, Chain, Month, days_of
from loyalty.selectors.owed_rows import Cursor
from providers.registry import provider_name

NAMES = {
    "earned": _("Earned"),
    "used": _("Used in visits"),
    "given": _("Given by hand"),
    "taken": _("Taken by hand"),
    "expired": _("Expired"),
}
TITLES = {**NAMES, CARDS: _("Cards with points"), PERSON: _("Moved by hand")}


def report(user: User, chains: Sequence[Chain], chain: Chain, month: str, now: dt.datetime) -> dict[str, Any]:
    """Four queries, however much there is."""
    today = now.astimezone(chain.branch.zone).date()
    months = selectors.owed_by_month(chain, today)
    whole = selectors.completeness_of(chain)
    for one in months:
        one.known = whole.since is not None and one.last >= whole.since
    since, until = days_of(month, today)
    people = selectors.people_by_hand(user, chain, since, until)
    others = selectors.elsewhere(chain, since, until)
    return {
        "chains": [_listed(one, chain) for one in chains],
        "chain": chain,
        "name": name_of(chain),
        "branch": chain.branch,
        "currency": chain.branch.currency,
        "whole": whole,
        "columns": [(name, str(NAMES[name])) for name in COLUMNS],
        "months": [_row(one, chain) for one in reversed(months)],
        "chart": chart_of([(label_of(one, short=True), one.owed if one.known else None) for one in months]),
        "below": any(one.known and one.owed < 0 for one in months),
        "month": month,
        "month_name": next((label_of(one) for one in months if one.key == month), ""),
        "bidi": get_language_bidi(),
        "choices": [(one.key, label_of(one)) for one in reversed(months)],
        "people": [(one, behind(chain, PERSON, month, person=one.person_id)) for one in people],
        "elsewhere": others,
        "behind_elsewhere": {name: behind(chain, name, month) for name in ("given", "taken")},
        "cards_href": behind(chain, CARDS),
        "page": "owed",
    }


def name_of(chain: Chain) -> str:
    return chain.title or chain.account.label or provider_name(chain.account.provider)


def _listed(one: Chain, chosen: Chain) -> dict[str, Any]:
    address = f"{resolve_url('loyalty:owed')}?{urlencode({'chain': one.key})}"
    return {"chain": one, "name": name_of(one), "href": address, "chosen": one.key == chosen.key}


def _row(month: Month, chain: Chain) -> dict[str, Any]:
    cells = [
        (str(NAMES[name]), month.sums[name], behind(chain, name, month.key) if month.sums[name] else "")
        for name in COLUMNS
    ]
    return {"month": month, "name": label_of(month), "cells": cells}


def label_of(month: Month, *, short: bool = False) -> str:
    """Arabic has no short names that people use."""
    return date_format(month.first, "M Y" if short and get_language() != "ar" else "F Y")


def behind(chain: Chain, what: str, month: str = "", **more: Any) -> str:
    """Where the rows stand that add up to a number."""
    asked = {"chain": chain.key, "what": what, "month": month, **more}
    return f"{resolve_url('loyalty:owed_rows')}?{urlencode({name: value for name, value in asked.items() if value})}"


# The rows behind a number ---------------------------------------------------------------------------------------------


def rows_behind(
    user: User, chain: Chain, asked: Mapping[str, Any], after: Cursor | None, now: dt.datetime
) -> dict[str, Any]:
    """Three queries at most."""
    what, month = asked["what"] or CARDS, asked["month"]
    since, until = days_of(month, now.astimezone(chain.branch.zone).date())
    context: dict[str, Any] = {"rows": [], "acts": [], "cards": []}
    if what == CARDS:
        context["cards"], following = owed_rows.cards_behind(chain, after)
    elif what == PERSON:
        acts, following = owed_rows.acts_behind(user, chain, since, until, asked["person"], after)
        tails = owed_rows.tails_of(chain, {act.card_id for act in acts})
        context["acts"] = [_act(act, tails) for act in acts]
    else:
        found, following = owed_rows.movements_behind(chain, what, since, until, after)
        context["rows"] = _movements(chain, found)
    again = behind(chain, what, month, person=asked["person"])
    return context | {
        "chain": chain,
        "name": name_of(chain),
        "branch": chain.branch,
        "currency": chain.branch.currency,
        "what": what,
        "title": str(TITLES[what]),
        "since": since,
        "until": until,
        "back": f"{resolve_url('loyalty:owed')}?{urlencode({'chain': chain.key, **({'month': month} if month else {})})}",
        "older": f"{again}&{urlencode({'after': str(following)})}" if following else "",
        "newest": again if after else "",
        "page": "owed",
    }


def _movements(chain: Chain, rows: Sequence[LoyaltyTransaction]) -> list[dict[str, Any]]:
    tails = owed_rows.tails_of(chain, {row.card_id for row in rows})
    acts = owed_rows.acts_of_movements(chain, [row.external_id for row in rows])
    return [
        {
            "row": row,
            "amount": abs(row.amount),
            "tail": tails.get(row.card_id, ""),
            "act": acts.get(row.external_id),
            "by_hand": row.movement in selectors.BY_HAND,
        }
        for row in rows
    ]


def _act(act: Act, tails: dict[str, str]) -> dict[str, Any]:
    moved = act.applied if act.applied is not None else act.requested
    proposal = getattr(act, "proposal", None)
    return {
        "act": act,
        "operation": act.operation,
        "name": kind_of(act).name,
        "amount": abs(moved or 0),
        "tail": tails.get(act.card_id, ""),
        "second": proposal.decided_by if proposal else None,
    }
