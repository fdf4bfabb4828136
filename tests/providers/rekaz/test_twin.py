"""Client and twin over a real socket: what the clinic does, and every way in which it is known to be odd."""

from __future__ import annotations

from typing import Any

import pytest

from providers.contracts import (
    Attending,
    BookingOrder,
    BookingProvider,
    Call,
    Cancellation,
    Direction,
    MirrorSource,
    Move,
    NewCustomer,
    Pause,
    ProductKind,
    ReservationStatus,
    Resumption,
    Subject,
    SubscriptionItem,
    SubscriptionOrder,
    SubscriptionStatus,
)
from providers.errors import Misconfigured, OutcomeUnknown, Rejected
from providers.rekaz.client import Rekaz
from providers.sandbox.running import RunningSandbox
from providers.sync.rows import content_hash, parsed
from tests.providers.rekaz.account import PHONE, Keys, client_at
from tests.providers.rekaz.clinic import LOGIN, NEXT, SLUG, booked, client_of, effects, open_slots, order


def test_it_is_both_a_booking_provider_and_a_source(client: Rekaz) -> None:
    provider: BookingProvider = client
    collections: MirrorSource = client
    assert provider.check_login(LOGIN) == "فرع العليا"
    for collection in collections.collections():
        page = collections.page(collection.name, "")
        assert page.rows and [collections.decode(collection.name, row) for row in page.rows]


def test_a_time_is_booked_confirmed_finished_and_no_longer_offered(client: Rekaz, twin: RunningSandbox) -> None:
    taken = order(client)
    receipt = client.book(taken)
    assert receipt.references["payment_link"].startswith(("http://127.0.0.1:", "https://platform.rekaz.io/"))
    found = client.reservation(receipt.references["reservations"])
    assert found is not None and found.status is ReservationStatus.PENDING
    assert (found.wire_starts, found.customer_id) == (taken.items[0].wire_from, taken.customer_id)
    for act, status in ((client.confirm, ReservationStatus.CONFIRMED), (client.finish, ReservationStatus.DONE)):
        act(found.external_id)
        after = client.reservation(found.external_id)
        assert after is not None and after.status is status
    same = [slot for slot in open_slots(client)[1] if slot.wire_from == taken.items[0].wire_from]
    assert taken.items[0].practitioner_ids[0] not in [who for slot in same for who in slot.practitioner_ids]
    assert found.external_id in [one.external_id for one in client.reservations_of(PHONE, taken.customer_id)]
    assert effects(twin) == ["book", "confirm", "finish"]


def test_a_time_that_is_taken_is_refused_and_one_that_is_cancelled_is_free_again(client: Rekaz) -> None:
    wanted = order(client)
    reservation = client.book(wanted).references["reservations"]
    with pytest.raises(Rejected):
        client.book(wanted)
    client.cancel(Cancellation(reservation, "طلب العميل", True))
    assert client.book(wanted).references["reservations"] != reservation


def test_of_two_items_for_one_person_at_one_time_nothing_is_booked(client: Rekaz, twin: RunningSandbox) -> None:
    wanted = order(client)
    with pytest.raises(Rejected):
        client.book(BookingOrder(wanted.customer_id, "", wanted.items * 2))
    assert effects(twin) == []


def test_a_booking_is_moved_and_not_onto_another(client: Rekaz) -> None:
    reservation, (_, slots) = booked(client), open_slots(client)
    target = slots[-1]
    client.reschedule(Move(reservation, target.wire_from, target.wire_to, target.practitioner_ids[:1]))
    moved = client.reservation(reservation)
    assert moved is not None and (moved.wire_starts, moved.wire_ends) == (target.wire_from, target.wire_to)
    other = booked(client)
    with pytest.raises(Rejected):
        client.reschedule(Move(other, target.wire_from, target.wire_to, target.practitioner_ids[:1]))


def test_a_notice_to_the_customer_is_on_record(client: Rekaz, twin: RunningSandbox) -> None:
    reservations = booked(client), booked(client, 3)
    for reservation, notify in zip(reservations, (True, False), strict=True):
        client.cancel(Cancellation(reservation, "x", notify))
    assert [one.amounts["notified"] for one in twin.control.ledger(SLUG)[2:]] == ["yes", "no"]


def test_a_phone_that_is_known_makes_no_second_customer(client: Rekaz, twin: RunningSandbox) -> None:
    with pytest.raises(Rejected):
        client.create_customer(NewCustomer("سارة", PHONE))
    made = client.create_customer(NewCustomer("نورة", "+966512340099")).references["customer"]
    (found,) = client.customers_with("+966512340099")
    assert (found.external_id, found.phone, effects(twin)) == (made, "+966512340099", ["create_customer"])


def test_a_subscription_is_begun_found_paused_and_resumed(client: Rekaz) -> None:
    person = client.customers_with(PHONE)[0].external_id
    product = next(one for one in client.products() if one.kind is ProductKind.SUBSCRIPTION)
    before = {one.external_id for one in client.subscriptions_of(person)}
    begun = client.subscribe(
        SubscriptionOrder(person, "", "2026-12-01T00:00:00Z", (SubscriptionItem(product.prices[0].external_id, 1),))
    )
    assert begun.references["invoice"]
    assert len({one.external_id for one in client.subscriptions_of(person)} - before) == 1
    active = next(one for one in client.subscriptions_of(person) if one.status is SubscriptionStatus.ACTIVE)
    client.pause(Pause(active.external_id, "2020-01-01T00:00:00Z", "2099-01-01T00:00:00Z"))
    paused = client.subscription(active.external_id)
    assert paused is not None and paused.is_paused and paused.status is SubscriptionStatus.PAUSED
    with pytest.raises(Rejected):
        client.pause(Pause(active.external_id, "2020-01-01T00:00:00Z", "2099-01-01T00:00:00Z"))
    client.resume(Resumption(active.external_id, "2020-01-02T00:00:00Z"))
    resumed = client.subscription(active.external_id)
    assert resumed is not None and not resumed.is_paused


