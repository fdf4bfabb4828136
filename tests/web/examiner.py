"""Asks any address as any role, with objects of our branch and of another, and undoes what the answer changed."""

from __future__ import annotations

import re
import uuid
from collections import defaultdict
from typing import Any

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from providers.models import State
from tests.web.booking_corner import open_bookings
from tests.web.bookings import open_books
from tests.web.card_corner import open_cards
from tests.web.matrix import Address, addresses
from tests.web.mirrors import mirrored_at
from tests.web.world import PASSWORD, Corner, World, browser

ROLES = ["anonymous", "receptionist", "supervisor", "manager", "accountant", "owner", "admin", "disabled"]
BODIES: dict[str, dict[str, str]] = {
    "branches:language": {"language": "en", "next": "/"},
    "account_reauthenticate": {"password": PASSWORD},
    "vouchers:start": {"q": "VCL6C5944NO4058"},
    "vouchers:add": {"q": "VCL6C5944NO4058"},
    "vouchers:person": {"person": "317"},
    "vouchers:amounts": {"services_total": "700"},
    "desk:find": {"q": "سارة"},
    "customers:search": {"q": "سارة"},
    "desk:review_decide": {"applied": "yes", "reason": "issuer_confirmed"},
    "desk:card_decide": {"applied": "yes", "reason": "issuer_portal"},
    "desk:act_decide": {"applied": "yes", "reason": "issuer_portal"},
    "desk:review_close": {"note": "looked into"},
    "vouchers:new_case": {"reason": "wrong_person", "ask": "give_back"},
    "vouchers:case_note": {"note": "they called back"},
    "vouchers:case_withdraw": {"note": "the customer was mistaken"},
    "vouchers:export": {"format": "csv"},
    "loyalty:give": {"amount": "20", "reason": "goodwill", "scope": "location"},
    "loyalty:take": {"amount": "20", "reason": "goodwill", "scope": "location"},
    "loyalty:decline": {"note": "not today"},
    "loyalty:owed_export": {"format": "csv"},
    "vouchers:close_till": {"day": "2026-01-01", "counted": "400", "note": "a quiet day"},
}
NOBODYS = {"uuid": "0d9ff6a5-23f0-4c0c-a8a4-1a2b3c4d5e6f", "int": "2000000000", "path": str(uuid.uuid4())}
NOBODYS |= {"slug": "nothing", "str": "n" * 43}
_ARGUMENT = re.compile(r"<(\w+):(\w+)>")


def objects_of(corner: Corner) -> dict[str, dict[str, Any]]:
    """What stands in the address, by its name. Elsewhere: a look-up ready to be redeemed, and a redemption that is done."""
    lookup, done = corner.draft(), corner.redemption(State.SUCCEEDED)
    case, overdue = corner.redemption(State.NEEDS_REVIEW), corner.overdue()
    usual = {"lookup_id": lookup.pk, "redemption_id": done.pk, "till_id": corner.till.pk}
    found: dict[str, dict[str, Any]] = defaultdict(lambda: usual)
    found["vouchers:check"] = found["desk:review_take"] = {"redemption_id": overdue.pk}
    found["desk:review_detail"] = found["desk:review_decide"] = {"redemption_id": case.pk}
    found["desk:act_review"] = found["desk:act_decide"] = {"act_id": corner.act().pk}
    found["desk:act_take"] = {"act_id": corner.overdue_act().pk}
    found["desk:act_aside"] = {"act_id": corner.act(State.SUCCEEDED).pk}
    found["desk:review_close"] = {"discrepancy_id": corner.discrepancy().pk}
    standing, sent = corner.case(), corner.case(sent=True)
    for name in ("case", "case_letter", "case_sent", "case_note", "case_withdraw"):
        found[f"vouchers:{name}"] = {"case_id": standing.pk}
    found["vouchers:case_close"] = {"case_id": sent.pk}
    books = open_books(corner)
    booked = {"reservation_id": books.known().pk, "subscription_id": books.subscription().pk}
    booked |= {"customer_id": books.customer.pk, "search_id": books.search().pk}
    for space in ("reservations", "customers"):
        names = [one.name for one in addresses() if one.name.startswith(f"{space}:")]
        found.update(dict.fromkeys(names, booked))
    mirrored = mirrored_at(corner.branch)
    found["desk:sync_now"] = {"account_id": mirrored.account.pk, "collection": "attendances"}
    found["desk:sync_retry"] = {"account_id": mirrored.account.pk, "collection": "subscriptions"}
    found["desk:sync_accept"] = {"run_id": mirrored.doubtful.pk}
    found["desk:sync_note"] = {"drift_id": mirrored.drift.pk}
    # There is nobody in that address, and so nobody whom it could be foreign to: "theirs" is one that was rotated away.
    found["providers:hook"] = {
        "provider": "rekaz",
        "key": mirrored.key if corner.branch.code == "ours" else mirrored.rotated,
    }
    passkey = Authenticator.objects.create(user=corner.clerk, type=Authenticator.Type.WEBAUTHN, data={"name": "key"})
    found["mfa_remove_webauthn"] = {"pk": passkey.pk}
    return found


def path_to(address: Address, arguments: dict[str, Any]) -> str:
    """Where the object is, or where one would be that nobody has."""
    route = re.sub(r"\(\?P<app_label>(\w+).*?\)", r"\1", address.route).replace("(?P<url>.*)", "nothing")
    filled = _ARGUMENT.sub(lambda match: str(arguments.get(match[2], NOBODYS[match[1]])), route)
    return "/" + filled.replace("^", "").replace("$", "")


class Examiner:
    def __init__(self, world: World) -> None:
        self.objects = {"ours": objects_of(world.ours), "theirs": objects_of(world.theirs), "nobodys": {}}
        forms: dict[str, dict[str, str]] = {}
        for side, corner in (("ours", world.ours), ("theirs", world.theirs)):
            bookings = open_bookings(corner)
            cards = open_cards(corner)
            self.objects[side] |= bookings.objects() | cards.objects()
            forms = forms or bookings.bodies() | cards.bodies()
        today = timezone.localdate().isoformat()
        ruling = {"outcome": "accepted", "reference": "CN-77", "decided_on": today}
        self.bodies = (
            BODIES | forms | {"branches:place": {"till": str(world.ours.till.pk)}, "vouchers:case_close": ruling}
        )
        self.browser = browser()
        self.cookies = {role: world.client(role).cookies.output(header="", sep=";") for role in ROLES}

    def ask(self, role: str, method: str, address: Address, side: str = "ours", **headers: str) -> HttpResponse:
        self.browser.cookies.clear()
        self.browser.cookies.load(self.cookies[role])
        found = self.objects[side]
        arguments = found[address.name] if found else {}
        body = self.bodies.get(address.name, {}) if method == "POST" else {}
        before = transaction.savepoint()
        response: HttpResponse = getattr(self.browser, method.lower())(path_to(address, arguments), body, **headers)
        transaction.savepoint_rollback(before)
        return response


def in_a_word(response: HttpResponse) -> str:
    if response.status_code != 302:
        return "ok" if response.status_code == 200 else str(response.status_code)
    target = response.headers["Location"].partition("?")[0]
    return "login" if target in (reverse("account_login"), reverse("admin:login")) else "go"
