"""Every change to a booking against Rekaz's twin, by the real client and the real workers: done, its answer lost after it
happened, lost before it did. Nothing happens twice, and what we say in the end is what stands there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from branches.models import Branch, User
from providers.models import State
from providers.sandbox.running import RunningSandbox
from reservations import selectors, services
from reservations.models import Act, Attendance, Reservation, Subscription
from reservations.selectors import asks_due
from reservations.services import answer_ask
from tests.reservations.at_rekaz import NEW_PHONE, AtRekaz, at_rekaz
from tests.reservations.clinic import finish

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def there(twin: RunningSandbox, olaya: Branch, reem: User, huda: User, quick: None) -> AtRekaz:
    return at_rekaz(twin, olaya, reem, huda)


def pending(there: AtRekaz) -> Reservation:
    made = finish(there.book())
    assert made.state == State.SUCCEEDED, made.refusal_code
    return there.known(made.act.made_ids[0])


def confirmed(there: AtRekaz) -> Reservation:
    row = pending(there)
    assert finish(there.confirm(row)).state == State.SUCCEEDED
    return there.known(row.external_id)


def inside(there: AtRekaz) -> Reservation:
    row = confirmed(there)
    assert finish(there.check_in(row)).state == State.SUCCEEDED
    return row


def paused(there: AtRekaz) -> Subscription:
    row = there.running()
    assert finish(there.pause(row)).state == State.SUCCEEDED
    return there.subscription(row.external_id)


@dataclass(frozen=True)
class Kind:
    """`endpoint` is its own name at the twin, `opened` the act on what was prepared."""

    endpoint: str
    opened: Callable[[AtRekaz], Callable[[], Act]]
    setting: bool
    stands: Callable[[AtRekaz, Act], bool]


def on(
    prepared: Callable[[AtRekaz], object], act: Callable[[AtRekaz, object], Act]
) -> Callable[[AtRekaz], Callable[[], Act]]:
    def opened(there: AtRekaz) -> Callable[[], Act]:
        row = prepared(there)
        return lambda: act(there, row)

    return opened


def status_is(wanted: str) -> Callable[[AtRekaz, Act], bool]:
    def stands(there: AtRekaz, act: Act) -> bool:
        found = there.client.reservation(act.subject_id)
        return found is not None and found.status == wanted

    return stands


def moved(there: AtRekaz, act: Act) -> bool:
    found = there.client.reservation(act.subject_id)
    return found is not None and found.starts_at.isoformat() == act.asked["to"]


def counted(direction: str) -> Callable[[AtRekaz, Act], bool]:
    def stands(there: AtRekaz, act: Act) -> bool:
        rows = there.client.attendances_of(act.customer_id)
        return [row.direction for row in rows if row.subject_id == act.subject_id].count(direction) == 1

    return stands


def is_paused(wanted: bool) -> Callable[[AtRekaz, Act], bool]:
    def stands(there: AtRekaz, act: Act) -> bool:
        found = there.client.subscription(act.subject_id)
        return found is not None and found.is_paused == wanted

    return stands


def one_booked(there: AtRekaz, act: Act) -> bool:
    rows = there.client.reservations_of(there.customer.phone, there.customer.external_id)
    return len([row for row in rows if row.source == "Api"]) == 1


def one_subscribed(there: AtRekaz, act: Act) -> bool:
    return len(there.client.subscriptions_of(there.customer.external_id)) == 1


def one_created(there: AtRekaz, act: Act) -> bool:
    return len(there.client.customers_with(NEW_PHONE)) == 1


def nothing(there: AtRekaz) -> None:
    return None


KINDS = {
    "create_customer": Kind("create_customer", on(nothing, lambda t, _: t.create()), False, one_created),
    "book": Kind("book", on(nothing, lambda t, _: t.book()), False, one_booked),
    "subscribe": Kind("subscribe", on(nothing, lambda t, _: t.subscribe()), False, one_subscribed),
    "reschedule": Kind("reschedule", on(pending, AtRekaz.move), True, moved),
    "confirm": Kind("confirm", on(pending, AtRekaz.confirm), True, status_is("confirmed")),
    "cancel": Kind("cancel", on(pending, AtRekaz.cancel), True, status_is("cancelled")),
    "done": Kind("finish", on(confirmed, AtRekaz.end), True, status_is("done")),
    "came": Kind("attend", on(confirmed, AtRekaz.check_in), False, counted("check_in")),
    "went": Kind("attend", on(inside, AtRekaz.check_out), False, counted("check_out")),
    "pause": Kind("pause", on(AtRekaz.running, AtRekaz.pause), True, is_paused(True)),
    "resume": Kind("resume", on(paused, AtRekaz.resume), True, is_paused(False)),
}


@pytest.mark.parametrize("fault", ["", "drop_after", "drop_before"])
@pytest.mark.parametrize("name", KINDS)
def test_each_change_ends_as_it_stands_there_and_happens_at_most_once(there: AtRekaz, name: str, fault: str) -> None:
    kind = KINDS[name]
    press = kind.opened(there)
    before = len(there.effects())
    if fault:
        there.twin.control.fault(fault, endpoint=kind.endpoint)
    act = press()
    operation = finish(act)
    happened = [effect.endpoint for effect in there.effects()[before:]]
    if fault == "drop_before" and not kind.setting:
        assert (operation.state, happened) == (State.NOT_APPLIED, [])
        return
    inferred = fault and operation.sends == 1
    assert operation.state == State.SUCCEEDED, operation.refusal_code
    assert operation.evidence_level == ("inferred" if inferred else "response")
    assert operation.sends == (2 if fault == "drop_before" else 1)
    assert happened == [kind.endpoint]
    assert kind.stands(there, act)


def test_what_was_changed_stands_in_the_mirror_when_the_worker_has_read_it(there: AtRekaz) -> None:
    row = confirmed(there)
    finish(there.check_in(row))
    finish(there.end(row))
    for ask in asks_due():
        assert answer_ask(ask) == "answered"
    assert Reservation.objects.get(pk=row.pk).status == "done"
    assert [one.direction for one in Attendance.objects.filter(subject_id=row.external_id)] == ["check_in"]


def test_who_comes_goes_and_comes_again_is_counted_each_time(there: AtRekaz) -> None:
    row = inside(there)
    assert finish(there.check_out(row)).state == State.SUCCEEDED
    there.twin.control.fault("drop_after", endpoint="attend")
    operation = finish(there.check_in(row))
    assert (operation.state, operation.evidence_level, operation.sends) == (State.SUCCEEDED, "inferred", 1)
    assert [one.endpoint for one in there.effects()].count("attend") == 3


@pytest.mark.parametrize("words", ["swapped", "straight", "numbers"])
def test_an_attendance_is_found_whichever_way_their_words_stand(there: AtRekaz, words: str) -> None:
    there.twin.control.rules("rekaz", attendance_words=words)
    row = confirmed(there)
    there.twin.control.fault("drop_after", endpoint="attend")
    operation = finish(there.check_in(row))
    assert (operation.state, operation.evidence_level) == (State.SUCCEEDED, "inferred")


def test_only_what_makes_something_says_that_it_made_it(there: AtRekaz) -> None:
    row = confirmed(there)
    for act in (there.check_in(row), there.pause(there.running())):
        assert finish(act).state == State.SUCCEEDED
        act.refresh_from_db()
        assert act.made_ids == []


@pytest.mark.parametrize("fields", ["measured", "documented"])
@pytest.mark.parametrize("fault", ["", "drop_after", "drop_before"])
def test_another_practitioner_at_the_same_time_is_set_once(there: AtRekaz, fields: str, fault: str) -> None:
    row = pending(there)
    there.twin.control.rules("rekaz", fields=fields)
    row = there.known(row.external_id)
    other = next(one for one in selectors.who_gives(row) if one["name"] != row.practitioners[0]["name"])
    if fault:
        there.twin.control.fault(fault, endpoint="reschedule")
    slot = next(slot for slot in (there.slot(n, other["id"]) for n in range(99)) if slot.starts_at == row.starts_at)
    act = services.reschedule_reservation(row, slot, there.fresh(), now=there.now, practitioner_ids=(other["id"],))
    assert finish(act).state == State.SUCCEEDED
    found = there.client.reservation(row.external_id)
    assert found and [one.name for one in found.practitioners] == [other["name"]]
    assert (found.starts_at, found.ends_at) == (row.starts_at, row.ends_at)
    assert [one.endpoint for one in there.effects()].count("reschedule") == 1


@pytest.mark.parametrize("fields", ["measured", "documented"])
@pytest.mark.parametrize("fault", ["", "drop_after"])
def test_a_move_is_seen_whether_they_name_practitioners_by_id_or_not(there: AtRekaz, fields: str, fault: str) -> None:
    row = pending(there)
    there.twin.control.rules("rekaz", fields=fields)
    if fault:
        there.twin.control.fault(fault, endpoint="reschedule")
    assert finish(there.move(there.known(row.external_id))).state == State.SUCCEEDED
