"""Webhooks of partners in the administration: a secret shown once, no inner address, a message told again."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from branches.models import Branch, User
from partners.models import Notice, Partner, Receiver
from partners.receivers import make_receiver
from providers.models import State
from tests.admin.office import page, told
from tests.partners.caller import issued
from tests.signed_in import sign_in
from tests.web.world import open_corner, walk

URL = "http://127.0.0.1:9/hooks"
SECRET = re.compile(r"whsec_[A-Za-z0-9+/=]{44}")


@pytest.fixture
def partner(olaya: Branch) -> Partner:
    return issued(olaya)[0].partner


@pytest.fixture
def receiver(partner: Partner) -> Receiver:
    return make_receiver(partner, URL, now=timezone.now())[0]


def test_a_secret_is_shown_on_the_page_that_makes_it_and_nowhere_else(office: Client, partner: Partner) -> None:
    response = office.post(reverse("admin:partners_receiver_add"), {"partner": partner.pk, "url": URL})
    [secret] = set(SECRET.findall(response.content.decode()))
    row = Receiver.objects.get()
    assert row.url == URL and secret not in str(dict(office.session))
    assert secret not in page(office, "partners_receiver_changelist") + page(office, "partners_receiver_change", row.pk)


@pytest.mark.parametrize(
    "url", ["https://10.0.0.1/x", "http://shop.example/x", "https://shop.example:22/", "ftp://x.example"]
)
def test_an_inner_address_is_not_saved(office: Client, partner: Partner, receiver: Receiver, url: str) -> None:
    form = {"url": url, "is_active": "on"}
    response = office.post(reverse("admin:partners_receiver_change", args=[receiver.pk]), form)
    assert response.status_code == 200 and "Only an https address outside" in response.content.decode()
    assert Receiver.objects.get().url == URL


def test_a_new_secret_is_shown_and_the_old_one_stays_good_for_a_while(office: Client, receiver: Receiver) -> None:
    listed = reverse("admin:partners_receiver_changelist")
    response = office.post(listed, {"action": "renew", "_selected_action": [receiver.pk]})
    assert len(set(SECRET.findall(response.content.decode()))) == 1
    receiver.refresh_from_db()
    assert receiver.sealed_before and receiver.before_until


def test_one_that_was_switched_off_is_switched_on_by_hand(office: Client, receiver: Receiver) -> None:
    Receiver.objects.update(is_active=False, switched_off_at=timezone.now(), failing_since=timezone.now())
    assert "it failed for days" in page(office, "partners_receiver_changelist")
    form = {"url": URL, "is_active": "on"}
    office.post(reverse("admin:partners_receiver_change", args=[receiver.pk]), form)
    row = Receiver.objects.get()
    assert row.is_active and row.failing_since is None and row.switched_off_at is None


def test_what_was_told_is_shown_and_told_again(office: Client, receiver: Receiver) -> None:
    notice = noticed(receiver)
    Notice.objects.update(state=Notice.State.GIVEN_UP)
    assert notice.operation.reference in page(office, "partners_notice_changelist")
    assert "operation.updated" in page(office, "partners_notice_change", notice.pk)
    listed = reverse("admin:partners_notice_changelist")
    response = office.post(listed, {"action": "again", "_selected_action": [notice.pk]})
    assert "1 message is told again." in told(response)
    assert Notice.objects.get().state == Notice.State.WAITING


def test_it_asks_for_a_fresh_proof(admin: User, receiver: Receiver) -> None:
    client: Any = sign_in(Client(), admin, ago=3600)
    assert client.get(reverse("admin:partners_receiver_change", args=[receiver.pk])).status_code == 302
    client.post(reverse("admin:partners_receiver_changelist"), {"action": "renew", "_selected_action": [receiver.pk]})
    receiver.refresh_from_db()
    assert not receiver.sealed_before


def noticed(receiver: Receiver) -> Notice:
    operation = open_corner("corner").redemption(State.CREATED).operation
    type(operation).objects.filter(pk=operation.pk).update(source="partner", partner=receiver.partner_id)
    operation.refresh_from_db()
    walk(operation, State.SUCCEEDED)
    return Notice.objects.get()
