"""More waits for an issuer than it can do: a clear no, nothing recorded, and nothing typed is lost."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings as site
from django.test import Client

from branches.models import Branch, User
from providers.models import Operation
from providers.sandbox.running import RunningSandbox
from tests.scene import CODE, OTHER_CODE, SLUG, Desk, finish
from vouchers import services
from vouchers.models import Lookup
from vouchers.services import CannotRedeem

CODES = [f"VCL7C{n:04d}NO{n:04d}" for n in range(4)]
TEXTS = {
    "ar": "قسائم كثيرة تنتظر جواب الجهة المُصدِرة",
    "en": "Too many vouchers wait for the issuer",
    "fr": "Trop de bons attendent l’émetteur",
}


@pytest.fixture
def web(desk: Desk) -> Client:
    client = Client()
    client.force_login(desk.place.actor, backend=site.AUTHENTICATION_BACKENDS[1])
    return client


@pytest.fixture
def few(settings: Any, twin: RunningSandbox) -> None:
    twin.control.put_vouchers(SLUG, *[{"voucher_code": code, "price_value": 200} for code in CODES])
    settings.WAITING_LIMIT = 2


def wait(desk: Desk, *codes: str) -> None:
    """Scanned, and no worker has had the time."""
    from django.utils import timezone

    for code in codes:
        services.start_lookup(code, desk.place, now=timezone.now())


def speak(user: User, language: str) -> None:
    User.objects.filter(pk=user.pk).update(language=language)


@pytest.mark.parametrize("language", TEXTS)
def test_a_scan_too_many_is_told_so_and_her_code_is_kept(web: Client, desk: Desk, few: None, language: str) -> None:
    speak(desk.place.actor, language)
    wait(desk, *CODES[:2])
    answer = web.post("/vouchers/lookups/", {"q": CODES[2]})
    page = answer.content.decode()
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert TEXTS[language] in page
    assert f'name="q" value="{CODES[2]}"' in page
    assert Lookup.objects.count() == 2


def test_the_next_try_is_one_press(web: Client, desk: Desk, few: None) -> None:
    wait(desk, *CODES[:2])
    page = web.post("/vouchers/lookups/", {"q": CODES[2]}).content.decode()
    action = re.search(
        r'<form method="post" action="([^"]+)"[^>]*>(?:(?!</form>).)*name="q" value="VCL7', page, re.DOTALL
    )
    assert action
    for row in Lookup.objects.all():
        services.look_up_voucher(row.pk)
    again = web.post(action[1], {"q": CODES[2]})
    assert again.status_code == 302
    assert Lookup.objects.count() == 3


def test_what_our_own_ledger_knows_is_answered_all_the_same(web: Client, desk: Desk, few: None) -> None:
    finish(desk.redeem(CODE))
    wait(desk, *CODES[:2])
    assert web.post("/vouchers/lookups/", {"q": CODE}).status_code == 302
    assert Lookup.objects.latest("created_at").refusal_code == "already_used_here"


@pytest.mark.parametrize("language", TEXTS)
def test_a_redemption_too_many_makes_no_operation_and_keeps_the_draft(
    web: Client, desk: Desk, few: None, language: str
) -> None:
    speak(desk.place.actor, language)
    draft = desk.draft(OTHER_CODE)
    first = [desk.redeem(code) for code in CODES[:2]]
    answer = web.post(f"/vouchers/lookups/{draft.pk}/confirm/")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert TEXTS[language] in answer.content.decode()
    assert f'action="/vouchers/lookups/{draft.pk}/confirm/"' in answer.content.decode()
    assert Operation.objects.count() == 2
    draft.refresh_from_db()
    assert (str(draft.services_total), bool(draft.person)) == ("600.00", True)
    finish(first[0])
    assert web.post(f"/vouchers/lookups/{draft.pk}/confirm/").status_code == 302
    assert Operation.objects.count() == 3


def test_pressing_twice_is_still_the_first_redemption(desk: Desk, few: None) -> None:
    draft = desk.draft(CODES[0])
    first = desk.press(draft)
    desk.redeem(CODES[1])
    assert desk.press(Lookup.objects.get(pk=draft.pk)) == first
    with pytest.raises(CannotRedeem, match="busy"):
        desk.redeem(CODES[2])


def test_one_account_waits_for_nobody_elses(
    desk: Desk, few: None, nakheel: Branch, majed: User, hire: Callable[..., User], twin: RunningSandbox
) -> None:
    from providers.accounts import connect_account
    from providers.models import Environment
    from tests.conftest import LOGIN

    url, sandbox = twin.shared_url(SLUG), Environment.SANDBOX
    connect_account(provider=SLUG, branch=nakheel, base_url=url, environment=sandbox, values=LOGIN)
    other = Desk(services.Place(majed, nakheel, nakheel.tills.get(number=1)), twin)
    wait(desk, *CODES[:2])
    wait(other, *CODES[2:])
    assert Lookup.objects.filter(state="waiting").count() == 4
