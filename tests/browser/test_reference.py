"""The reference of the partner API: readable by everybody, at a desk and on a phone, without a script."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.browser import audit

SIZES = {"at a desk": (1366, 860, "light"), "on a phone": (390, 800, "dark")}


@pytest.mark.parametrize("size", SIZES)
def test_it_fits_and_is_readable(browser: Browser, address: str, size: str) -> None:
    width, height, scheme = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, bypass_csp=True, locale="ar"
    )
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(f"{address}/api/v1/docs/")
    assert audit.sticks_out(page) + audit.axe_violations(page) == []
    assert said == []
    context.close()
