"""Who changed what, when, from where, before and after: for branches, staff and accounts, written by the database itself."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection, models
from django.test import Client
from django.utils import timezone

from branches.models import User
from branches.roles import Role
from branches.terminal import audited
from providers.accounts import connect_account, set_secrets
from providers.models import Environment
from tests.web.hostile import NUL
from tests.web.world import PASSWORD, World

SECRET = "canary-secret-of-an-account"
NEXT = "canary-secret-for-the-rotation"
URL = "https://erp-production.alreaaiaa.com/api/v1"


def last(row: models.Model, n: int = 1) -> list[Any]:
    """The last events of a row, oldest first."""
    found = type(row).pgh_event_model.objects.filter(pgh_obj_id=row.pk).order_by("-pgh_id")  # type: ignore[attr-defined]  # pghistory adds it
    return list(found.select_related("pgh_context")[:n])[::-1]


def told(event: Any, person: User, path: str, address: str = "127.0.0.1") -> bool:
    """It says who, when, from where."""
    recent = timezone.now() - event.pgh_created_at < dt.timedelta(minutes=1)
    expected = {"user": str(person.pk), "address": address, "url": path}
    return recent and event.pgh_context.metadata == expected


def filled(client: Client, path: str) -> dict[str, Any]:
    """The form of an administrator's page, as the browser would send it back."""
    context = client.get(path).context
    forms = [context["adminform"].form]
    for inline in context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.initial_forms]
    bound = [form[name] for form in forms for name in form.fields]
    values = {field.html_name: field.value() for field in bound}
    return {name: "" if value is None else value for name, value in values.items() if value is not False}


def save(client: Client, path: str, **changes: Any) -> None:
    response = client.post(path, filled(client, path) | changes)
    assert response.status_code == 302, response.context["errors"]


@pytest.fixture
def admin(world: World) -> Client:
    return world.client("admin")


# What a page changes ----------------------------------------------------------------------------------------------------


def test_a_branch_says_who_changed_it(world: World, admin: Client) -> None:
    branch, path = world.ours.branch, f"/admin/branches/branch/{world.ours.branch.pk}/change/"
    save(admin, path, name_en="Renamed", two_person_limit="250.00")
    before, after = last(branch, 2)
    assert (before.name_en, before.two_person_limit) == ("Branch", 100)
    assert (after.name_en, after.two_person_limit, after.pgh_label) == ("Renamed", 250, "update")
    assert told(after, world.people["admin"], path)


def test_a_membership_says_who_gave_changed_and_took_it(world: World, admin: Client) -> None:
    person = world.people["receptionist"]
    row, path = person.memberships.get(), f"/admin/branches/user/{person.pk}/change/"
    save(admin, path, **{"memberships-0-role": Role.SUPERVISOR})
    before, after = last(row, 2)
    assert (before.role, after.role, after.pgh_label) == (Role.RECEPTIONIST, Role.SUPERVISOR, "update")
    assert told(after, world.people["admin"], path)
    save(admin, path, **{"memberships-0-DELETE": "on"})
    [gone] = last(row)
    assert (gone.role, gone.branch_id, gone.pgh_label) == (Role.SUPERVISOR, world.ours.branch.pk, "delete")
    assert told(gone, world.people["admin"], path)
    new = {
        "memberships-TOTAL_FORMS": 1,
        "memberships-0-branch": world.theirs.branch.pk,
        "memberships-0-role": Role.MANAGER,
    }
    save(admin, path, **new)
    [added] = last(person.memberships.get())
    assert (added.role, added.pgh_label) == (Role.MANAGER, "insert")
    assert told(added, world.people["admin"], path)


def test_an_account_says_who_changed_it_and_not_to_what_its_secrets(world: World, admin: Client) -> None:
    account, path = world.ours.account, f"/admin/providers/account/{world.ours.account.pk}/change/"
    secrets = {"current_email": "new@example.com", "current_password": SECRET}
    assert set(secrets) <= set(filled(admin, path))
    save(admin, path, label="Renamed", **secrets)
    account.refresh_from_db()
    assert account.secrets()["password"] == SECRET
    before, *_, after = last(account, 3)
    assert before.label != after.label == "Renamed"
    assert before.current_set_at != after.current_set_at == account.current_set_at
    assert told(after, world.people["admin"], path)
    assert SECRET not in admin.get(path).content.decode()


def test_a_persons_own_language_and_password_are_hers(world: World) -> None:
    person, client = world.people["manager"], world.client("manager")
    client.post("/accounts/language/", {"language": "fr"}, REMOTE_ADDR="10.0.0.9")
    before, after = last(person, 2)
    assert (before.language, after.language) == ("", "fr")
    assert told(after, person, "/accounts/language/", "10.0.0.9")
    new = "another-good-one-77"
    client.post("/accounts/password/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    [event] = last(person)
    assert event.pgh_label == "password"
    assert told(event, person, "/accounts/password/")


def test_behind_a_proxy_it_is_the_browsers_address(world: World, settings: Any) -> None:
    settings.PROXY_COUNT = 1
    client = world.client("manager")
    headers = {"X-Forwarded-For": "6.6.6.6, 10.0.0.9"}
    client.post("/accounts/language/", {"language": "en"}, headers=headers, REMOTE_ADDR="127.0.0.1")
    [event] = last(world.people["manager"])
    assert told(event, world.people["manager"], "/accounts/language/", "10.0.0.9")


def test_a_refused_form_leaves_no_event(world: World, admin: Client) -> None:
    path = f"/admin/branches/branch/{world.ours.branch.pk}/change/"
    before = last(world.ours.branch)
    form = filled(admin, path)
    for wrong in ({"timezone": "Mars/Base"}, {"currency": "XXX"}, {"name_en": ""}, {"name_en": NUL["a NUL"]}):
        assert admin.post(path, form | wrong).status_code in (200, 400)
    assert last(world.ours.branch) == before


# What a service changes -------------------------------------------------------------------------------------------------


def test_an_account_that_a_command_connects_says_whose_terminal_it_was(world: World) -> None:
    wish: dict[str, Any] = {"provider": "alreaaiaa", "branch": world.theirs.branch, "environment": Environment.TESTING}
    values = {"email": "desk@example.com", "password": SECRET}
    with audited("connect"):
        account = connect_account(base_url=URL, values=values, **wish).account
        set_secrets(account, values | {"password": NEXT}, slot="next", now=timezone.now())
    first, second = last(account, 2)
    assert (first.pgh_label, first.base_url, first.next_set_at) == ("insert", URL, None)
    assert second.next_set_at is not None
    assert {event.pgh_context.metadata["command"] for event in (first, second)} == {"connect"}
    assert first.pgh_context.metadata["terminal"]
    [link] = last(account.places.get())
    assert link.branch_id == world.theirs.branch.pk


def test_what_sql_changes_behind_our_back_is_written_down_too(world: World) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE branches_branch SET two_person_limit = 999999 WHERE id = %s", [world.ours.branch.pk])
    [event] = last(world.ours.branch)
    assert (event.two_person_limit, event.pgh_context) == (999999, None)
