"""Partners are told at addresses outside, whatever an address pretends to be."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from partners.models import Knock, Partner, Receiver
from partners.notices import tell_partner
from partners.receivers import check_url
from providers.models import State
from tests.partners.telling import bought, told_at
from tests.providers.scripted_server import ScriptedServer
from tests.providers.test_http_address import DISGUISES
from tests.scene import Desk
from tests.web.world import walk

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("url", [url for url in DISGUISES if DISGUISES[url] != "host_not_allowed"])
def test_no_disguise_is_saved(url: str, settings: Any) -> None:
    settings.LOOPBACK_ALLOWED = False
    with pytest.raises(ValidationError):
        check_url(url, lambda host: ["93.184.216.34"])


INNER = ["127.0.0.1", "10.0.0.8", "169.254.169.254", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "fd00::1", "0.0.0.0"]


@pytest.mark.parametrize("address", INNER)
def test_a_name_that_leads_inside_is_neither_saved_nor_called(
    desk: Desk, partner: Partner, server: ScriptedServer, settings: Any, address: str
) -> None:
    url = "https://hooks.partner.example/wasl"
    with pytest.raises(ValidationError):
        check_url(url, lambda host: ["93.184.216.34", address])
    check_url(url, lambda host: ["93.184.216.34"])
    receiver, _secret = told_at(server, partner)
    Receiver.objects.update(url=url)  # it led outside when it was saved
    walk(bought(desk, partner), State.SUCCEEDED)
    assert tell_partner(receiver.pk, resolve=lambda host: [address]) == 0
    assert (Knock.objects.get().problem, server.connections) == ("blocked_address", 0)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/x", "https://169.254.169.254/", "https://2130706433/", "file:///x"]
)
def test_an_address_that_was_changed_behind_our_back_is_not_called(
    desk: Desk, partner: Partner, server: ScriptedServer, settings: Any, url: str
) -> None:
    receiver, _secret = told_at(server, partner)
    walk(bought(desk, partner), State.SUCCEEDED)
    settings.LOOPBACK_ALLOWED = False
    Receiver.objects.update(url=url)
    assert tell_partner(receiver.pk) == 0
    assert Knock.objects.get().problem in ("host_not_allowed", "not_a_url", "not_https")
    assert server.connections == 0
