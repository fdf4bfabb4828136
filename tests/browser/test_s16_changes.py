"""S16: another time, confirmed, cancelled, done. S17: checked in and out, and a mistake undone. S18: paused and resumed."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from branches.roles import Role
from providers.models import State
from providers.sandbox.running import RunningSandbox
from reservations.models import Act, Reservation, Subscription
from tests.browser import audit
from tests.browser.booking_desk import (
    CHECKING,
    CONFIRM,
    DONE,
    REFUSED,
    SLUG,
    TIMES,
    BookingClinic,
    choose,
    nobody_asks,
    opened_clinic,
    ready,
)
from tests.browser.conftest import Seat
from tests.browser.screen import Screen
from tests.scene import eventually

pytestmark = pytest.mark.usefixtures("workers")
BUTTON = "#part .rc footer button[type=submit]"


@pytest.fixture
def clinic(transactional_db: None, twin_of_all: RunningSandbox) -> BookingClinic:
    return opened_clinic(twin_of_all)


def on(screen: Screen, name: str, key: object) -> Screen:
    return screen.open(reverse(f"reservations:{name}", args=[key]))


def read_again(row: Reservation, **wanted: object) -> Reservation:
    """As soon as a worker has read it once more."""
    return eventually(Reservation.objects.filter(pk=row.pk, **wanted).first)


# S16 ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["ar", "fr", "en"])
def test_another_time_keeps_the_length_and_takes_one_of_the_nearest(
    clinic: BookingClinic, seat: Seat, language: str
) -> None:
    row = clinic.reservation()
    length = row.ends_at - row.starts_at
    screen = seat(clinic, clinic.hire(language=language))
    on(screen, "reschedule", row.pk).see("#day:focus")
    screen.see(BUTTON).press("Enter")
    screen.see(f"{TIMES}:focus")
    assert screen.page.locator("#part fieldset").first.locator("label").count() == 3
    choose(screen, "2")
    in_order(screen)
    screen.press("Enter")
    ready(screen)
    in_order(screen)
    screen.press("Enter")
    screen.see(DONE)
    in_order(screen)
    moved = eventually(Reservation.objects.filter(pk=row.pk).exclude(starts_at=row.starts_at).first)
    assert moved.ends_at - moved.starts_at == length
    assert [one["name"] for one in moved.practitioners] == [one["name"] for one in row.practitioners]


def test_a_time_that_was_taken_meanwhile_offers_the_three_nearest(clinic: BookingClinic, seat: Seat) -> None:
    row = clinic.reservation()
    screen = seat(clinic, clinic.hire(language="en"))
    on(screen, "reschedule", row.pk).see("#day:focus")
    screen.see(BUTTON).press("Enter")
    screen.see(f"{TIMES}:focus")
    screen.press("Enter")
    ready(screen)
    clinic.take(screen.path, row)
    screen.press("Enter")
    screen.see(REFUSED)
    assert clinic.acts("booking.reschedule")[-1].operation.refusal_code == "slot_taken"
    assert len(clinic.effects(row.external_id)) == 2  # made and confirmed
    screen.see("#part .rc footer a.btn-primary").press("Enter")
    screen.see("#day:focus")
    screen.see(BUTTON).press("Enter")
    screen.see(f"{TIMES}:focus")
    assert screen.page.locator("#part fieldset").first.locator("label").count() == 3


def test_it_is_confirmed_and_the_visit_ended(clinic: BookingClinic, seat: Seat) -> None:
    row = clinic.reservation(status="pending")
    screen = seat(clinic, clinic.hire(language="ar"))
    on(screen, "confirm", row.pk).see(f"{BUTTON}:focus")
    screen.press("Enter")
    screen.see(DONE)
    read_again(row, status="confirmed")
    on(screen, "finish", row.pk)
    ready(screen)
    screen.press("Enter")
    screen.see(DONE)
    read_again(row, status="done")
    assert [one.amounts["status"] for one in clinic.effects(row.external_id)[1:]] == ["Confirmed", "Done"]


@pytest.mark.parametrize(("role", "told"), [(Role.RECEPTIONIST, "no"), (Role.SUPERVISOR, "yes")])
def test_it_is_cancelled_for_a_reason_and_only_a_supervisor_sends_a_message(
    clinic: BookingClinic, seat: Seat, role: str, told: str
) -> None:
    row = clinic.reservation()
    screen = seat(clinic, clinic.hire(role, language="fr"))
    on(screen, "cancel", row.pk).see("input[name=reason]:focus")
    screen.see(BUTTON).press("Enter")
    screen.see("#reason-error")
    assert screen.page.locator("input[name=notify]").count() == (told == "yes")
    choose(screen, "7")
    screen.see("#words").fill("voyage")
    if told == "yes":
        screen.see("input[name=notify]").check()
    in_order(screen)
    screen.see(BUTTON).press("Enter")
    screen.see(DONE)
    assert read_again(row, status="cancelled").cancellation_reason == "voyage"
    assert clinic.effects(row.external_id)[-1].amounts["notified"] == told


def test_a_cancellation_without_an_answer_is_checked_and_found(clinic: BookingClinic, seat: Seat) -> None:
    row = clinic.reservation()
    screen = seat(clinic, clinic.hire(language="en"))
    on(screen, "cancel", row.pk).see("input[name=reason]:focus")
    choose(screen, "1")
    clinic.twin.control.fault("drop_after", provider=SLUG, endpoint="cancel", code=row.external_id)
    clinic.twin.control.fault(
        "status", provider=SLUG, endpoint="reservation", code=row.external_id, status=503, skip=1, times=2
    )
    screen.press("Enter")
    screen.see(CHECKING)
    screen.see(DONE)
    assert len(clinic.effects(row.external_id)) == 3  # made, confirmed, and cancelled once
    assert (
        read_again(row, status="cancelled").cancellation_reason == "بطلب من العميل"
    )  # in the language of their system


def test_small_forms_work_without_javascript(clinic: BookingClinic, seat: Seat) -> None:
    row = clinic.reservation()
    screen = seat(clinic, clinic.hire(language="ar"), java_script_enabled=False)
    on(screen, "reschedule", row.pk).see(BUTTON).press("Enter")
    nobody_asks(clinic)
    screen.see(TIMES)
    screen.page.locator("#part form").first.locator("footer button[type=submit]").press("Enter")
    screen.see(f"{CONFIRM} button[type=submit]").press("Enter")
    screen.see(DONE)
    on(screen, "cancel", row.pk).page.locator("input[value=ill]").press("Space")
    screen.see(BUTTON).press("Enter")
    screen.see(DONE)


# S17 ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["fr"])
def test_whoever_was_checked_in_by_mistake_is_checked_out_once(
    clinic: BookingClinic, seat: Seat, language: str
) -> None:
    row = clinic.reservation()
    screen = seat(clinic, clinic.hire(language=language))
    on(screen, "check_in", row.pk).see(f"{BUTTON}:focus")
    screen.press("Enter")
    screen.see(DONE)
    screen.see("#part a[href$='/undo/']").press("Enter")
    ready(screen)
    in_order(screen)
    screen.press("Enter")
    screen.see(DONE)
    came, went = clinic.acts("booking.attend")
    assert (came.asked["direction"], went.asked["direction"]) == ("check_in", "check_out")
    assert went.follows == came
    screen.see("#part a[href$='/undo/']", 0)
    on(screen, "act", came.pk).see(DONE)
    screen.see("#part a[href$='/undo/']", 0)


def test_who_is_there_already_is_not_noted_twice(clinic: BookingClinic, seat: Seat) -> None:
    row = clinic.reservation()
    screen = seat(clinic, clinic.hire(language="en"))
    for _ in range(2):
        on(screen, "check_in", row.pk).see(f"{BUTTON}:focus")
        screen.press("Enter")
        screen.see(DONE)
    assert [act.operation.sends for act in clinic.acts("booking.attend")] == [1, 0]
    on(screen, "check_out", row.pk).see(f"{BUTTON}:focus")
    screen.press("Enter")
    screen.see(DONE)


# S18 ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en"])
def test_a_pause_that_is_planned_is_not_shown_as_a_pause_and_may_be_called_off(
    clinic: BookingClinic, seat: Seat, language: str
) -> None:
    row = clinic.subscription()
    screen = seat(clinic, clinic.hire(Role.SUPERVISOR, language=language))
    first = clinic.branch.business_date(timezone.now()) + dt.timedelta(days=4)
    on(screen, "pause", row.pk).see("#first:focus")
    in_order(screen)
    screen.see("#first").fill(first.isoformat())
    screen.see("#until").fill((first - dt.timedelta(days=1)).isoformat())
    screen.press("Enter")
    screen.see("#until-error")
    screen.see("#until").fill((first + dt.timedelta(days=6)).isoformat())
    screen.press("Enter")
    screen.see(DONE)
    planned = eventually(Subscription.objects.filter(pk=row.pk, paused_at__isnull=False).first)
    on(screen, "resume", row.pk).see("#day:focus")
    said = screen.text("#part .facts")
    assert _running(language) in said and _paused(language) not in said
    assert planned.paused_at is not None and not planned.paused_at <= timezone.now()
    screen.press("Enter")
    screen.see("#part .rc:is(.t-done, .t-refused)")
    act = clinic.acts("booking.resume")[-1]
    eventually(lambda: not Act.objects.get(pk=act.pk).operation.is_open)


def test_a_new_subscription_is_made_with_its_days_and_a_discount_by_right(clinic: BookingClinic, seat: Seat) -> None:
    customer = clinic.know()
    screen = seat(clinic, clinic.hire(Role.SUPERVISOR, language="ar"))
    on(screen, "subscribe", customer.pk).see("input[name=price]:focus")
    choose(screen, "1")
    screen.see("input[value=Sunday]").check()
    screen.see("#off").fill("١٠")
    in_order(screen)
    screen.press("Enter")
    button = screen.see(f"{CONFIRM} button[type=submit]")
    in_order(screen)
    assert "10" in screen.text(CONFIRM)
    button.click()
    screen.see(DONE)
    act = clinic.acts("booking.subscribe")[-1]
    assert act.operation.state == State.SUCCEEDED
    eventually(lambda: Subscription.objects.filter(account=clinic.account, customer_id=customer.external_id).first())
    made = Subscription.objects.filter(account=clinic.account, customer_id=customer.external_id).first()
    assert made is not None and made.occurrence_days == ["Sunday"]


def test_a_visit_to_a_subscription_is_noted(clinic: BookingClinic, seat: Seat) -> None:
    row = clinic.subscription("+966501234567")
    screen = seat(clinic, clinic.hire(language="en"))
    on(screen, "check_in_subscription", row.pk).see(f"{BUTTON}:focus")
    screen.press("Enter")
    screen.see(DONE)
    assert clinic.acts("booking.attend")[-1].subject == "subscription"


def in_order(screen: Screen) -> None:
    assert audit.sticks_out(screen.page) == []


def _running(language: str) -> str:
    return {"ar": "سارٍ", "fr": "En cours", "en": "Running"}[language]


def _paused(language: str) -> str:
    return {"ar": "موقوف مؤقتًا", "fr": "Suspendu", "en": "Paused"}[language]
