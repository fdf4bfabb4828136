"""Partners and their keys in the administration: a key is shown once, on the page that makes it, and can be ended."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from branches.models import Branch, User
from partners.models import Key, Partner
from tests.admin.office import page, told
from tests.partners.caller import Caller, issued
from tests.signed_in import sign_in


@pytest.fixture
def partner(olaya: Branch) -> Partner:
    return Partner.objects.create(name="shop", created_at=timezone.now())


def made(office: Client, partner: Partner, branch: Branch, **more: str) -> str:
    form = {"partner": partner.pk, "branches": [branch.pk], "scopes": ["vouchers:read"], "addresses": ""}
    response = office.post(reverse("admin:partners_key_add"), form | more)
    return response.content.decode()


def test_a_key_is_shown_on_the_page_that_makes_it_and_nowhere_else(
    office: Client, partner: Partner, olaya: Branch
) -> None:
    text = made(office, partner, olaya)
    [key] = set(re.findall(r"wasl_[0-9a-z]{8}_[A-Za-z0-9_-]{43}", text))
    assert Caller(key).get("branches").status_code == 200
    row = Key.objects.get()
    assert (row.branches, row.scopes) == (["olaya"], ["vouchers:read"])
    secret = key.split("_", 2)[2]
    assert secret not in str(office.cookies) and secret not in str(dict(office.session))
    assert secret not in page(office, "partners_key_changelist") + page(office, "partners_key_change", row.pk)


@pytest.mark.parametrize(
    "wrong", [{"addresses": "nowhere"}, {"scopes": "everything"}, {"expires_at_0": "2001-01-01"}], ids=str
)
def test_a_key_that_makes_no_sense_is_not_made(
    office: Client, partner: Partner, olaya: Branch, wrong: dict[str, str]
) -> None:
    assert "wasl_" not in made(office, partner, olaya, **{"expires_at_1": "00:00:00"} | wrong)
    assert not Key.objects.exists()


def test_a_third_live_key_is_not_made(office: Client, partner: Partner, olaya: Branch) -> None:
    issued(olaya)
    issued(olaya)
    assert "two live keys at most" in made(office, partner, olaya)
    assert Key.objects.count() == 2


def test_a_key_is_revoked_from_the_list_and_opens_nothing_any_more(office: Client, olaya: Branch) -> None:
    row, key = issued(olaya)
    listed = reverse("admin:partners_key_changelist")
    response = office.post(listed, {"action": "revoke", "_selected_action": [row.pk]})
    assert "1 key is revoked." in told(response)
    assert Caller(key).get("branches").status_code == 401
    assert "Revoked" in page(office, "partners_key_changelist")


def test_a_key_is_never_changed_or_deleted(office: Client, olaya: Branch) -> None:
    row, _key = issued(olaya)
    office.post(reverse("admin:partners_key_change", args=[row.pk]), {"scopes": ["all"], "branches": ["nakheel"]})
    row.refresh_from_db()
    assert row.branches == ["olaya"]
    assert office.post(reverse("admin:partners_key_delete", args=[row.pk]), {"post": "yes"}).status_code == 403


def test_a_partner_that_is_switched_off_is_out_at_once(office: Client, olaya: Branch) -> None:
    row, key = issued(olaya)
    office.post(reverse("admin:partners_partner_change", args=[row.partner_id]), {"contact": "Sara"})
    assert Caller(key).get("branches").status_code == 401


def test_making_and_ending_keys_asks_for_a_fresh_proof(admin: User, olaya: Branch, partner: Partner) -> None:
    row, key = issued(olaya)
    client = sign_in(Client(), admin, ago=3600)
    assert client.get(reverse("admin:partners_key_add")).status_code == 302
    client.post(reverse("admin:partners_key_changelist"), {"action": "revoke", "_selected_action": [row.pk]})
    assert Caller(key).get("branches").status_code == 200
