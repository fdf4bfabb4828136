"""A whole redemption, with the provider's twin and everything committed: what is in the logs afterwards."""

from __future__ import annotations

from collections.abc import Callable

from django.utils import timezone

from providers.models import Operation
from providers.operations import send_operation, settle_operation
from tests.scene import CODE, Desk
from tests.web.world import browser
from vouchers import services

PEOPLE = ("client name", "any name", "name ali", "test client", "501234569", "966330033300", "96634510")
LOGIN = ("*@123#", "centeradmintesting")


def test_a_whole_redemption_is_logged_without_code_name_or_secret(
    transactional_db: None, desk: Desk, logged: Callable[[], str]
) -> None:
    client = browser()
    client.force_login(desk.place.actor)
    lookup = client.post("/vouchers/lookups/", {"q": CODE}).headers["Location"]
    assert services.look_up_voucher(lookup.split("/")[3]) == "found"
    client.post(f"{lookup}person/", {"person": "316"})
    client.post(f"{lookup}amounts/", {"services_total": "600"})
    done = client.post(f"{lookup}confirm/").headers["Location"]
    operation = Operation.objects.get()
    desk.twin.control.fault("drop_after", endpoint="redeem")
    assert send_operation(operation.pk) == "unknown"
    Operation.objects.update(next_at=timezone.now())
    assert settle_operation(operation.pk) == "succeeded"
    for page in (done, f"{done}slip/", "/"):
        assert client.get(page).status_code == 200
    assert "django" in logged() or logged()
    assert [secret for secret in (CODE, CODE[4:], *PEOPLE, *LOGIN) if secret in logged()] == []
