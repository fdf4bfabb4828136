"""What stands around every staff page: place, person, provider strip, menu counts, unfinished work."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import Any, cast

from django.conf import settings
from django.db.models import Exists
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language, get_language_info

from branches.models import Branch, User
from branches.requests import StaffRequest
from branches.roles import Permission, Role
from desk import bookings, cards
from loyalty.selectors import acts_needing_person as card_acts_needing_person
from loyalty.selectors import proposals_on_desk, proposals_to_decide
from providers import registry
from providers.badges import ICONS
from providers.models import Account, Environment, State
from providers.normalise import group_code
from reservations.selectors import acts_needing_person
from vouchers import selectors
from vouchers.cards import groups_of, words_of
from vouchers.models import Lookup, Redemption
from vouchers.outcomes import short_for

BOOKINGS, CARDS = "reservations", "loyalty"
NAMES = {"ar": "العربية", "en": "English", "fr": "Français"}  # a language is called by its own name


@dataclass(frozen=True, slots=True)
class Light:
    """One provider on the strip: a word and a time, never colour alone."""

    name: str
    state: str  # works, slow, down, quiet
    since: dt.datetime | None
    kind: str = "vouchers"  # what its provider is for


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context of every template. Cheap for people who are not signed in; bounded for those who are."""
    context = language_facts()
    placed = cast(StaffRequest, request)
    branch = getattr(request, "branch", None)
    if branch is None or not placed.user.is_authenticated:  # the last page of somebody who has just signed out
        return context
    permissions = placed.permissions
    if request.headers.get("HX-Request") == "true":
        return context | {"may": permissions}
    context["role"] = Role(placed.role).label
    context |= {
        "place": branch,
        "till": placed.till,
        "may": permissions,
        "today": branch.business_date(timezone.now()),
    }
    seen = permissions - {Permission.LEDGER} if getattr(request, "wide", False) else permissions  # no room for the work
    context |= live(placed.user, branch, seen, here(request))
    return context


def language_facts() -> dict[str, Any]:
    language = get_language() or settings.LANGUAGE_CODE
    names = [(code, NAMES[code]) for code, _name in settings.LANGUAGES]
    return {
        "LANG": language,
        "DIR": "rtl" if get_language_info(language)["bidi"] else "ltr",
        "languages": [(code, name) for code, name in names if code != language],
    }


def here(request: HttpRequest) -> str:
    """The look-up, redemption or change to a booking or a card that this page is about: it is no unfinished work while it is
    open in front of her."""
    arguments = request.resolver_match.kwargs if request.resolver_match else {}
    names = ("lookup_id", "redemption_id", "act_id", "proposal_id")
    return str(next((arguments[name] for name in names if arguments.get(name)), ""))


def live(user: User, branch: Branch, permissions: frozenset[str], open_now: str) -> dict[str, Any]:
    """The parts that change while a page is open; `digest` tells a poll whether anything did."""
    now = timezone.now()
    accounts = accounts_at(branch, waiting=Exists(proposals_on_desk(user, branch, now)))
    kinds = {kind_of(account) for account in accounts}
    lights = [_light(account, now) for account in accounts]
    used = {Permission.BOOKINGS: BOOKINGS in kinds, Permission.CARDS: CARDS in kinds}
    absent = {permission for permission, is_used in used.items() if not is_used}
    beside: list[tuple[str, Any]] = [
        *((Permission.REVIEW, needing(user)) for needing in (acts_needing_person, card_acts_needing_person)),
        (Permission.CARD_SUPERVISE, proposals_to_decide(user, now)),
    ]
    counts = selectors.waiting_counts(user, permissions, beside)
    proposed = any(getattr(account, "waiting", False) for account in accounts)
    work = unfinished(user, branch, permissions - absent, now, proposed=proposed)
    work = [item for item in work if item["key"] != open_now]
    waiting, cases, proposals = (
        counts.get(right, 0) for right in (Permission.REVIEW, Permission.CASES, Permission.CARD_SUPERVISE)
    )
    down = [light for light in lights if light.state == "down"]
    training = bool(accounts) and all(account.environment == Environment.SANDBOX for account in accounts)
    seen = repr([(light.name, light.state, light.since and light.since.minute) for light in lights])
    seen += repr([(item["key"], item["tone"], item["label"]) for item in work]) + f"{waiting} {cases} {proposals}"
    digest = hashlib.sha256(seen.encode()).hexdigest()[:12]
    return {
        "lights": lights,
        "work": work,
        "review_count": waiting,
        "case_count": cases,
        "proposal_count": proposals,
        "down": down,
        "training": training,
        "digest": digest,
        "here": open_now,
        "books": Permission.BOOKINGS in permissions - absent,
        "keeps_cards": Permission.CARDS in permissions - absent,
        "finds": Permission.CUSTOMERS in permissions and any(used.values()),
    }


