"""Who gets into the administration, what is there, and what cannot be done."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin as django_admin
from django.test import Client
from django.urls import reverse

from branches.models import Branch, Change, Membership, User
from branches.roles import Role
from providers.models import Account
from tests.admin.office import CANARY, PASSWORD, READ_ONLY, page
from tests.conftest import Hire
from tests.scene import Desk, finish
from tests.signed_in import sign_in
from vouchers.models import Redemption

# The door -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [role for role in Role.values if role != Role.ADMIN])
def test_only_technical_administrators_get_in(hire: Hire, olaya: Branch, role: str) -> None:
    client = Client()
    sign_in(client, hire("somebody", role, olaya))
    response = client.get(reverse("admin:index"), follow=True)
    assert response.status_code == 403


def test_strangers_are_led_to_our_own_sign_in_and_back(admin: User, olaya: Branch) -> None:
    admin.set_password(PASSWORD)
    admin.save()
    client = Client()
    response = client.get(reverse("admin:providers_account_changelist"), follow=True)
    (address, _status), door = response.redirect_chain[-1], response
    assert address.startswith(reverse("account_login")) and door.context["redirect_field_value"].endswith("/account/")
    response = client.post(address, {"login": "admin", "password": PASSWORD, "next": "/admin/providers/account/"})
    assert response["Location"] == "/admin/providers/account/"


def test_djangos_own_sign_in_takes_no_password(admin: User) -> None:
    admin.set_password(PASSWORD)
    admin.save()
    client = Client()
    response = client.post(reverse("admin:login"), {"username": "admin", "password": PASSWORD})
    assert response.status_code == 302 and response["Location"].startswith(reverse("account_login"))
    assert "_auth_user_id" not in client.session


def test_somebody_whose_role_goes_is_out_at_the_next_request(office: Client, admin: User) -> None:
    membership = Membership.objects.get(user=admin)
    other = Client()
    sign_in(other, admin)
    assert other.get(reverse("admin:index")).status_code == 200
    office.post(reverse("admin:branches_membership_delete", args=[membership.pk]), {"post": "yes"})
    assert not Membership.objects.filter(pk=membership.pk).exists()
    assert other.get(reverse("admin:index"), follow=True).status_code == 403


def test_sign_ins_and_those_that_failed_are_shown_and_kept(office: Client, hire: Hire, olaya: Branch) -> None:
    hire("reem", Role.RECEPTIONIST, olaya, password=PASSWORD)
    client = Client()
    for password in ("wrong-" + CANARY, PASSWORD):
        client.post(reverse("account_login"), {"login": "reem", "password": password})
    assert "reem" in page(office, "axes_accesslog_changelist")
    failed = page(office, "axes_accessfailurelog_changelist")
    assert "reem" in failed and CANARY not in failed


# What is there, and what cannot be done -------------------------------------------------------------------------------


def test_groups_and_sign_up_addresses_do_not_clutter_it(office: Client) -> None:
    labels = {model._meta.label for model in django_admin.site._registry}
    assert not labels & {"auth.Group", "account.EmailAddress"}
    shown = page(office, "index")
    assert reverse("admin:branches_change_changelist") in shown and reverse("desk:home") in shown


@pytest.mark.parametrize("model", READ_ONLY)
def test_journals_and_mirrors_cannot_be_written(office: Client, desk: Desk, model: Any) -> None:
    finish(desk.redeem())
    label = f"{model._meta.app_label}_{model._meta.model_name}"
    assert office.get(reverse(f"admin:{label}_add")).status_code == 403
    row = model.objects.first()
    if row is None or model is Change:
        return
    for action in ("change", "delete"):
        response = office.post(reverse(f"admin:{label}_{action}", args=[row.pk]), {"post": "yes", "state": "refused"})
        assert response.status_code in (403, 302), (model, action, response.status_code)
    assert model.objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize("name", ["branches_user", "branches_branch", "providers_account"])
def test_what_the_ledger_names_is_switched_off_and_not_deleted(office: Client, account: Account, name: str) -> None:
    row = {"branches_user": User, "branches_branch": Branch, "providers_account": Account}[name].objects.first()
    assert office.post(reverse(f"admin:{name}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403
    row.refresh_from_db()


def test_evidence_of_a_branch_is_for_those_who_may_see_it_there(
    office: Client, other_desk: Desk, nakheel: Branch, admin: User
) -> None:
    operation = finish(other_desk.redeem())
    redemption = Redemption.objects.get()
    assert operation.reference not in page(office, "vouchers_redemption_changelist")
    address = reverse("admin:vouchers_redemption_change", args=[redemption.pk])
    assert office.get(address, follow=True).status_code == 200  # sent back to the index with a message
    assert operation.reference not in office.get(address, follow=True).content.decode()
    Membership.objects.create(user=admin, branch=nakheel, role=Role.ADMIN)
    assert operation.reference in page(office, "vouchers_redemption_changelist")
