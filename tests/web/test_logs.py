"""No code, name, number or password is ever in a log, whatever its level. Only the last four letters of a code may be."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.web.test_errors import CANARIES
from tests.web.world import PASSWORD, World, browser


@pytest.mark.urls("tests.web.broken_urls")
def test_no_form_is_ever_logged(world: World, logged: Callable[[], str]) -> None:
    client, draft = world.client("manager"), world.ours.draft()
    form = CANARIES | {"services_total": "canary-total", "person": "canary-person", "login": "canary-login"}
    paths = [
        "/vouchers/lookups/",
        *(f"/vouchers/lookups/{draft.pk}/{step}/" for step in ("person", "amounts", "confirm")),
    ]
    paths += [
        "/accounts/password/",
        "/accounts/place/",
        "/fails/now/",
        "/asks/",
        "/no-such-page",
        "/review/discrepancies/1/close/",
    ]
    for path in paths:
        client.post(path, form)
    for _ in range(5):
        browser().post("/accounts/login/", {"login": "manager", "password": CANARIES["password"]})
    client.post("/vouchers/lookups/", {**form, "q": "x" * 300_000})
    client.post("/vouchers/lookups/", {**form, "z": "\0"})
    world.client("manager", csrf=True).post("/vouchers/lookups/", form)
    assert "Repeated login failure" in logged()
    held = [*CANARIES.values(), "canary", PASSWORD, draft.code, client.cookies["sessionid"].value, "احمد", "سارة"]
    assert [secret for secret in held if secret in logged()] == []
