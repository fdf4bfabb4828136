"""S3: the power fails in the middle. She signs in elsewhere and the desk opens on what is unfinished, with its true state."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.clinic import PASSWORD, Clinic
from tests.browser.conftest import Power, Seat
from tests.browser.screen import DONE, WORK
from tests.scene import SLUG, effects, eventually, writes

pytestmark = pytest.mark.usefixtures("workers")


def test_after_a_power_cut_the_desk_opens_on_the_unfinished_redemption(
    clinic: Clinic, seat: Seat, power: Power
) -> None:
    code = clinic.voucher()
    reem = clinic.hire()
    clinic.twin.control.fault("hang_after", provider=SLUG, endpoint="redeem", code=code, seconds=20)
    first = seat(clinic, reem, till=1)
    first.up_to_confirm(code)
    first.press("Enter")
    eventually(lambda: effects(clinic.twin, code))
    power.off()
    first.context.close()

    elsewhere = seat().open()
    elsewhere.see("#id_login:focus")
    elsewhere.type(reem.username)
    elsewhere.press("Tab")
    elsewhere.type(PASSWORD)
    elsewhere.press("Enter")
    elsewhere.see(f"input[name=till][value='{clinic.till(2).pk}']").check()
    elsewhere.press("Enter")
    item = elsewhere.see(WORK)
    expect(item.locator("[data-seconds]")).to_be_visible()
    expect(elsewhere.page.locator(".main .notice a.btn")).to_have_count(1)
    elsewhere.see(f"{WORK}:not(.t-done)", 1)
    assert len(writes(clinic.twin, code)) == 1

    power.on()
    elsewhere.see(f"{WORK}.t-done")  # settled by a fresh worker, shown without a reload
    elsewhere.press("Alt+1")
    elsewhere.see(DONE)
    assert len(writes(clinic.twin, code)) == len(effects(clinic.twin, code)) == 1
