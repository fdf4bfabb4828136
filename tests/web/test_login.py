"""Signing in and out, in three languages; who may not; and the till that a machine remembers."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone, translation
from django.utils.html import escape
from django.utils.translation import gettext

from branches.models import Session, User
from branches.roles import Role
from tests.web import matrix
from tests.web.world import PASSWORD, World, browser, hire

LOGIN = "/accounts/login/"
WRONG = "wrong-password-of-nobody"


def try_to_sign_in(name: str, password: str, client: Client | None = None, **request: Any) -> HttpResponse:
    return (client or browser()).post(LOGIN, {"login": name, "password": password}, **request)


def words_in(page: str, language: str, text: str) -> bool:
    with translation.override(language):
        words = gettext(text)
    return escape(words) in page and (language == "en" or words != text)


def is_in(client: Client) -> bool:
    return client.get("/accounts/place/").status_code == 200


def without_tokens(page: bytes) -> str:
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page.decode())


# In ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["ar", "en", "fr"])
def test_people_sign_in_in_their_language(rana: User, language: str) -> None:
    client = browser()
    client.get(LOGIN)
    client.post("/accounts/language/", {"language": language, "next": LOGIN})
    page = client.get(LOGIN).content.decode()
    assert f'<html lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}">' in page
    assert words_in(page, language, "Sign in")
    refused = try_to_sign_in("rana", WRONG, client)
    assert refused.status_code == 200
    assert words_in(refused.content.decode(), language, "The user name or the password is not right.")
    assert not is_in(client)
    assert try_to_sign_in("rana", PASSWORD, client).headers["Location"] == "/"
    assert f'<html lang="{language}"' in client.get("/").content.decode()


def test_arabic_is_what_a_new_machine_speaks_whatever_its_browser_wants(rana: User) -> None:
    assert '<html lang="ar" dir="rtl">' in browser().get(LOGIN, headers={"Accept-Language": "en-US"}).content.decode()


def test_a_persons_language_follows_her_to_another_machine(rana: User) -> None:
    first, second = browser(), browser()
    try_to_sign_in("rana", PASSWORD, first)
    first.post("/accounts/language/", {"language": "fr"})
    try_to_sign_in("rana", PASSWORD, second)
    assert '<html lang="fr"' in second.get("/").content.decode()


def test_the_session_is_a_new_one_after_signing_in(rana: User) -> None:
    client = browser()
    session = client.session  # an attacker's, fixed beforehand
    session["till"] = "1"
    session.save()
    client.cookies["sessionid"] = session.session_key
    try_to_sign_in("rana", PASSWORD, client)
    assert is_in(client)
    assert client.cookies["sessionid"].value != session.session_key
    assert not Session.objects.filter(session_key=session.session_key).exists()


def test_signing_in_leads_to_the_page_that_was_asked_for(rana: User) -> None:
    client = browser()
    target = client.get("/review/?x=1").headers["Location"]
    assert (
        try_to_sign_in("rana", PASSWORD, client, query_params={"next": "/review/?x=1"}).headers["Location"]
        == "/review/?x=1"
    )
    assert target == "/accounts/login/?next=/review/%3Fx%3D1"


# Out --------------------------------------------------------------------------------------------------------------------


def test_signing_out_ends_the_session_at_the_server(rana: User) -> None:
    client, thief = browser(), browser()
    try_to_sign_in("rana", PASSWORD, client)
    thief.cookies["sessionid"] = client.cookies["sessionid"].value
    assert is_in(thief)
    client.get("/accounts/logout/")
    assert is_in(client), "looking at the page is not enough"
    assert client.post("/accounts/logout/").status_code == 302
    assert not is_in(client)
    assert not is_in(thief)


def test_nobodys_name_is_left_on_the_machine(rana: User) -> None:
    client = browser()
    try_to_sign_in("rana", PASSWORD, client)
    client.post("/accounts/logout/")
    assert not [cookie.value for cookie in client.cookies.values() if "rana" in cookie.value]
    assert "messages" not in client.cookies


def test_a_session_ends_with_the_shift(rana: User) -> None:
    client = browser()
    try_to_sign_in("rana", PASSWORD, client)
    Session.objects.update(expire_date=timezone.now() - dt.timedelta(seconds=1))
    assert not is_in(client)
    assert client.session.get_expire_at_browser_close()


def test_a_disabled_person_cannot_sign_in_and_is_not_told_so(world: World, rana: User) -> None:
    User.objects.filter(pk=rana.pk).update(is_active=False)
    client = browser()
    disabled = try_to_sign_in("rana", PASSWORD, client)
    assert disabled.status_code == 200
    assert not is_in(client)
    hire("rima", Role.RECEPTIONIST, world.ours.branch, password=PASSWORD)
    assert without_tokens(disabled.content).replace("rana", "rima") == without_tokens(
        try_to_sign_in("rima", WRONG).content
    )


def test_an_unknown_name_is_answered_as_a_wrong_password(rana: User) -> None:
    known, unknown = try_to_sign_in("rana", WRONG), try_to_sign_in("nobody", WRONG)
    assert known.status_code == unknown.status_code == 200
    assert without_tokens(known.content).replace("rana", "nobody") == without_tokens(unknown.content)
    assert PASSWORD not in known.content.decode() + WRONG


def test_nobody_can_sign_up_or_reset_a_password_by_mail(world: World) -> None:
    served = {address.name for address in matrix.addresses() if not address.name.startswith("admin:")}
    assert not [name for name in served if re.search("signup|register|reset|email|social|inactive", name)]
    for path in ("signup/", "password/reset/", "email/", "social/login/", "inactive/", "3rdparty/"):
        assert world.client("anonymous").get(f"/accounts/{path}").status_code == 404
    page = browser().get(LOGIN).content.decode()
    assert not re.search(r"signup|reset", page)
