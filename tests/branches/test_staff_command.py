"""`manage.py staff add`."""

from __future__ import annotations

import pytest

from branches.models import Branch, Change, Membership, User
from branches.roles import Role
from tests.conftest import Hire
from tests.terminal import in_a_process, refused, typed

PASSWORD = "canary-Sarab-4471-password"


def test_a_new_person_works_where_they_were_added(olaya: Branch, nakheel: Branch) -> None:
    typed("staff", "add", "reem", "--role", "supervisor", "--branch", "olaya", "nakheel")
    places = Membership.objects.filter(user__username="reem").values_list("branch__code", "role")
    assert set(places) == {("olaya", "supervisor"), ("nakheel", "supervisor")}


def test_the_password_comes_from_standard_input_and_is_said_nowhere(olaya: Branch) -> None:
    add = ("staff", "add", "reem", "--role", "receptionist", "--branch", "olaya", "--password-stdin")
    assert PASSWORD not in typed(*add, stdin=PASSWORD + "\n")
    assert User.objects.get(username="reem").check_password(PASSWORD)


def test_without_a_password_a_new_person_cannot_sign_in_and_the_terminal_says_so(olaya: Branch) -> None:
    said = typed("staff", "add", "reem", "--role", "receptionist", "--branch", "olaya")
    assert "no password" in said
    assert not User.objects.get(username="reem").has_usable_password()


def test_twice_is_the_same_as_once_and_keeps_the_password(olaya: Branch) -> None:
    add = ("staff", "add", "reem", "--role", "receptionist", "--branch", "olaya")
    typed(*add, "--password-stdin", stdin=PASSWORD)
    assert "up to date" in typed(*add)
    assert User.objects.get().check_password(PASSWORD)
    assert Membership.objects.count() == 1


def test_only_a_technical_administrator_may_open_the_administration(olaya: Branch, nakheel: Branch) -> None:
    typed("staff", "add", "tech", "--role", "admin", "--branch", "olaya")
    assert User.objects.get().is_staff
    typed("staff", "add", "tech", "--role", "receptionist", "--branch", "nakheel")
    assert User.objects.get().is_staff, "still an administrator at the other branch"
    typed("staff", "add", "tech", "--role", "receptionist", "--branch", "olaya")
    assert not User.objects.get().is_staff and not User.objects.get().is_superuser


@pytest.mark.parametrize(
    "wrong",
    [
        ("staff", "add", "reem", "--role", "emperor", "--branch", "olaya"),
        ("staff", "add", "reem", "--role", "admin", "--branch", "nowhere"),
        ("staff", "add", "reem", "--role", "admin", "--branch", "olaya", "nowhere"),
        ("staff", "add", "reem", "--role", "admin", "--branch", "' OR 1=1 --"),
        ("staff", "add", "re em", "--role", "admin", "--branch", "olaya"),
        ("staff", "add", "x" * 151, "--role", "admin", "--branch", "olaya"),
        ("staff", "add", "re\x00em", "--role", "admin", "--branch", "olaya"),
        ("staff", "add", "\u202eadmin", "--role", "admin", "--branch", "olaya"),
        ("staff", "add", "", "--role", "admin", "--branch", "olaya"),
        ("staff", "add", "reem", "--role", "admin"),
        ("staff", "remove", "reem"),
    ],
)
def test_bad_input_is_one_clear_line_and_changes_nothing(olaya: Branch, wrong: tuple[str, ...]) -> None:
    refused(*wrong)
    assert not User.objects.exists() and not Membership.objects.exists()


@pytest.mark.parametrize(
    "password",
    ["", "brief", "password1234", "reem-reem-reem", "x" * 201, "with\x00nul-inside", " a-space-in-front-1", "\n"],
)
def test_a_password_that_will_not_do_is_refused_and_not_repeated(olaya: Branch, password: str) -> None:
    add = ("staff", "add", "reem-reem", "--role", "receptionist", "--branch", "olaya", "--password-stdin")
    line = refused(*add, stdin=password)
    assert len(password.strip()) < 4 or password not in line
    assert not User.objects.exists()


def test_an_unknown_option_is_refused_without_repeating_what_may_be_a_password(olaya: Branch) -> None:
    add = ("staff", "add", "reem", "--role", "receptionist", "--branch", "olaya")
    shown = in_a_process(*add, "--passwort", PASSWORD)
    assert shown.returncode == 2
    assert PASSWORD not in shown.stdout + shown.stderr


def test_a_password_stays_out_of_logs_audit_and_tracebacks(olaya: Branch, hire: Hire) -> None:
    add = ("staff", "--traceback", "add", "reem", "--role", "receptionist", "--branch", "olaya", "--password-stdin")
    shown = in_a_process(*add, stdin=PASSWORD)
    assert shown.returncode == 0, shown.stderr
    assert PASSWORD not in shown.stdout + shown.stderr
    shown = in_a_process(*add, stdin=PASSWORD[:5] + "\x07" + PASSWORD)
    assert shown.returncode == 1
    assert PASSWORD not in shown.stdout + shown.stderr
    hash_of_it = User.objects.get(username="reem").password
    changes = Change.objects.filter(pgh_obj_model="branches.User")
    written = str(list(changes.values_list("pgh_data", "pgh_diff", "pgh_context")))
    assert "reem" in written
    assert PASSWORD not in written and hash_of_it not in written


def test_a_role_known_to_nobody_never_reaches_the_database(olaya: Branch) -> None:
    assert all(role in refused("staff", "add", "reem", "--role", "x", "--branch", "olaya") for role in Role.values)
