"""The administration in a real browser: every page under the strict policy, mirrored in Arabic, with nothing cut off."""

from __future__ import annotations

import pytest
from django.contrib import admin as django_admin
from django.urls import reverse

from branches.models import Change, User
from branches.roles import Role
from providers.models import Account
from tests.browser.clinic import PASSWORD, Clinic
from tests.browser.conftest import Seat
from tests.browser.screen import Screen
from tests.scene import finish

WIDER = "document.documentElement.scrollWidth - innerWidth"
LOADED = "[...document.fonts].filter(font => font.status === 'loaded').map(font => font.family)"


def every_page(user: User) -> list[str]:
    """Each list, one row of it, and the form for a new one."""
    pages = [reverse("admin:index"), reverse("admin:password_change")]
    pages.append(reverse("admin:auth_user_password_change", args=[user.pk]))
    for model, page in django_admin.site._registry.items():
        label = f"{model._meta.app_label}_{model._meta.model_name}"
        pages.append(reverse(f"admin:{label}_changelist"))
        row = model._default_manager.first() if model is not Change else None
        if row is not None:
            pages.append(reverse(f"admin:{label}_change", args=[row.pk]))
        if label in (
            "branches_user",
            "branches_branch",
            "branches_membership",
            "providers_account",
            "vouchers_pointsrate",
        ):
            pages.append(reverse(f"admin:{label}_add"))
        assert page.list_per_page <= 100
    return pages


@pytest.fixture
def person(clinic: Clinic) -> User:
    finish(clinic.desk(clinic.hire()).redeem(clinic.voucher()))
    return clinic.hire(Role.ADMIN, name="لطيفة")


def office(seat: Seat, clinic: Clinic, person: User, language: str, **options: object) -> Screen:
    person.language = language
    person.save()
    return seat(clinic, person, **options)


@pytest.mark.parametrize(("language", "direction"), [("ar", "rtl"), ("en", "ltr")])
def test_every_page_works_under_the_strict_policy(
    clinic: Clinic, seat: Seat, person: User, language: str, direction: str
) -> None:
    screen = office(seat, clinic, person, language)
    turns = 1 if language == "ar" else 3  # what differs is the direction
    for address in every_page(person)[::turns]:
        screen.open(address)
        assert screen.see("html").get_attribute("dir") == direction, address
        assert screen.page.evaluate(WIDER) <= 0, address
        assert screen.troubles == [], address
    assert "Plex" in screen.page.evaluate(LOADED)


def test_on_a_phone_nothing_is_cut_off(clinic: Clinic, seat: Seat, person: User) -> None:
    screen = office(seat, clinic, person, "ar", viewport={"width": 390, "height": 800})
    for name in ("vouchers_redemption_changelist", "providers_account_changelist", "branches_change_changelist"):
        screen.open(reverse(f"admin:{name}"))
        assert screen.page.evaluate(WIDER) <= 0, name


def test_an_administrator_signs_in_once_tests_a_login_and_changes_the_language(
    clinic: Clinic, seat: Seat, person: User
) -> None:
    person.language = "en"
    person.save()
    account = Account.objects.get(pk=clinic.account.pk)
    screen = seat()
    screen.open(reverse("admin:providers_account_change", args=[account.pk]))
    screen.page.fill("#id_login", person.username)
    screen.page.fill("#id_password", PASSWORD)
    screen.page.keyboard.press("Enter")
    screen.see("input[name=current_password]")
    screen.page.click("button:has-text('Test connection')")
    assert "The login works" in screen.text(".messagelist")
    screen.page.click("#header button[lang=ar]")
    assert screen.see("html[dir=rtl]") and screen.path == reverse("admin:providers_account_change", args=[account.pk])
