"""The audit trail: who did what, when, from where, before and after; kept by the database itself."""

from __future__ import annotations

import pytest
from django.db import ProgrammingError, connection, transaction

from branches import history
from branches.models import Branch, Change, Membership, User
from branches.roles import Role
from tests.conftest import Hire

PASSWORD = "canary-Wadi-9120-password"


def changes_of(model: str, label: str = "") -> list[Change]:
    rows = Change.objects.filter(pgh_obj_model=model)
    return list((rows.filter(pgh_label=label) if label else rows).order_by("pgh_id"))


def test_a_new_person_is_written_down_without_the_password_and_its_hash(hire: Hire, olaya: Branch) -> None:
    user = hire("reem", Role.RECEPTIONIST, olaya, password=PASSWORD)
    (added,) = changes_of("branches.User", "insert")
    assert added.pgh_data["username"] == "reem"
    assert "password" not in added.pgh_data and "last_login" not in added.pgh_data
    assert user.password not in str(added.pgh_data)


def test_disabling_a_person_shows_before_and_after(reem: User) -> None:
    reem.is_active = False
    reem.save()
    change = changes_of("branches.User", "update")[-1]
    assert change.pgh_diff == {"is_active": [True, False]}
    assert history.deed(change)


def test_a_new_password_is_noted_but_not_what_it_is(reem: User) -> None:
    reem.set_password(PASSWORD)
    reem.save()
    (change,) = changes_of("branches.User", "password")
    assert not change.pgh_diff
    assert reem.password not in str(change.pgh_data)


def test_signing_in_is_not_a_change_of_the_person(reem: User) -> None:
    before = len(changes_of("branches.User"))
    User.objects.filter(pk=reem.pk).update(last_login="2026-11-21T10:00:00Z")
    assert len(changes_of("branches.User")) == before


def test_a_role_that_changes_or_goes_is_kept(reem: User, olaya: Branch) -> None:
    Membership.objects.filter(user=reem).update(role=Role.MANAGER)  # past any form
    Membership.objects.filter(user=reem).delete()
    changed, removed = changes_of("branches.Membership")[-2:]
    assert changed.pgh_diff == {"role": ["receptionist", "manager"]}
    assert removed.pgh_label == "delete"
    assert [row.before for row in history.differences(removed)] != []


@pytest.mark.parametrize("table", ["branches_userevent", "branches_membershipevent", "branches_branchevent"])
@pytest.mark.parametrize("verb", ["UPDATE {} SET pgh_label = 'x'", "DELETE FROM {}"])
def test_nobody_rewrites_it(reem: User, table: str, verb: str) -> None:
    with pytest.raises(ProgrammingError, match="Cannot update or delete"), transaction.atomic():
        connection.cursor().execute(verb.format(table))


def test_it_names_the_person_and_where_they_sat(admin: User, olaya: Branch) -> None:
    change = Change(pgh_context={"user": str(admin.pk), "address": "10.0.0.7", "url": "/admin/"})
    assert history.who(change) == str(admin)
    assert history.where(change) == "10.0.0.7 /admin/"


def test_a_rows_history_holds_what_refers_to_it(reem: User, olaya: Branch) -> None:
    row = history.row_named(f"branches.User:{reem.pk}")
    assert row == reem
    models = set(Change.objects.references(row).values_list("pgh_obj_model", flat=True))
    assert models == {"branches.User", "branches.Membership"}


@pytest.mark.parametrize("label", ["", "x", "branches.User:", "branches.User:1", "auth.Group:1", "branches.User:\x00"])
def test_a_row_that_is_not_there_has_no_history(reem: User, label: str) -> None:
    assert history.row_named(label) is None