@pytest.mark.parametrize("words", ["swapped", "straight", "numbers"])
def test_a_customer_is_checked_in_once_and_out_once(client: Rekaz, twin: RunningSandbox, words: str) -> None:
    twin.control.rules(SLUG, attendance_words=words)
    wanted = order(client)
    reservation = client.book(wanted).references["reservations"]
    comes, goes = (Attending(Subject.RESERVATION, way, reservation, wanted.customer_id) for way in Direction)
    with pytest.raises(Rejected):
        client.attend(comes)  # it is not confirmed yet
    client.confirm(reservation)
    client.attend(comes)
    with pytest.raises(Rejected):
        client.attend(comes)
    client.attend(goes)
    seen = [one for one in client.attendances_of(wanted.customer_id) if one.subject_id == reservation]
    assert {one.direction for one in seen} == set(Direction) and len({one.external_id for one in seen}) == 2


def test_what_is_not_there_is_none_or_refused(client: Rekaz) -> None:
    nobody = "3a1c0000-0000-0000-0000-000000000000"
    assert client.reservation(nobody) is client.customer(nobody) is client.subscription(nobody) is None
    with pytest.raises(Rejected) as raised:
        client.confirm(nobody)
    assert raised.value.code == "not_there"


def test_messages_come_in_arabic_unless_english_is_asked_for(twin: RunningSandbox) -> None:
    with pytest.raises(Rejected) as raised:
        client_of(twin).create_customer(NewCustomer("x", PHONE))
    assert "رقم الجوال" in raised.value.detail


# Who asks


def test_a_wrong_key_is_refused_and_the_next_one_takes_over(twin: RunningSandbox) -> None:
    wrong = LOGIN | {"secret": "no"}
    with pytest.raises(Misconfigured) as raised:
        client_of(twin).check_login(wrong)
    assert raised.value.code == "login_refused"
    keys = Keys(LOGIN, upcoming=NEXT)
    client = client_of(twin, kept=keys)
    wanted = order(client)
    twin.control.revoke_tokens(SLUG)
    assert client.book(wanted).references["reservations"]
    assert (keys.replaced, effects(twin)) == (1, ["book"])


@pytest.mark.parametrize(
    ("shape", "kind"), [("envelope", Misconfigured), ("problem", Misconfigured), ("html", OutcomeUnknown)]
)
def test_a_401_to_a_write_is_believed_in_their_words_only(
    twin: RunningSandbox, shape: str, kind: type[Exception]
) -> None:
    client = client_of(twin)
    wanted = order(client)
    twin.control.rules(SLUG, unauthorized=shape)
    twin.control.revoke_tokens(SLUG)
    with pytest.raises(kind):
        client.book(wanted)


def test_what_calls_itself_by_a_librarys_name_is_turned_away_at_the_edge(twin: RunningSandbox) -> None:
    client = client_of(twin)
    client._http._user_agent = "Python-urllib/3.12"
    with pytest.raises(Misconfigured) as raised:
        client.places()
    assert raised.value.code == "edge_blocked"


# Their oddities


def test_the_z_of_riyadhs_wall_clock_is_undone_by_the_account(twin: RunningSandbox) -> None:
    honest = {one.external_id: one.starts_at for one in _all(client_of(twin))}
    twin.control.rules(SLUG, wire_zone="riyadh")
    calls: list[Call] = []
    client = client_at(twin.base_url(SLUG), LOGIN | {"wire_timezone": "Asia/Riyadh"}, calls)
    assert {one.external_id: one.starts_at for one in _all(client)} == honest
    wanted = order(client)
    found = client.reservation(client.book(wanted).references["reservations"])
    assert found is not None and found.wire_starts == wanted.items[0].wire_from


def _all(client: Rekaz) -> list[Any]:
    return [client.decode("reservations", row) for row in client.page("reservations", "").rows]


@pytest.mark.parametrize("link", ["relative", "protocol_relative", "backslashes", "script"])
def test_no_payment_link_leads_away(twin: RunningSandbox, link: str) -> None:
    twin.control.rules(SLUG, payment_link=link)
    client = client_of(twin)
    found = client.book(order(client)).references.get("payment_link", "")
    assert found.startswith(twin.base_url(SLUG).removesuffix("/rekaz/api/public") + "/") or (link, found) == (
        "script",
        "",
    )


def test_a_page_of_more_than_a_hundred_is_never_asked_for(twin: RunningSandbox) -> None:
    twin.control.rules(SLUG, page_size="refused")
    twin.control.act(SLUG, "generate", count=250)
    assert len(client_of(twin).page("reservations", "").rows) == 100


# What they say by themselves


def test_what_is_read_at_the_desk_is_kept_as_the_night_would_keep_it(client: Rekaz) -> None:
    page = client.page("reservations", "")
    kept = {client.id_of("reservations", row): content_hash(parsed(row), frozenset()) for row in page.rows}
    external_id = next(iter(kept))
    found = client.reservation(external_id)
    assert found and content_hash(parsed(found.raw), frozenset()) == kept[external_id]
    people = client.customers_with(PHONE)
    assert people and all(parsed(one.raw)["id"] == one.external_id for one in people)
