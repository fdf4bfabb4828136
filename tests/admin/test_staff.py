"""Staff and branches in the administration: what can be written is little, what is kept is all."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from branches.models import Branch, Change, User
from tests.admin.office import CANARY, PASSWORD, fields_of, page

# Staff ----------------------------------------------------------------------------------------------------------------


def test_a_new_person_gets_a_password_and_a_role_on_one_page(office: Client, olaya: Branch) -> None:
    form = fields_of(office, "branches_user_add") | {
        "username": "newcomer",
        "password1": PASSWORD,
        "password2": PASSWORD,
        "memberships-TOTAL_FORMS": "1",
        "memberships-0-branch": str(olaya.pk),
        "memberships-0-role": "admin",
    }
    response = office.post(reverse("admin:branches_user_add"), form)
    assert response.status_code == 302, response.context["errors"]
    user = User.objects.get(username="newcomer")
    assert user.check_password(PASSWORD) and user.is_staff, "the right follows the role"


@pytest.mark.parametrize("password", ["short", "password1234", ""])
def test_a_weak_password_is_refused(office: Client, password: str) -> None:
    form = fields_of(office, "branches_user_add") | {
        "username": "newcomer",
        "password1": password,
        "password2": password,
    }
    assert office.post(reverse("admin:branches_user_add"), form).status_code == 200
    assert not User.objects.filter(username="newcomer").exists()


def test_an_administrator_sets_a_password_and_never_sees_one(office: Client, reem: User) -> None:
    reem.set_password(CANARY + "-before")
    reem.save()
    shown = page(office, "branches_user_change", reem.pk)
    parts = [part for part in reem.password.split("$")[2:] if len(part) > 6]
    assert parts and not any(part[:6] in shown for part in parts), "not even a part of the hash"
    office.post(
        reverse("admin:auth_user_password_change", args=[reem.pk]), {"password1": PASSWORD, "password2": PASSWORD}
    )
    reem.refresh_from_db()
    assert reem.check_password(PASSWORD)
    assert Change.objects.filter(pgh_obj_model="branches.User", pgh_label="password").exists()


def test_nobody_switches_themselves_off(office: Client, admin: User) -> None:
    form = fields_of(office, "branches_user_change", admin.pk)
    form.pop("is_active", None)
    office.post(reverse("admin:branches_user_change", args=[admin.pk]), form)
    admin.refresh_from_db()
    assert admin.is_active


def test_rights_cannot_be_posted_past_the_form(office: Client, reem: User) -> None:
    form = fields_of(office, "branches_user_change", reem.pk)
    office.post(
        reverse("admin:branches_user_change", args=[reem.pk]),
        form | {"is_staff": "on", "is_superuser": "on", "user_permissions": "1", "groups": "1"},
    )
    reem.refresh_from_db()
    assert not reem.is_staff and not reem.is_superuser


def test_the_history_says_who_what_when_from_where_before_and_after(office: Client, admin: User, reem: User) -> None:
    form = fields_of(office, "branches_user_change", reem.pk) | {"memberships-0-role": "manager"}
    office.post(reverse("admin:branches_user_change", args=[reem.pk]), form, REMOTE_ADDR="10.1.2.3")
    shown = page(office, "branches_user_history", reem.pk)
    row = next(
        row
        for row in re.findall(r"<tr>.*?</tr>", shown, re.DOTALL)
        if "Receptionist" in row and "Branch manager" in row
    )
    assert str(admin) in row and "10.1.2.3" in row and reverse("admin:branches_user_change", args=[reem.pk]) in row


# Branches -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("timezone", "Mars/Phobos"),
        ("country", "XX"),
        ("name_ar", ""),
        ("two_person_limit", "much"),
        ("day_ends_at", "26:00"),
    ],
)
def test_a_branch_takes_no_value_that_cannot_be(office: Client, olaya: Branch, field: str, wrong: str) -> None:
    form = fields_of(office, "branches_branch_change", olaya.pk) | {field: wrong}
    response = office.post(reverse("admin:branches_branch_change", args=[olaya.pk]), form)
    assert response.status_code == 200 and response.context["adminform"].form.errors[field]
    before = olaya.__dict__[field]
    olaya.refresh_from_db()
    assert olaya.__dict__[field] == before
