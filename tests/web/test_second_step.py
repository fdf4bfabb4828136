"""Who has a second factor is asked for it, whose role needs one cannot go on without, and a code is good for one time."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings as site
from django.test import Client
from django.utils import translation

from branches.history import DEEDS
from branches.models import Change, User
from branches.roles import Role
from tests.signed_in import sign_in
from tests.web import matrix
from tests.web.phone import AGAIN, APP, CODES, MINE, SECOND, Phone, enrol, paper_of, stored
from tests.web.test_login import is_in, try_to_sign_in
from tests.web.world import PASSWORD, World, browser

ALL = ["receptionist", "supervisor", "manager", "accountant", "owner", "admin"]


@pytest.fixture
def phone(rana: User) -> Phone:
    return enrol(sign_in(browser(), rana))


def half_in() -> Client:
    client = browser()
    answer = try_to_sign_in("rana", PASSWORD, client)
    assert answer.headers["Location"] == SECOND
    return client


# Signing in -------------------------------------------------------------------------------------------------------------


def test_the_password_alone_opens_nothing(phone: Phone) -> None:
    client = half_in()
    assert not is_in(client)
    assert client.get("/").status_code == 302
    assert client.post(SECOND, {"code": phone.code()}).headers["Location"] == "/"
    assert is_in(client)


def test_the_second_step_leads_to_the_page_that_was_asked_for(phone: Phone) -> None:
    client = browser()
    try_to_sign_in("rana", PASSWORD, client, query_params={"next": "/accounts/place/"})
    assert client.post(SECOND, {"code": phone.code()}).headers["Location"] == "/accounts/place/"


def test_a_code_is_good_for_one_time_and_so_is_none_before_it(phone: Phone) -> None:
    assert half_in().post(SECOND, {"code": phone.code()}).status_code == 302
    for code in (phone.code(), phone.code(-1)):
        assert half_in().post(SECOND, {"code": code}).status_code == 200
    assert half_in().post(SECOND, {"code": phone.code(1)}).status_code == 302


def test_the_code_that_set_it_up_is_spent(rana: User) -> None:
    client = sign_in(browser(), rana)
    phone = enrol(client)
    phone.behind = 1
    assert half_in().post(SECOND, {"code": phone.code()}).status_code == 200


@pytest.mark.parametrize(("step", "status"), [(-2, 200), (-1, 200), (0, 302), (1, 302)])
def test_a_phones_clock_may_be_one_step_off(phone: Phone, rana: User, step: int, status: int) -> None:
    assert half_in().post(SECOND, {"code": phone.code(step)}).status_code == status


def test_a_phones_clock_may_not_be_two_steps_ahead(phone: Phone, rana: User) -> None:
    assert half_in().post(SECOND, {"code": phone.look().code(2)}).status_code == 200


def test_a_phones_clock_may_be_one_step_behind(phone: Phone, rana: User) -> None:
    factor = stored(rana)
    factor.data.pop("last_counter")
    factor.save()
    assert half_in().post(SECOND, {"code": phone.look().code(-1)}).status_code == 302


def test_a_recovery_code_opens_once(rana: User) -> None:
    client = sign_in(browser(), rana)
    enrol(client)
    paper = paper_of(client)
    assert len(set(paper)) == 10
    assert half_in().post(SECOND, {"code": paper[3]}).status_code == 302
    assert half_in().post(SECOND, {"code": paper[3]}).status_code == 200
    assert half_in().post(SECOND, {"code": paper[4].replace(" ", "")}).status_code == 302


def test_recovery_codes_are_shown_once_and_new_ones_replace_them(rana: User) -> None:
    client = sign_in(browser(), rana)
    enrol(client)
    first = paper_of(client)
    assert paper_of(client) == []
    assert client.post("/accounts/mine/codes/new/").headers["Location"] == CODES
    second = paper_of(client)
    assert len(second) == 10 and not set(first) & set(second)
    assert half_in().post(SECOND, {"code": first[0]}).status_code == 200
    assert half_in().post(SECOND, {"code": second[0]}).status_code == 302


@pytest.mark.parametrize(
    "code", ["", "0", "000000 000000 000000 000000", "١٢٣٤٥٦", "abcdef", "\u202e123456", "9" * 300]
)
def test_nonsense_is_a_wrong_code(phone: Phone, code: str) -> None:
    client = half_in()
    assert client.post(SECOND, {"code": code}).status_code == 200
    assert not is_in(client)


@pytest.mark.parametrize("credential", ["", "{}", "[]", "null", "1", '{"id": 1}', '{"response": {}}', "x" * 5000])
def test_nonsense_is_no_passkey(phone: Phone, credential: str) -> None:
    client = half_in()
    assert client.post(SECOND, {"credential": credential}).status_code == 200
    assert not is_in(client)


def test_a_code_typed_in_arabic_digits_is_the_same_code(phone: Phone) -> None:
    arabic = phone.code().translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    assert half_in().post(SECOND, {"code": arabic}).status_code == 302


# What is kept -----------------------------------------------------------------------------------------------------------


def test_secrets_are_sealed_and_open_for_their_owner_only(world: World, phone: Phone, rana: User) -> None:
    rima = world.people["receptionist"]
    theirs = enrol(sign_in(browser(), rima))
    kept = " ".join(str(row.data) for row in Authenticator.objects.all())
    assert phone.secret not in kept and theirs.secret not in kept
    factor = stored(rana)
    factor.data["secret"] = stored(rima).data["secret"]
    factor.data.pop("last_counter")
    factor.save()
    assert half_in().post(SECOND, {"code": theirs.code(-1)}).status_code == 200


# Whose role needs one ---------------------------------------------------------------------------------------------------


def test_production_asks_it_of_everybody(settings: Any) -> None:
    assert set(site.ROLES) == set(Role.values)


def test_who_must_have_one_and_has_none_is_led_to_it_and_reaches_nothing_else(world: World, settings: Any) -> None:
    settings.MFA_ROLES = ALL
    allowed = {"mfa_index", "mfa_activate_totp", "mfa_add_webauthn", "account_logout", "account_reauthenticate"}
    client = world.client("admin")
    for address in matrix.addresses():
        if address.arguments or address.name in ("healthz", "readyz") or "(" in address.route:
            continue
        answer = client.get(f"/{address.route}")
        if address.name in allowed:
            assert answer.status_code == 200, address
        elif address.name not in ("branches:language", "mfa_view_recovery_codes"):
            assert answer.headers.get("Location") == MINE, address


@pytest.mark.parametrize("path", ["/live/", "/vouchers/lookups/"])
def test_polls_and_forms_are_led_there_too(world: World, settings: Any, path: str) -> None:
    settings.MFA_ROLES = ALL
    client = world.client("manager")
    assert client.get(path, headers={"HX-Request": "true"}).headers["HX-Redirect"] == MINE
    assert client.post(path, {"q": "VCL6C5944NO4058"}).headers["Location"] == MINE


def test_once_it_is_set_up_the_desk_opens(world: World, settings: Any) -> None:
    settings.MFA_ROLES = ALL
    client = world.client("receptionist")
    assert client.get("/").headers["Location"] == MINE
    enrol(client)
    assert client.get("/").status_code == 200


def test_only_the_roles_of_the_setting_need_one(world: World, settings: Any) -> None:
    settings.MFA_ROLES = ["admin", "owner"]
    found = {role: world.client(role).get("/").status_code for role in ALL}
    assert found == {role: 302 if role in settings.MFA_ROLES else 200 for role in ALL}


def test_a_session_without_the_second_step_proves_it_before_anything_else(
    world: World, rana: User, phone: Phone, settings: Any
) -> None:
    """A role that needs one since this morning, a session since last night."""
    settings.MFA_ROLES = ALL
    client = sign_in(browser(), rana)
    for path in ("/", MINE, APP, CODES):
        assert client.get(path).headers["Location"] == f"{AGAIN}?next={path}"
    page = client.get(AGAIN).content.decode()
    assert 'name="code"' in page and 'name="password"' not in page
    assert client.post(AGAIN, {"password": PASSWORD}).status_code == 200
    assert client.get("/").status_code == 302
    assert client.post(AGAIN, {"code": phone.code(), "next": "/"}).headers["Location"] == "/"
    assert client.get("/").status_code == 200


def test_the_last_factor_of_who_must_have_one_stays(world: World, settings: Any) -> None:
    settings.MFA_ROLES = ALL
    client, person = world.client("owner"), world.people["owner"]
    enrol(client)
    client.post("/accounts/mine/app/remove/")
    assert stored(person)
    settings.MFA_ROLES = []
    client.post("/accounts/mine/app/remove/")
    assert not Authenticator.objects.filter(user=person).exists(), "and its recovery codes are gone with it"
    settings.MFA_ROLES = ALL
    assert client.get("/").headers["Location"] == MINE, "what was proved by it counts no more"


def test_nobody_removes_anothers_passkey(world: World) -> None:
    row = Authenticator.objects.create(user=world.people["owner"], type="webauthn", data={"name": "x"})
    assert world.client("manager").post(f"/accounts/mine/passkey/{row.pk}/remove/").status_code == 404


# Lost phones ------------------------------------------------------------------------------------------------------------


def test_an_administrator_removes_a_lost_phone(world: World, rana: User, phone: Phone) -> None:
    other = sign_in(browser(), rana)
    path = f"/admin/branches/user/{rana.pk}/reset/"
    assert world.client("manager").post(path).status_code == 302
    assert stored(rana)
    stale = sign_in(browser(), world.people["admin"], ago=700)
    assert stale.post(path).headers["Location"].startswith(AGAIN)
    assert stored(rana)
    admin = world.client("admin")
    assert b"/reset/" in admin.get(f"/admin/branches/user/{rana.pk}/change/").content
    admin.get(path)
    assert stored(rana), "looking is not doing"
    assert admin.post(path).status_code == 302
    assert not Authenticator.objects.filter(user=rana).exists()
    assert not is_in(other)
    client = browser()
    assert try_to_sign_in("rana", PASSWORD, client).headers["Location"] == "/"
    assert is_in(client)


def test_a_terminal_removes_a_lost_phone_too(rana: User, phone: Phone) -> None:
    from tests.terminal import refused, typed

    client = sign_in(browser(), rana)
    assert "2 removed" in typed("staff", "mfa-reset", "rana")
    assert not Authenticator.objects.filter(user=rana).exists() and not is_in(client)
    assert "nobody of this name" in refused("staff", "mfa-reset", "nobody")


def test_keys_are_rotated_for_second_factors_too(rana: User, phone: Phone, settings: Any) -> None:
    from cryptography.fernet import Fernet

    from tests.terminal import typed

    old = list(settings.FIELD_KEYS)
    settings.FIELD_KEYS = [Fernet.generate_key().decode(), *old]
    assert "mfa.Authenticator: 2 rotated, 0 current" in typed("rotate_keys")
    settings.FIELD_KEYS = settings.FIELD_KEYS[:1]
    assert half_in().post(SECOND, {"code": phone.code()}).status_code == 302


def test_without_its_key_a_factor_opens_nothing_and_breaks_nothing(rana: User, phone: Phone, settings: Any) -> None:
    from cryptography.fernet import Fernet

    client = sign_in(browser(), rana)
    code = phone.code()
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    assert half_in().post(SECOND, {"code": code}).status_code == 200
    assert client.get(MINE).status_code == 200


# What the trail says ----------------------------------------------------------------------------------------------------


def test_the_trail_tells_of_factors_and_of_coming_and_going(world: World, rana: User, phone: Phone) -> None:
    client = half_in()
    client.post(SECOND, {"code": "000000"})
    client.post(SECOND, {"code": phone.code()})
    client.post("/accounts/mine/app/remove/")
    client.post("/accounts/logout/")
    rows = Change.objects.filter(pgh_obj_model="branches.User", pgh_obj_id=str(rana.pk)).order_by("pgh_created_at")
    told = [(row.pgh_label, row.pgh_context["user"]) for row in rows if row.pgh_label in DEEDS and row.pgh_context]
    assert told == [("code_failed", ""), ("signed_in", str(rana.pk)), ("signed_out", str(rana.pk))]
    factors = Change.objects.filter(pgh_obj_model="branches.Factor").order_by("pgh_created_at", "pgh_id")
    assert sorted(row.pgh_label for row in factors) == ["delete", "delete", "insert", "insert"]
    page = world.client("admin").get(f"/admin/branches/change/?about=branches.User:{rana.pk}").content.decode()
    with translation.override("ar"):
        assert all(str(DEEDS[deed]) in page for deed in ("code_failed", "signed_in", "signed_out"))
