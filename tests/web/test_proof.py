"""Secrets, decisions and staff changes want a fresh proof of who is there, and then she is back where she was."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from branches.models import Change, Membership, User
from providers.models import State
from tests.signed_in import sign_in
from tests.web.books import unchanged
from tests.web.phone import AGAIN, APP, CODES, enrol
from tests.web.test_login import is_in
from tests.web.test_redirects import OUTSIDE
from tests.web.world import PASSWORD, World, browser

LATE = 11 * 60
NEW = "another-good-long-password"


def stale(world: World, role: str) -> Client:
    return sign_in(browser(), world.people[role], ago=LATE)


def give(client: Client, back: str, **proof: str) -> Any:
    return client.post(AGAIN, {"next": back, **(proof or {"password": PASSWORD})})


# What wants one ---------------------------------------------------------------------------------------------------------


def staff_pages(world: World) -> list[str]:
    person, account = world.people["receptionist"], world.ours.account
    membership = Membership.objects.get(user=person)
    return [
        reverse("admin:providers_account_change", args=[account.pk]),
        reverse("admin:providers_account_add"),
        reverse("admin:branches_user_change", args=[person.pk]),
        reverse("admin:branches_user_add"),
        reverse("admin:auth_user_password_change", args=[person.pk]),
        reverse("admin:branches_membership_change", args=[membership.pk]),
        reverse("admin:branches_membership_delete", args=[membership.pk]),
        reverse("admin:branches_branch_change", args=[world.ours.branch.pk]),
        reverse("admin:vouchers_pointsrate_add"),
        reverse("admin:loyalty_limit_add"),
    ]


def test_the_administrations_forms_are_not_even_shown_to_an_old_proof(world: World) -> None:
    client = stale(world, "admin")
    for path in staff_pages(world):
        assert client.get(path).headers["Location"] == f"{AGAIN}?next={path}"
        with unchanged():
            assert (
                client.post(path, {"username": "x", "role": "admin", "post": "yes"}).headers["Location"]
                == f"{AGAIN}?next={path}"
            )
    listing = reverse("admin:branches_membership_changelist")
    assert client.get(listing).status_code == 200
    chosen = {"action": "delete_selected", "_selected_action": [str(Membership.objects.all()[0].pk)], "post": "yes"}
    with unchanged():
        assert client.post(listing, chosen).headers["Location"].startswith(AGAIN)
    test = reverse("admin:providers_account_test", args=[world.ours.account.pk])
    with unchanged():
        assert client.post(test).headers["Location"].startswith(AGAIN)
    assert give(client, staff_pages(world)[0]).headers["Location"] == staff_pages(world)[0]
    for path in staff_pages(world):
        assert client.get(path).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        APP,
        CODES,
        "/accounts/password/",
        "/accounts/mine/passkey/",
        "/accounts/mine/codes/new/",
        "/accounts/mine/app/remove/",
    ],
)
def test_ones_own_sign_in_is_changed_by_a_fresh_proof_only(world: World, path: str) -> None:
    client = stale(world, "receptionist")
    assert client.get(path).headers["Location"] == f"{AGAIN}?next={path}"
    with unchanged():
        assert client.post(path, {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}).status_code == 302


def test_a_decision_waits_for_the_proof_and_is_not_lost(world: World) -> None:
    row, client = world.ours.redemption(State.NEEDS_REVIEW), stale(world, "manager")
    page = f"/review/{row.pk}/"
    assert client.get(page).status_code == 200, "the evidence can be read"
    form = {"applied": "no", "reason": "issuer_confirmed", "note": "asked Salem at the issuer"}
    with unchanged():
        assert client.post(f"{page}decide/", form).headers["Location"] == f"{AGAIN}?next={page}"
    assert give(client, page).headers["Location"] == page
    again = client.get(page).content.decode()
    assert "asked Salem at the issuer" in again
    assert 'value="no" required checked' in again and 'value="issuer_confirmed" selected' in again
    assert "asked Salem" not in client.get(page).content.decode(), "kept for once"
    assert client.post(f"{page}decide/", form).headers["Location"] == page
    assert row.operation.decisions.count() == 1


def test_taking_a_decision_and_closing_an_alert_want_one_too(world: World) -> None:
    row, alert, client = world.ours.overdue(), world.ours.discrepancy(), stale(world, "manager")
    with unchanged():
        assert client.post(f"/review/{row.pk}/take/").headers["Location"] == f"{AGAIN}?next=/review/{row.pk}/"
        closed = client.post(f"/review/discrepancies/{alert.pk}/close/", {"note": "their batch ran late"})
        assert closed.headers["Location"] == f"{AGAIN}?next=/review/"
    give(client, "/review/")
    assert 'value="their batch ran late"' in client.get("/review/").content.decode()


def test_nobodys_draft_is_shown_to_another(world: World) -> None:
    row, other = world.ours.redemption(State.NEEDS_REVIEW), world.ours.redemption(State.NEEDS_REVIEW)
    client = stale(world, "manager")
    client.post(f"/review/{row.pk}/decide/", {"applied": "no", "reason": "issuer_confirmed", "note": "of the first"})
    assert "of the first" not in client.get(f"/review/{other.pk}/").content.decode()


def test_redeeming_wants_none(world: World) -> None:
    client, draft = stale(world, "receptionist"), world.ours.draft(world.people["receptionist"])
    assert (
        client.post(f"/vouchers/lookups/{draft.pk}/confirm/").headers["Location"].startswith("/vouchers/redemptions/")
    )


def test_signing_in_is_a_proof_and_a_setting_says_for_how_long(world: World, settings: Any) -> None:
    client = sign_in(browser(), world.people["admin"], ago=120)
    path = reverse("admin:branches_user_add")
    assert client.get(path).status_code == 200
    settings.STEP_UP_SECONDS = 60
    assert client.get(path).status_code == 302


def test_anothers_proof_is_none(world: World) -> None:
    client = world.client("admin")
    session = client.session
    session["account_authentication_methods_user"] = str(world.people["manager"].pk)
    session.save()
    assert client.get(reverse("admin:branches_user_add")).headers["Location"].startswith(AGAIN)


# The page that asks -----------------------------------------------------------------------------------------------------


def test_a_wrong_password_opens_nothing_and_five_end_the_asking(world: World) -> None:
    client = stale(world, "admin")
    path = reverse("admin:branches_user_add")
    answers = [give(client, path, password="wrong-password-of-nobody") for _ in range(5)]
    assert [answer.status_code for answer in answers] == [422] * 4 + [429]
    assert "/admin/branches/user/add/" in answers[0].content.decode(), "where she comes from is not lost"
    assert give(client, path).status_code == 429
    assert client.get(path).status_code == 302


def test_the_session_has_a_new_id_after_the_proof(world: World) -> None:
    client = stale(world, "admin")
    before = client.session.session_key
    give(client, "/")
    assert client.session.session_key != before and is_in(client)


def test_a_code_is_a_proof_once(world: World) -> None:
    person = world.people["admin"]
    phone = enrol(sign_in(browser(), person))
    client = stale(world, "admin")
    path = reverse("admin:branches_user_add")
    assert give(client, path, code="000000").status_code == 422
    assert give(client, path, code=phone.code()).headers["Location"] == path
    assert client.get(path).status_code == 200
    assert give(stale(world, "admin"), path, code=phone.code()).status_code == 422


@pytest.mark.parametrize("outside", OUTSIDE)
def test_it_leads_nowhere_else(world: World, outside: str) -> None:
    client = stale(world, "admin")
    assert give(client, outside).headers["Location"] == "/"
    assert outside not in client.get(AGAIN, {"next": outside}).content.decode()


@pytest.mark.parametrize(
    "body", [{}, {"code": "123456"}, {"credential": "{}"}, {"password": ""}, {"password": "x" * 100_000}]
)
def test_nonsense_proves_nothing(world: World, body: dict[str, str]) -> None:
    client = stale(world, "admin")
    assert client.post(AGAIN, body).status_code in (200, 422)
    assert client.get(reverse("admin:branches_user_add")).status_code == 302


def test_strangers_are_sent_to_the_sign_in(world: World) -> None:
    for method in ("get", "post"):
        answer = getattr(browser(), method)(AGAIN)
        assert answer.headers["Location"].startswith("/accounts/login/")


# What the audit says ----------------------------------------------------------------------------------------------------


def deeds(person: User) -> list[str]:
    rows = Change.objects.filter(pgh_obj_model="branches.User", pgh_obj_id=str(person.pk)).order_by("pgh_created_at")
    return [row.pgh_label for row in rows if row.pgh_label not in ("insert", "update", "password")]


def test_the_audit_knows_who_proved_it_and_who_failed(world: World) -> None:
    client, person = stale(world, "admin"), world.people["admin"]
    give(client, "/", password="wrong-password-of-nobody")
    give(client, "/")
    assert deeds(person) == ["sign_in_failed", "proof_failed", "proved"]
    last = Change.objects.filter(pgh_label="proved").get()
    assert last.pgh_context == {"user": str(person.pk), "url": AGAIN, "address": "127.0.0.1"}