def accounts_at(branch: Branch, **beside: Any) -> list[Account]:
    """Of every kind, and what else the page asks. One question, whatever it shows of them."""
    rows = Account.objects.filter(places__branch=branch, is_active=True, provider__in=registry.SPECS)
    return list(rows.select_related("health").annotate(**beside).order_by("provider", "label"))


def kind_of(account: Account) -> str:
    return registry.SPECS[account.provider].kind


def _light(account: Account, now: dt.datetime) -> Light:
    name, health = registry.provider_name(account.provider), getattr(account, "health", None)
    kind = kind_of(account)
    if health is None:
        return Light(name, "quiet", None, kind)
    if health.open_until and health.open_until > now:
        return Light(name, "down", health.failing_since, kind)
    if health.failures:
        return Light(name, "slow", health.failing_since, kind)
    return Light(name, "works" if health.last_good_at else "quiet", health.last_good_at, kind)


def unfinished(
    user: User, branch: Branch, permissions: frozenset[str], now: dt.datetime, *, proposed: bool
) -> list[dict[str, Any]]:
    """What is open before what has ended, the oldest first; what was never sent comes last. `proposed`: something of it waits
    for a second person."""
    if Permission.LEDGER not in permissions:
        return []
    items = [_work_item(row, user, now) for row in selectors.unfinished_redemptions(user, branch, now)]
    if Permission.BOOKINGS in permissions:
        items += bookings.unfinished(user, branch, now)
    if Permission.CARDS in permissions:
        items += cards.unfinished(user, branch, now)
    if {Permission.BOOKINGS, Permission.CARDS} & permissions:
        items.sort(key=_oldest_open_first)
    if proposed and Permission.CARDS in permissions:
        items += cards.proposals(user, branch, now)
    return items + [_draft_item(row, more) for row, more in selectors.open_drafts(user, branch, now)]


def _oldest_open_first(item: dict[str, Any]) -> tuple[bool, dt.datetime]:
    operation = item["operation"]
    return operation.finished_at is not None, operation.finished_at or operation.created_at


def _work_item(row: Redemption, user: User, now: dt.datetime) -> dict[str, Any]:
    operation = row.operation
    words = words_of(row, slow=now - operation.created_at > dt.timedelta(seconds=6))
    return {
        "key": str(row.pk),
        "redemption": row,
        "operation": operation,
        "tone": words.tone,
        "icon": ICONS[words.tone],
        "label": str(short_for(operation, words)),
        "words": words,
        "groups": groups_of(row),
        "more": len(row.lines.all()) - 1,
        "amount": operation.amount if not operation.in_part else None,
        "seconds": int((now - operation.created_at).total_seconds()) if operation.is_open else None,
        "counts": operation.state in (State.CREATED, State.PREPARING, State.SENDING, State.UNKNOWN),
        "applied": operation.state in (State.SUCCEEDED, State.RESOLVED_APPLIED) and not operation.in_part,
        "mine": operation.actor_id == user.pk,
    }


def _draft_item(row: Lookup, more: int) -> dict[str, Any]:
    groups = group_code(row.code, registry.SPECS[row.account.provider]) if row.account else ()
    facts = {"key": str(row.pk), "lookup": row, "groups": groups, "more": more}
    return facts | {"tone": "plain", "icon": "clock", "label": f"draft {more}"}
