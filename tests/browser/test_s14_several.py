"""S14, several services: each at its time, booked as one; taken out again; what was answered to the clinic waits."""

from __future__ import annotations

from urllib.parse import unquote

import pytest

from providers.sandbox.running import RunningSandbox
from reservations.models import Act, Product
from tests.browser.booking_desk import (
    ALONE,
    ANOTHER,
    DONE,
    WHAT,
    BookingClinic,
    in_order,
    opened_clinic,
    ready,
    somebody_new,
    up_to_confirm,
    up_to_what,
)
from tests.browser.conftest import Seat
from tests.browser.visit import PHONE
from tests.scene import eventually

pytestmark = pytest.mark.usefixtures("workers")


@pytest.fixture
def clinic(transactional_db: None, twin_of_all: RunningSandbox) -> BookingClinic:
    return opened_clinic(twin_of_all)


@pytest.mark.parametrize(
    ("language", "options"), [("ar", {"viewport": PHONE}), ("en", {})], ids=["ar-phone", "en-till"]
)
def test_two_services_are_booked_at_once_each_at_its_time(
    clinic: BookingClinic, seat: Seat, language: str, options: dict[str, object]
) -> None:
    screen = seat(clinic, clinic.hire(language=language), **options)
    somebody_new(screen, clinic.new_phone())
    up_to_confirm(screen)
    screen.see(ANOTHER).press("Enter")
    screen.see(f"{WHAT}:focus")
    assert screen.see("#part .taken li", 1)
    in_order(screen)
    up_to_confirm(screen, "2")
    in_order(screen)
    screen.press("Enter")
    screen.see(DONE)
    [act] = clinic.acts("booking.book")
    first, second = act.asked["items"]
    assert first["product"] != second["product"]
    made_ids = eventually(lambda: Act.objects.get(pk=act.pk).made_ids)
    text = screen.text("#part .rc")
    assert len(made_ids) == 2 and all(any(name in text for name in item["names"]) for item in (first, second))
    assert all(len(clinic.effects(one)) == 1 for one in made_ids)


def test_a_service_is_taken_out_again_and_esc_loses_none(clinic: BookingClinic, seat: Seat) -> None:
    screen = seat(clinic, clinic.hire(language="fr"))
    somebody_new(screen, clinic.new_phone())
    up_to_confirm(screen)
    alone = screen.path
    screen.see(ANOTHER).press("Enter")
    screen.see(f"{WHAT}:focus")
    screen.press("Escape")
    ready(screen)
    assert screen.path == alone
    screen.see(ANOTHER).press("Enter")
    screen.see(f"{WHAT}:focus")
    up_to_confirm(screen, "2")
    screen.see("#part .taken a").press("Enter")
    ready(screen)
    screen.see("#part .taken", 0)
    screen.press("Enter")
    screen.see(DONE)
    assert [len(act.asked["items"]) for act in clinic.acts("booking.book")] == [1]


def test_what_was_answered_to_the_clinic_waits_while_a_service_is_added(clinic: BookingClinic, seat: Seat) -> None:
    screen = seat(clinic, clinic.hire(language="ar"))
    up_to_what(screen, ALONE)
    up_to_confirm(screen)
    wants = {"name": "allergies", "label": "هل لديك حساسية؟", "required": True}
    Product.objects.filter(account=clinic.account).update(fields=[wants])
    screen.page.reload()
    ready(screen)
    screen.see("#q1-0").fill("حبوب اللقاح")
    screen.see(ANOTHER).press("Enter")
    screen.see(f"{WHAT}:focus")
    up_to_confirm(screen, "2")
    assert screen.see("#q1-0").input_value() == "حبوب اللقاح"
    assert "حبوب" not in unquote(screen.page.url)
