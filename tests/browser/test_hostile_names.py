"""Names that attack, as the issuer sends them: on every page of the staff and of the administration nothing runs, nothing is
made of them, and on staff pages they stay inside an isolate of their own."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from django.contrib import admin as django_admin
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone

from branches.models import User
from branches.roles import Role
from providers.models import Discrepancy, Operation
from tests.browser.clinic import Clinic, card
from tests.browser.conftest import Power, Seat
from tests.browser.screen import Screen
from tests.scene import SLUG, finish, turn
from vouchers.services import Complaint, Ruling, close_case, mark_sent, open_case

ATTACKS = (
    "<img src=x onerror=alert(1)>",
    '"><svg/onload=alert(2)>',
    "</script><script>alert(3)</script>",
    "احمد\u202eevil\u2066<b>",
    "{{7*7}}{% debug %}${7*7}",
    "javascript:alert(4)",
    "سا\u200b\u200d\ufeffرة\u200f",
    "'-alert(5)-'",
    "</textarea></title><iframe srcdoc='<script>parent.alert(6)</script>'>",
    "x" * 180,
)
MADE_OF_THEM = (
    "img[src=x], [onerror], [onload], iframe, a[href^='javascript:'], script:not([src]):not([type='application/json'])"
)
OUTSIDE = """[...document.querySelectorAll('#main *')].filter((e) => !e.closest('bdi, textarea, input, pre, code') &&
    [...e.childNodes].some((n) => n.nodeType === 3 && /onerror=|onload=|7\\*7|[\\u202a-\\u202e]/.test(n.data))
    ).map((e) => e.outerHTML.slice(0, 200))"""


def hostile_voucher(clinic: Clinic, **fields: object) -> str:
    whole = " ".join(ATTACKS[:6])
    client = {"id": 900, "name": whole, "country_code": "+966", "phone": ATTACKS[0], "identity_number": ATTACKS[1]}
    cards = [{**card(7_000 + n, name), "phone": name, "nationality": name} for n, name in enumerate((whole, *ATTACKS))]
    return clinic.voucher(client=client, client_cards=cards, **fields)


def every_state(clinic: Clinic) -> list[str]:
    """The addresses of what the pages show of it."""
    desk = clinic.desk(clinic.hire())
    found, drafted = desk.look_up(hostile_voucher(clinic)), desk.draft(hostile_voucher(clinic))
    desk.look_up(hostile_voucher(clinic, status="<img src=x onerror=alert(7)>"))
    done = finish(desk.redeem(hostile_voucher(clinic)))
    doubtful = desk.redeem(code := hostile_voucher(clinic))
    clinic.twin.control.fault("drop_before", provider=SLUG, endpoint="redeem", code=code)
    turn(doubtful)
    Operation.objects.filter(pk=doubtful.pk).update(escalated_at=doubtful.created_at)
    operations = [done, doubtful]
    paths = [reverse("vouchers:lookup", args=[found.pk]), reverse("vouchers:amounts", args=[drafted.pk])]
    paths += [reverse("vouchers:confirm", args=[drafted.pk]), reverse("vouchers:slip", args=[done.redemption.pk])]
    for name in ("vouchers:redemption", "desk:review_detail"):
        paths += [reverse(name, args=[row.redemption.pk]) for row in operations]
    Discrepancy.objects.create(
        account=clinic.account,
        branch=clinic.branch,
        kind=Discrepancy.Kind.UNSEEN_STATUS,
        facts={"status": " ".join(ATTACKS[:6]), "last4": "1234"},
        at=done.created_at,
    )
    return [*paths, *of_a_case(clinic, done), reverse("desk:home"), reverse("desk:review_list")]


def of_a_case(clinic: Clinic, done: Operation) -> list[str]:
    """Opened by somebody with such a name, with such a note, and answered with such a reference."""
    name = f"{ATTACKS[0]} {ATTACKS[4]}"
    opener, closer = clinic.hire(Role.SUPERVISOR, name=name), clinic.hire(Role.ACCOUNTANT, name=ATTACKS[1])
    before, now = reverse("vouchers:new_case", args=[done.redemption.pk]), timezone.now()
    second = finish(clinic.desk(clinic.hire()).redeem(hostile_voucher(clinic)))
    note, said = " ".join(ATTACKS[:6]), Ruling("refused", ATTACKS[2], clinic.branch.business_date(now), note=ATTACKS[8])
    case = open_case(second.redemption, opener, Complaint("other", "give_back", note=note), now=now)
    close_case(mark_sent(case, opener, now=now), closer, said, now=now)
    return [before, reverse("vouchers:case", args=[case.pk]), f"{reverse('vouchers:cases')}?state=all"]


def office_pages(person: User) -> list[str]:
    """Every list of the administration, and of each a row that this person may see: other tests leave rows elsewhere."""
    request, found = RequestFactory().get("/admin/"), []
    request.user = person
    for model, office in django_admin.site._registry.items():
        name = f"{model._meta.app_label}_{model._meta.model_name}"
        found.append(reverse(f"admin:{name}_changelist"))
        row = office.get_queryset(request).order_by("-pk").first() if model._meta.model_name != "change" else None
        if row is not None:
            found.append(reverse(f"admin:{name}_change", args=[row.pk]))
    return found


@pytest.fixture
def still(power: Power) -> None:
    """Nothing may move while we look at it."""
    power.off()


def assert_harmless(screen: Screen, path: str, *, isolated: bool) -> str:
    screen.open(path)
    assert urlsplit(screen.page.url).path == urlsplit(path).path
    assert screen.page.locator(MADE_OF_THEM).count() == 0, path
    if isolated:  # a title is text and runs nothing, but it stays in the browser's history
        assert screen.page.evaluate("document.title").find("onerror") == -1, path
        assert screen.page.evaluate(OUTSIDE) == [], path
    assert screen.troubles == [], path
    return screen.page.inner_text("body")


def test_nothing_that_the_issuer_calls_somebody_runs_anywhere(clinic: Clinic, seat: Seat, still: None) -> None:
    paths = every_state(clinic)
    screen = seat(clinic, clinic.hire(Role.MANAGER))
    staff = [assert_harmless(screen, path, isolated=True) for path in paths]
    named = [text for text in staff if "onerror=alert(1)" in text]
    assert len(named) >= 6, "the cards, the confirmation, the results and the slip name the person"
    assert not [text for text in staff if "{{7*7}}" not in text and text in named], "as it was sent, never worked out"
    admin = clinic.hire(Role.ADMIN)
    office = seat(clinic, admin)
    for path in office_pages(admin):
        assert_harmless(office, path, isolated=False)
