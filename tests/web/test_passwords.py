"""Any password that is long and not among the first to be guessed; kept so that a stolen database is of little use."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings as site
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from branches.models import User
from config import settings as production
from tests.signed_in import sign_in
from tests.web.test_login import LOGIN, WRONG, is_in, try_to_sign_in
from tests.web.world import PASSWORD, World, browser

CHANGE = "/accounts/password/"
GOOD = [
    "correct horse battery staple",
    "ثلاث نخلات عند الباب",
    "lampe tortue nuage",
    "tide carpet eleven",
    "onlylowercaseletterslong",
    "7391 8264 0155 9823",
    "a" * 2 + "XqvzKm-tuesday-" + "b" * 48,
]
BAD = [
    *("password1234", "Password2026!", "P@ssw0rd2026", "123456789012", "qwertyuiopas", "azertyuiop12", "aaaaaaaaaaaa"),
    *(
        "abcabcabcabc",
        "111122223333",
        "welcome20262026",
        "iloveyou2026!",
        "wasl-wasl-wasl",
        "wasl-demo-2026",
        "Wasl2026Wasl",
    ),
    *("Riyadh123456", "receptionist1", "motdepasse2026", "abcdefghijklm", "football20262026", "dragondragon"),
]


@pytest.mark.parametrize("password", GOOD)
def test_a_long_password_of_any_kind_is_taken(rana: User, password: str) -> None:
    validate_password(password, rana)


@pytest.mark.parametrize("password", BAD)
def test_a_common_one_made_longer_is_not(rana: User, password: str) -> None:
    with pytest.raises(ValidationError):
        validate_password(password, rana)


def test_neither_is_one_of_names_that_everybody_here_knows(world: World, rana: User) -> None:
    for password in ("rana-rana-rana", "Branch-2026-2026", "ours-ours-2026"):
        with pytest.raises(ValidationError):
            validate_password(password, rana)


@pytest.mark.parametrize(("length", "taken"), [(11, False), (12, True), (64, True), (200, True), (201, False)])
def test_how_long_it_is_counts(rana: User, length: int, taken: bool) -> None:
    password = ("vT4 oasis lantern " * 20)[: length - 1] + "q"
    if taken:
        validate_password(password, rana)
    else:
        with pytest.raises(ValidationError):
            validate_password(password, rana)


def test_every_sign_of_a_long_one_counts(rana: User) -> None:
    long = ("vT4 oasis lantern " * 20)[:199] + "q"
    client = sign_in(browser(), rana)
    assert client.post(CHANGE, {"oldpassword": PASSWORD, "password1": long, "password2": long}).status_code == 302
    assert try_to_sign_in("rana", long[:-1]).status_code == 200
    assert try_to_sign_in("rana", long).status_code == 302


def test_the_present_one_is_asked_for(rana: User) -> None:
    client, new = sign_in(browser(), rana), "another-good-long-password"
    for old in ("", WRONG):
        assert client.post(CHANGE, {"oldpassword": old, "password1": new, "password2": new}).status_code == 200
    assert try_to_sign_in("rana", PASSWORD).status_code == 302
    rana.refresh_from_db()
    assert rana.check_password(PASSWORD)


def test_pages_let_paste_fill_in_and_look(rana: User) -> None:
    client = sign_in(browser(), rana)
    for page in (browser().get(LOGIN).content.decode(), client.get(CHANGE).content.decode()):
        assert "data-shows" in page and "onpaste" not in page
        for field in re.findall(r"<input[^>]*type=\"password\"[^>]*>", page):
            assert re.search(r'autocomplete="(current|new)-password"', field)
            assert "maxlength" not in field, "it would be cut off without a word"


# How it is kept ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def real(settings: Any) -> None:
    settings.PASSWORD_HASHERS = production.PASSWORD_HASHERS


def test_it_is_kept_by_argon2id_with_what_owasp_asks_for(real: None) -> None:
    kept = make_password(PASSWORD)
    assert kept.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert make_password(PASSWORD) != kept


def test_an_older_hash_becomes_a_new_one_at_the_sign_in(real: None, rana: User) -> None:
    User.objects.filter(pk=rana.pk).update(password=make_password(PASSWORD, hasher="pbkdf2_sha256"))
    client = browser()
    assert try_to_sign_in("rana", PASSWORD, client).status_code == 302
    rana.refresh_from_db()
    assert rana.password.startswith("argon2$argon2id$")
    assert is_in(client)


def test_an_unknown_name_costs_as_much_as_a_known_one(real: None, rana: User, monkeypatch: pytest.MonkeyPatch) -> None:
    from branches.passwords import Argon2

    rana.set_password(PASSWORD)
    rana.save()
    User.objects.filter(username="receptionist").update(is_active=False)
    hashed: list[str] = []
    encode, verify = Argon2.encode, Argon2.verify
    monkeypatch.setattr(Argon2, "encode", lambda *a, **k: hashed.append("encode") or encode(*a, **k))
    monkeypatch.setattr(Argon2, "verify", lambda *a, **k: hashed.append("verify") or verify(*a, **k))
    work = {}
    for name in ("rana", "nobody"):
        hashed.clear()
        try_to_sign_in(name, WRONG)
        work[name] = len(hashed)
    assert work == {"rana": 1, "nobody": 1}


def test_the_demos_password_opens_no_production(world: World, rana: User, settings: Any) -> None:
    rana.set_password(site.DEMO_PASSWORD)
    rana.save()
    assert try_to_sign_in("rana", site.DEMO_PASSWORD).status_code == 302
    settings.PRODUCTION = True
    assert try_to_sign_in("rana", site.DEMO_PASSWORD).status_code == 200
