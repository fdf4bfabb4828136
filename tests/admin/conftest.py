"""An administrator at work, and a redemption for her to look at."""

from __future__ import annotations

import pytest
from django.test import Client

from branches.models import User
from tests.scene import Desk, finish
from tests.signed_in import sign_in
from vouchers.models import Redemption


@pytest.fixture
def office(admin: User) -> Client:
    """The administrator of Olaya, signed in, in English."""
    admin.language = "en"
    admin.save()
    client = Client()
    sign_in(client, admin)
    return client


@pytest.fixture
def redeemed(desk: Desk) -> Redemption:
    finish(desk.redeem())
    return Redemption.objects.select_related("operation__actor").get()
