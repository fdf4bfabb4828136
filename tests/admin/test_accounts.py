"""Accounts in the administration: what it shows of secrets (nothing), what it takes, and how a login is tried."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from branches.models import Branch, Change
from providers.accounts import set_secrets
from providers.models import Account, AccountHealth, BranchAccount, Call
from providers.models.accounts import NEXT
from providers.sandbox.running import RunningSandbox
from tests.admin.office import CANARY, fields_of, page, told
from tests.conftest import LOGIN
from tests.scene import SLUG

# Accounts -------------------------------------------------------------------------------------------------------------


def test_stored_secrets_are_never_rendered(office: Client, account: Account) -> None:
    set_secrets(account, {"email": f"{CANARY}@example.com", "password": CANARY}, slot=NEXT, now=timezone.now())
    pages = [page(office, "providers_account_change", account.pk), page(office, "providers_account_changelist")]
    pages.append(page(office, "providers_account_history", account.pk))
    for shown in pages:
        assert CANARY not in shown and LOGIN["password"] not in shown and LOGIN["email"] not in shown
        assert "Set on" in shown or shown is pages[2]


def test_secrets_typed_into_a_form_with_a_mistake_are_not_rendered_either(office: Client, account: Account) -> None:
    form = fields_of(office, "providers_account_change", account.pk)
    wrong = form | {"current_password": CANARY, "next_email": CANARY, "base_url": "https://evil.example"}
    response = office.post(reverse("admin:providers_account_change", args=[account.pk]), wrong)
    assert response.status_code == 200
    assert set(response.context["adminform"].form.errors) == {"base_url", "current_email", "next_password"}
    assert CANARY not in response.content.decode()
    account.refresh_from_db()
    assert account.secrets() == LOGIN and not account.sealed_next


def test_new_secrets_replace_the_whole_slot_and_hidden_marks_are_told(office: Client, account: Account) -> None:
    form = fields_of(office, "providers_account_change", account.pk)
    login = {"current_email": LOGIN["email"], "current_password": f"\u200f{CANARY}"}
    response = office.post(reverse("admin:providers_account_change", args=[account.pk]), form | login)
    assert response.status_code == 302
    assert "U+200F" in told(response) and CANARY not in told(response)
    account.refresh_from_db()
    assert account.secrets() == {"email": LOGIN["email"], "password": CANARY}
    assert CANARY not in str(list(Change.objects.values_list("pgh_data", "pgh_diff", "pgh_context")))


def test_leaving_the_secrets_empty_keeps_them(office: Client, account: Account) -> None:
    form = fields_of(office, "providers_account_change", account.pk) | {"label": "Another label"}
    assert office.post(reverse("admin:providers_account_change", args=[account.pk]), form).status_code == 302
    account.refresh_from_db()
    assert account.secrets() == LOGIN and account.label == "Another label"


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/api",
        "http://169.254.169.254/",
        "file:///etc/passwd",
        "http://user:pw@127.0.0.1/",
        "x" * 300,
        "",
    ],
)
def test_an_account_points_only_where_its_provider_is(office: Client, account: Account, url: str) -> None:
    form = fields_of(office, "providers_account_change", account.pk) | {"base_url": url}
    response = office.post(reverse("admin:providers_account_change", args=[account.pk]), form)
    assert response.status_code == 200 and response.context["adminform"].form.errors["base_url"]
    before = account.base_url
    account.refresh_from_db()
    assert account.base_url == before


@pytest.mark.parametrize("place", ["[]", "5", '"x"', "{", "null"])
def test_a_place_is_a_json_object(office: Client, account: Account, place: str) -> None:
    form = fields_of(office, "providers_account_change", account.pk) | {"places-0-place": place}
    office.post(reverse("admin:providers_account_change", args=[account.pk]), form)
    assert BranchAccount.objects.get().place == {}


def test_a_setting_that_cannot_be_is_refused(office: Client, account: Account) -> None:
    form = fields_of(office, "providers_account_change", account.pk) | {
        "setting_token_path": "https://elsewhere.example/"
    }
    assert office.post(reverse("admin:providers_account_change", args=[account.pk]), form).status_code == 200
    account.refresh_from_db()
    assert account.settings == {}


def test_a_new_account_is_asked_for_its_login_next(office: Client, olaya: Branch, twin: RunningSandbox) -> None:
    form = fields_of(office, "providers_account_add") | {
        "provider": SLUG,
        "environment": "sandbox",
        "label": "New",
        "base_url": twin.base_url(SLUG),
        "is_active": "on",
        "places-TOTAL_FORMS": "1",
        "places-0-branch": str(olaya.pk),
        "places-0-place": "",
    }
    response = office.post(reverse("admin:providers_account_add"), form, follow=True)
    account = Account.objects.get(label="New")
    assert response.redirect_chain[-1][0] == reverse("admin:providers_account_change", args=[account.pk])
    shown = response.content.decode()
    assert "Not set" in shown and 'name="current_password"' in shown
    assert "Enter the login first" in told(office.post(reverse("admin:providers_account_test", args=[account.pk])))


def test_saving_a_label_does_not_undo_a_rotation_of_the_secrets(office: Client, account: Account) -> None:
    form = fields_of(office, "providers_account_change", account.pk) | {"label": "Another label"}
    set_secrets(account, {"email": "new@example.com", "password": CANARY}, now=timezone.now())  # while the page is open
    office.post(reverse("admin:providers_account_change", args=[account.pk]), form)
    account.refresh_from_db()
    assert account.label == "Another label" and account.secrets()["password"] == CANARY


def test_a_login_whose_key_is_lost_is_said_to_be_so_on_every_page(
    office: Client, account: Account, settings: Any
) -> None:
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    assert "FIELD_KEYS" in told(office.post(reverse("admin:providers_account_test", args=[account.pk])))
    form = fields_of(office, "providers_account_change", account.pk)
    login = {"current_email": LOGIN["email"], "current_password": CANARY}
    response = office.post(reverse("admin:providers_account_change", args=[account.pk]), form | login)
    assert response.status_code == 200 and "FIELD_KEYS" in response.content.decode()


# Testing a login ------------------------------------------------------------------------------------------------------


def test_the_button_tells_that_the_login_works_and_as_whom(office: Client, account: Account) -> None:
    said = told(office.post(reverse("admin:providers_account_test", args=[account.pk])))
    assert "The login works" in said and "centeradmintesting" in said
    assert AccountHealth.objects.get().last_good_at
    assert "Works" in page(office, "providers_account_change", account.pk)


def test_a_refused_login_is_told_in_our_own_words(office: Client, account: Account) -> None:
    set_secrets(account, {"email": LOGIN["email"], "password": CANARY}, now=timezone.now())
    said = told(office.post(reverse("admin:providers_account_test", args=[account.pk])))
    assert "The provider refused this login." in said and CANARY not in said
    shown = page(office, "providers_account_change", account.pk)
    assert "Stopped: no new redemptions until" in shown and "The provider refused this login." in shown


def test_a_provider_that_is_down_is_told_in_our_own_words(
    office: Client, account: Account, twin: RunningSandbox
) -> None:
    twin.control.down(SLUG)
    try:
        assert "Nobody answers" in told(office.post(reverse("admin:providers_account_test", args=[account.pk])))
    finally:
        twin.control.down(SLUG, down=False)


@pytest.mark.parametrize(
    "fault", ["garbage", "empty", "redirect", "html_login", "truncated", "bad_utf8", "null_data", "huge", "refuse"]
)
def test_every_answer_of_a_broken_provider_becomes_a_sentence(
    office: Client, account: Account, twin: RunningSandbox, fault: str
) -> None:
    twin.control.fault(fault, endpoint="login")
    said = told(office.post(reverse("admin:providers_account_test", args=[account.pk])))
    assert said.endswith(".") and "_" not in said


def test_a_test_is_a_post(office: Client, account: Account) -> None:
    office.get(reverse("admin:providers_account_test", args=[account.pk]))
    assert not Call.objects.exists()
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = office.cookies
    assert strict.post(reverse("admin:providers_account_test", args=[account.pk])).status_code == 403
    assert not Call.objects.exists()
