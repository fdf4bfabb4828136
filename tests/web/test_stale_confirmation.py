"""What she pressed on is what is redeemed: a confirm card that another tab has outdated is shown again instead."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from providers.models import Operation
from tests.web.books import unchanged
from tests.web.world import World


def shown_on(client: Client, path: str) -> str:
    found = re.search(r'name="shown" value="([^"]*)"', client.get(path).content.decode())
    assert found
    return found[1]


@pytest.mark.parametrize(("step", "change"), [("amounts", {"services_total": "900"}), ("person", {"person": "317"})])
def test_a_card_that_another_tab_has_outdated_redeems_nothing(
    world: World, reception: Client, step: str, change: dict[str, str]
) -> None:
    path = f"/vouchers/lookups/{world.ours.draft().pk}/"
    shown = shown_on(reception, f"{path}confirm/")
    reception.post(f"{path}{step}/", change)
    with unchanged():
        response = reception.post(f"{path}confirm/", {"shown": shown})
    assert (response.status_code, response.headers["Location"]) == (302, f"{path}confirm/")
    current = shown_on(reception, f"{path}confirm/")
    assert current != shown
    assert reception.post(f"{path}confirm/", {"shown": current}).status_code == 302
    assert Operation.objects.count() == 1
