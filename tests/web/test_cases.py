"""Cases as their pages are used: who sees what, what is typed, what comes back, and what is kept for whom."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.html import strip_tags

from branches.models import User
from branches.roles import Role
from providers.models import State
from tests.signed_in import sign_in
from tests.vouchers.ledger.rows import PART, in_part
from tests.vouchers.pdf import text_of
from tests.web.books import unchanged
from tests.web.phone import AGAIN
from tests.web.test_proof import LATE, give
from tests.web.world import World, browser, hire
from vouchers.models import Case, ContraLine, Redemption

LIST = "/vouchers/cases/"
WORDS = {"reason": "wrong_amount", "ask": "correct", "right_amount": "150", "note": "typed 200"}


@pytest.fixture(autouse=True)
def in_english(world: World) -> None:
    User.objects.update(language="en")


def ruling(**changes: str) -> dict[str, str]:
    today = timezone.localdate().isoformat()
    return {"outcome": "accepted", "reference": "CN-77", "decided_on": today, "accepted": "", "note": ""} | changes


def done(world: World) -> Redemption:
    return world.ours.redemption(State.SUCCEEDED)


def at(case: Case, deed: str = "") -> str:
    return f"{LIST}{case.pk}/{deed}/" if deed else f"{LIST}{case.pk}/"


def page(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, path
    return response.content.decode()


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", strip_tags(text))


# On the redemption's own page -----------------------------------------------------------------------------------------


def test_a_redemption_shows_that_it_is_disputed_and_what_was_taken_back(world: World) -> None:
    case = world.ours.case(sent=True)
    path = f"/vouchers/redemptions/{case.redemption_id}/"
    supervisor, reception = world.client("supervisor"), world.client("receptionist")
    assert "Disputed 200.00 SAR" in plain(page(reception, path)) and at(case) not in page(reception, path)
    assert at(case) in page(supervisor, path)
    assert "/cases/new/" not in page(supervisor, path), "one case at a time"
    world.client("accountant").post(at(case, "close"), ruling(outcome="partly", accepted="٣٠٫٥"))
    again = page(supervisor, path)
    assert "Disputed" not in again and "Corrected \u221230.50 SAR" in plain(again)
    assert f"{LIST}new/{case.redemption_id}/" in again, "the rest can still be disputed"


def test_a_case_is_offered_to_who_may_open_one_about_what_is_done(world: World) -> None:
    row, unsure = done(world), world.ours.redemption(State.UNKNOWN)
    link = f"{LIST}new/{row.pk}/"
    for role, offered in {"supervisor": True, "manager": True, "receptionist": False, "accountant": False}.items():
        assert (link in page(world.client(role), f"/vouchers/redemptions/{row.pk}/")) == offered, role
    assert "/cases/new/" not in page(world.client("manager"), f"/vouchers/redemptions/{unsure.pk}/")
    assert world.client("manager").get(f"{LIST}new/{unsure.pk}/").status_code == 404


# Opening --------------------------------------------------------------------------------------------------------------


def test_a_case_is_opened_by_a_form(world: World) -> None:
    client, row = world.client("supervisor"), done(world)
    assert "••••" in page(client, f"{LIST}new/{row.pk}/") and row.lines.get().code not in page(
        client, f"{LIST}new/{row.pk}/"
    )
    response = client.post(f"{LIST}new/{row.pk}/", WORDS)
    case = Case.objects.get(redemption=row)
    assert (response.status_code, response.headers["Location"]) == (302, at(case))
    shown = plain(page(client, at(case)))
    assert "Correct the amount · 150.00 SAR" in shown and "50.00 SAR" in shown and "typed 200" in shown


def test_a_case_about_a_part_is_about_the_codes_that_were_used(world: World) -> None:
    """One of two was: there is nothing to choose, and the other code of the sale cannot be slipped in."""
    client, row = world.client("supervisor"), in_part(world.ours)
    unused, used = row.lines.order_by("position")
    form = page(client, f"{LIST}new/{row.pk}/")
    assert used.code_last4 in form and unused.code_last4 not in form and 'name="lines"' not in form
    client.post(f"{LIST}new/{row.pk}/", {"reason": "wrong_voucher", "ask": "give_back", "lines": [unused.pk]})
    assert not Case.objects.filter(redemption=row).exists()
    client.post(f"{LIST}new/{row.pk}/", {"reason": "wrong_voucher", "ask": "give_back"})
    case = Case.objects.get(redemption=row)
    assert (case.amount, list(case.lines.all())) == (PART, [used])


@pytest.mark.parametrize(
    ("changes", "field", "text"),
    [
        ({"reason": ""}, "reason", "Choose a reason."),
        ({"ask": ""}, "ask", "Choose what the issuer shall do."),
        ({"right_amount": ""}, "right_amount", "Type the amount."),
        ({"right_amount": "-3"}, "right_amount", "The amount cannot be below zero."),
        ({"right_amount": "150.001"}, "right_amount", "Too many digits after the point."),
        ({"right_amount": "200"}, "right_amount", "must be below what the voucher still counts for"),
        ({"ask": "credit", "credit": "9" * 13}, "credit", "This amount is too large."),
        ({"ask": "credit", "credit": "200.01"}, "credit", "more than the voucher still counts for"),
        ({"reason": "other", "note": " "}, "note", "Write what there is to say."),
        ({"note": "x" * 501}, "note", "at most 500 characters"),
    ],
)
def test_what_is_wrong_with_it_is_said_at_its_field_and_nothing_typed_is_lost(
    world: World, changes: dict[str, str], field: str, text: str
) -> None:
    row, client = done(world), world.client("manager")
    with unchanged():
        response = client.post(f"{LIST}new/{row.pk}/", WORDS | changes)
    assert response.status_code == 422
    shown = response.content.decode()
    assert f'<a href="#f-{field}">' in shown and shown.count(text) == 2
    assert f'id="{field}-error"' in shown
    typed = WORDS | changes
    assert typed["note"].strip() in shown and f'value="{typed["right_amount"]}"' in shown


def test_the_second_to_open_one_is_led_to_the_first(world: World) -> None:
    case = world.ours.case()
    response = world.client("manager").post(f"{LIST}new/{case.redemption_id}/", WORDS)
    assert response.status_code == 409
    assert at(case) in response.content.decode() and "open already" in response.content.decode()


# The letter -----------------------------------------------------------------------------------------------------------


def test_the_letter_is_a_file_that_nobody_keeps_and_printing_it_changes_nothing(world: World) -> None:
    case, client = world.ours.case(), world.client("supervisor")
    with unchanged():
        response = client.get(at(case, "letter"))
    assert response.status_code == 200 and response.content.startswith(b"%PDF-")
    wanted = {
        "Content-Type": "application/pdf",
        "Content-Disposition": f'attachment; filename="case-{case.reference}.pdf"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
    assert {name: response.headers[name] for name in wanted} == wanted


def test_the_letter_is_in_the_issuers_language_unless_another_is_wished(world: World) -> None:
    case, client = world.ours.case(), world.client("supervisor")
    in_french = text_of(client.get(at(case, "letter"), {"language": "fr"}).content)
    assert "Correction d’une utilisation" in in_french and "200,00" in in_french
    for wish in ("", "de", "../../en", "fr\x00"):
        response = client.get(at(case, "letter"), {"language": wish})
        if response.status_code != 400:
            assert "Correction" not in text_of(response.content) and case.reference in text_of(response.content)


def test_it_is_marked_as_sent_once(world: World) -> None:
    case, client = world.ours.case(), world.client("supervisor")
    assert "Mark as sent" in page(client, at(case))
    assert client.post(at(case, "sent")).headers["Location"] == at(case)
    assert "Mark as sent" not in page(client, at(case))
    with unchanged():
        response = client.post(at(case, "sent"))
    assert response.status_code == 409 and "sent in the meantime" in response.content.decode()


# Closing --------------------------------------------------------------------------------------------------------------


def test_an_accountant_closes_it_with_the_issuers_reference(world: World) -> None:
    case, client = world.ours.case(sent=True), world.client("accountant")
    assert client.post(at(case, "close"), ruling()).headers["Location"] == at(case)
    shown = plain(page(client, at(case)))
    assert "CN-77" in shown and "Accepted" in shown and "\u2212200.00 SAR" in shown
    assert ContraLine.objects.get().business_date == world.ours.branch.business_date(timezone.now())
    with unchanged():
        assert client.post(at(case, "close"), ruling(outcome="refused")).status_code == 409


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"outcome": ""}, "outcome"),
        ({"outcome": "withdrawn"}, "outcome"),
        ({"reference": "\u202e \u2066"}, "reference"),
        ({"decided_on": "21/11/2026"}, "decided_on"),
        ({"decided_on": "2020-01-01"}, "decided_on"),
        ({"outcome": "partly"}, "accepted"),
        ({"outcome": "partly", "accepted": "200"}, "accepted"),
    ],
)
def test_a_decision_that_is_not_whole_says_what_is_missing(world: World, changes: dict[str, str], field: str) -> None:
    case, client = world.ours.case(sent=True), world.client("accountant")
    with unchanged():
        response = client.post(at(case, "close"), ruling(note="kept here", **changes))
    assert response.status_code in (409, 422)
    shown = response.content.decode()
    assert f'href="#r-{field}"' in shown and f'id="{field}-error"' in shown and "kept here" in shown


def test_who_opened_it_does_not_close_it(world: World) -> None:
    person = hire("both", Role.SUPERVISOR, world.ours.branch)
    case = world.ours.case(sent=True, opener=person)
    person.memberships.update(role=Role.OWNER)
    User.objects.filter(pk=person.pk).update(language="en")
    client = sign_in(browser(), person)
    assert "Someone else closes it." in page(client, at(case)) and 'id="ruling"' not in page(client, at(case))
    with unchanged():
        for deed, said in (("close", ruling()), ("withdraw", {"note": "why"})):
            response = client.post(at(case, deed), said)
            assert response.status_code == 409 and "Nobody closes a case" in response.content.decode()


def test_a_decision_waits_for_a_fresh_proof_and_is_not_lost(world: World) -> None:
    case, client = world.ours.case(sent=True), sign_in(browser(), world.people["accountant"], ago=LATE)
    with unchanged():
        answer = client.post(at(case, "close"), ruling(outcome="partly", accepted="30", reference="CN-KEPT"))
    assert answer.headers["Location"] == f"{AGAIN}?next={at(case)}"
    give(client, at(case))
    shown = page(client, at(case))
    assert 'value="CN-KEPT"' in shown and 'value="partly" required checked' in shown and 'value="30"' in shown
    assert "CN-KEPT" not in page(client, at(case)), "kept for once"


def test_withdrawing_wants_a_proof_and_a_reason(world: World) -> None:
    case, late = world.ours.case(), sign_in(browser(), world.people["supervisor"], ago=LATE)
    client = world.client("supervisor")
    with unchanged():
        assert late.post(at(case, "withdraw"), {"note": "a mistake"}).headers["Location"].startswith(AGAIN)
        assert client.post(at(case, "withdraw"), {"note": " "}).status_code == 422
    client.post(at(case, "withdraw"), {"note": "the customer was mistaken"})
    shown = plain(page(client, at(case)))
    assert "Withdrawn" in shown and "the customer was mistaken" in shown
    assert "Disputed" not in page(client, f"/vouchers/redemptions/{case.redemption_id}/")


def test_every_change_of_a_case_names_who_from_where(world: World) -> None:
    case, client = world.ours.case(), world.client("supervisor")
    client.post(at(case, "sent"))
    last: Any = Case.pgh_event_model.objects.filter(pgh_obj=case).latest("pgh_id")  # type: ignore[attr-defined]  # pghistory adds it
    assert last.state == "sent"
    who = {"user": str(world.people["supervisor"].pk), "url": at(case, "sent"), "address": "127.0.0.1"}
    assert last.pgh_context.metadata == who


def test_a_note_is_shown_as_text(world: World) -> None:
    case, client = world.ours.case(), world.client("owner")
    client.post(at(case, "note"), {"note": "<img src=x onerror=alert(1)>{{ 7|add:7 }}"})
    assert "<bdi>&lt;img src=x onerror=alert(1)&gt;{{ 7|add:7 }}</bdi>" in page(client, at(case))
