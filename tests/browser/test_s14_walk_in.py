"""S14: a walk-in by keyboard alone: found or created, booked at a free time, checked in. S15: a booking without an answer."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from providers.models import Operation, State
from providers.sandbox.running import RunningSandbox
from reservations.models import Act, Reservation
from tests.browser.booking_desk import (
    ALONE,
    CHECK_UP,
    CHECKING,
    CONFIRM,
    DONE,
    FAMILY,
    PHONE_BOX,
    REFUSED,
    SLUG,
    TIMES,
    WHAT,
    WHO,
    BookingClinic,
    choose,
    in_order,
    nobody_asks,
    opened_clinic,
    ready,
    somebody_new,
    up_to_confirm,
    up_to_what,
)
from tests.browser.conftest import Seat
from tests.browser.screen import Screen
from tests.browser.visit import PHONE
from tests.scene import eventually

pytestmark = pytest.mark.usefixtures("workers")


@pytest.fixture
def clinic(transactional_db: None, twin_of_all: RunningSandbox) -> BookingClinic:
    return opened_clinic(twin_of_all)


def made(clinic: BookingClinic) -> Reservation:
    """What the last booking made, as soon as a worker has read it."""
    act = clinic.acts("booking.book")[-1]
    eventually(lambda: Act.objects.get(pk=act.pk).made_ids)
    rows = Reservation.objects.filter(external_id=Act.objects.get(pk=act.pk).made_ids[0], account=clinic.account)
    return eventually(rows.first)


@pytest.mark.parametrize(
    ("language", "options"),
    [("ar", {}), ("fr", {"viewport": PHONE}), ("en", {})],
    ids=["ar-till", "fr-phone", "en-till"],
)
def test_a_walk_in_is_booked_and_checked_in_by_keyboard_alone(
    clinic: BookingClinic, seat: Seat, language: str, options: dict[str, object]
) -> None:
    screen = seat(clinic, clinic.hire(language=language), **options)
    screen.open("/reservations/book/").see(PHONE_BOX)
    screen.type(ALONE)
    screen.press("Enter")
    screen.see(f"{WHO}:focus")
    screen.press("Enter")
    screen.see(f"{WHAT}:focus")
    in_order(screen)
    up_to_confirm(screen)
    in_order(screen)
    assert not clinic.acts("booking.book")
    screen.press("Enter")
    screen.see(DONE)
    in_order(screen)
    row = made(clinic)
    assert row.customer_name == "نورة الشمري" and row.source == "Api"
    assert len(screen.keys) <= 8, screen.keys
    screen.see("#part img.qr")
    assert screen.see("#part .pay a").get_attribute("href") == _payment_link(clinic)
    _check_in(screen, row)
    screen.see(DONE)
    eventually(lambda: clinic.effects(row.external_id)[-1:] and _attended(clinic))


def test_a_new_customer_is_created_first_and_then_booked(clinic: BookingClinic, seat: Seat) -> None:
    screen = seat(clinic, clinic.hire(language="ar"))
    somebody_new(screen, clinic.new_phone())
    up_to_confirm(screen)
    assert "ليلى المطيري" in screen.text(CONFIRM)
    screen.press("Enter")
    screen.see(DONE)
    assert made(clinic).customer_name == "ليلى المطيري"
    assert len(clinic.acts("booking.create_customer")) == 1


def test_of_a_family_on_one_phone_nobody_is_chosen_for_her(clinic: BookingClinic, seat: Seat) -> None:
    screen = seat(clinic, clinic.hire(language="ar"))
    screen.open("/reservations/book/").see(PHONE_BOX)
    screen.type(FAMILY)
    screen.press("Enter")
    screen.see(WHO, 3)
    screen.see(f"{WHO}:checked", 0)
    choose(screen, "2")
    name = screen.text("#part .choice:has(:checked) b")
    screen.press("Enter")
    screen.see(f"{WHAT}:focus")
    assert name in screen.text("#part header")


def test_the_draft_survives_reload_back_and_a_second_tab_and_is_sent_once(clinic: BookingClinic, seat: Seat) -> None:
    screen = seat(clinic, clinic.hire(language="en"))
    up_to_what(screen, ALONE)
    up_to_confirm(screen)
    confirmation = screen.page.url
    said = screen.text(CONFIRM)
    screen.page.reload()
    ready(screen)
    assert screen.text(CONFIRM) == said
    screen.page.go_back()
    screen.see(TIMES)
    screen.page.go_forward()
    ready(screen)
    second = Screen(screen.context, screen.context.new_page(), screen.site)
    second.page.goto(confirmation)
    ready(second)
    screen.press("Enter")
    screen.see(DONE)
    second.see(f"{CONFIRM} button").click()
    second.see(DONE)
    assert second.path == screen.path
    assert len(clinic.acts("booking.book")) == 1


def test_the_same_time_twice_is_asked_about_first(clinic: BookingClinic, seat: Seat) -> None:
    screen = seat(clinic, clinic.hire(language="en"))
    up_to_what(screen, ALONE)
    up_to_confirm(screen)
    screen.press("Enter")
    screen.see(DONE)
    row = made(clinic)
    screen.open(reverse("reservations:book"))
    up_to_what(screen, ALONE)
    screen.page.locator("#part .choice", has_text=CHECK_UP).locator("input").press("Space")
    screen.press("Enter")
    screen.see(f"{TIMES}:focus")
    at = row.starts_at.astimezone(clinic.branch.zone).strftime("%H:%M")
    again = screen.page.locator("#part .hours .choice", has_text=at).first
    again.locator("input").press("Space")
    screen.see("#part .rc footer button").click()
    ready(screen)
    screen.press("Enter")
    screen.see(f"{CONFIRM} [role=alert]")
    assert len(clinic.acts("booking.book")) == 1


def test_the_whole_way_works_without_javascript(clinic: BookingClinic, seat: Seat) -> None:
    screen = seat(clinic, clinic.hire(language="fr"), java_script_enabled=False).open("/reservations/book/")
    screen.see("#phone").press_sequentially(ALONE)
    screen.press("Enter")
    nobody_asks(clinic)
    screen.see(WHO)
    screen.page.locator(WHO).first.press("Space")
    screen.see("#part .rc footer button[type=submit]").press("Enter")
    screen.page.locator(WHAT).first.press("Space")
    screen.see("#part .rc footer button[type=submit]").press("Enter")
    nobody_asks(clinic)
    screen.see(TIMES)
    screen.page.locator("#part form").first.locator("footer button[type=submit]").press("Enter")
    screen.see(f"{CONFIRM} button[type=submit]").press("Enter")
    screen.see(DONE)
    assert made(clinic)


# S15 ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["ar"])
def test_a_booking_whose_answer_is_lost_is_found_and_not_made_twice(
    clinic: BookingClinic, seat: Seat, language: str
) -> None:
    screen = seat(clinic, clinic.hire(language=language))
    up_to_what(screen, ALONE)
    up_to_confirm(screen)
    clinic.twin.control.fault("drop_after", provider=SLUG, endpoint="book")
    clinic.twin.control.fault("status", provider=SLUG, endpoint="reservations", status=503, skip=1, times=2)
    screen.press("Enter")
    screen.see(CHECKING)
    in_order(screen)
    screen.see(DONE)
    clinic.twin.control.clear_faults()
    row = made(clinic)
    assert len(clinic.effects(row.external_id)) == 1
    assert _operation(clinic).evidence_level == "inferred"


def test_one_that_did_not_happen_may_be_tried_again_as_a_new_act(clinic: BookingClinic, seat: Seat) -> None:
    screen = seat(clinic, clinic.hire(language="en"))
    up_to_what(screen, ALONE)
    up_to_confirm(screen)
    clinic.twin.control.fault("drop_before", provider=SLUG, endpoint="book")
    screen.press("Enter")
    screen.see(REFUSED)
    assert _operation(clinic).state == State.NOT_APPLIED
    screen.see("#part .rc footer a.btn-primary").press("Enter")
    screen.see(f"{WHAT}:checked")  # the same service
    screen.see("#part .rc footer button[type=submit]").press("Enter")
    screen.see(f"{TIMES}:focus")
    screen.press("Enter")
    ready(screen)
    screen.press("Enter")
    screen.see(DONE)
    first, second = clinic.acts("booking.book")
    assert second.follows == first


# What is shared -------------------------------------------------------------------------------------------------------


def _operation(clinic: BookingClinic) -> Operation:
    return clinic.acts("booking.book")[-1].operation


def _payment_link(clinic: BookingClinic) -> str:
    return str(_operation(clinic).outcome["references"]["payment_link"])


def _check_in(screen: Screen, row: Reservation) -> None:
    """The button is there on the day itself."""
    if screen.page.locator("#part form[action$='/in/'] button").count():
        screen.see("#part form[action$='/in/'] button").press("Enter")
        return
    screen.open(reverse("reservations:check_in", args=[row.pk]))
    screen.see("#part .rc footer button").press("Enter")


def _attended(clinic: BookingClinic) -> bool:
    [act] = clinic.acts("booking.attend")
    return act.operation.state == State.SUCCEEDED


def _slip(screen: Screen) -> Page:
    with screen.context.expect_page() as opening:
        screen.page.keyboard.press("F8")
    expect(opening.value.locator("article.slip")).to_be_visible()
    return opening.value
