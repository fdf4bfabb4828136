"""The mirrors are looked at in the administration and changed by nobody; limits are set there, after a fresh proof."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from branches.models import Branch, User
from loyalty.models import Act, Limit, Proposal
from loyalty.services.limits import allowance_of
from providers.models import MirrorRow
from tests.loyalty.salon import Salon
from tests.signed_in import sign_in

pytestmark = pytest.mark.django_db(transaction=True)
MIRRORS = [model for model in apps.get_app_config("loyalty").get_models() if issubclass(model, MirrorRow)]


@pytest.fixture
def office(admin: User) -> Client:
    client = Client()
    sign_in(client, admin)
    return client


def shown(office: Client, model: Any, *args: Any) -> str:
    name = f"loyalty_{model._meta.model_name}_{'change' if args else 'changelist'}"
    response = office.get(reverse(f"admin:{name}", args=args))
    assert response.status_code == 200
    return str(response.content.decode())


def test_every_mirror_is_shown_and_nothing_can_be_written(office: Client, salon: Salon) -> None:
    salon.visit()
    salon.card()
    for model in (*MIRRORS, Act, Proposal):
        shown(office, model)
        row = model._default_manager.first()
        if row is not None:
            assert 'name="_save"' not in shown(office, model, row.pk)
        assert office.get(reverse(f"admin:loyalty_{model._meta.model_name}_add")).status_code == 403


def test_no_whole_phone_and_no_whole_number_of_a_card_is_on_a_page(office: Client, salon: Salon) -> None:
    card = salon.card()
    pages = [shown(office, model) for model in MIRRORS]
    pages += [shown(office, model, row.pk) for model in MIRRORS for row in model._default_manager.all()[:9]]
    for page in pages:
        assert "501234567" not in page and card.number not in page


def test_a_limit_is_set_for_a_role_at_a_branch_and_who_did_it_is_kept(
    office: Client, olaya: Branch, reem: User, admin: User
) -> None:
    fields = {"branch": olaya.pk, "role": "receptionist", "alone": "12.50", "a_day": "30"}
    assert office.post(reverse("admin:loyalty_limit_add"), fields).status_code == 302
    allowance = allowance_of(reem, olaya, timezone.now())
    assert (allowance.alone, allowance.a_day) == (Decimal("12.50"), Decimal(30))
    events = apps.get_model("loyalty", "LimitEvent").objects.filter(pgh_label="insert")
    assert events.count() == 1
    below = office.post(reverse("admin:loyalty_limit_add"), {**fields, "role": "manager", "alone": "-1"})
    assert below.status_code == 200 and Limit.objects.count() == 1
