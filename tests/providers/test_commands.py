"""`manage.py connect` and `manage.py settle`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.db import connection
from django.db.models.functions import Now

from branches.models import Branch, Change
from providers import accounts
from providers.models import Account, AccountHealth, AccountToken, BranchAccount, Call, Operation, State
from providers.operations import send_operation
from providers.sandbox.running import RunningSandbox
from tests.conftest import LOGIN
from tests.scene import CODE, OTHER_CODE, SLUG, Desk, writes
from tests.terminal import in_a_process, refused, typed

CANARY = "canary-Nakhla-7713"


def connecting(
    twin: RunningSandbox, *more: str, email: str = LOGIN["email"], password: str = LOGIN["password"]
) -> list[str]:
    where = ["--branch", "olaya", "--base-url", twin.base_url(SLUG), "--environment", "sandbox"]
    return ["connect", SLUG, *where, "--set", f"email={email}", f"password={password}", *more]


def everything_stored() -> str:
    """Every table as text, as a dump would have it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = [name for (name,) in cursor.fetchall()]
        found = []
        for table in tables:
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            found += [row for (row,) in cursor.fetchall()]
    return "\n".join(found)


# Connecting -----------------------------------------------------------------------------------------------------------


def test_it_connects_a_branch_and_tries_the_login(olaya: Branch, twin: RunningSandbox) -> None:
    said = typed(*connecting(twin))
    assert "connected" in said and "the login works" in said
    account = Account.objects.get()
    assert account.secrets() == LOGIN
    assert BranchAccount.objects.get().branch == olaya
    assert AccountHealth.objects.get().last_good_at


def test_twice_is_the_same_as_once(olaya: Branch, twin: RunningSandbox) -> None:
    typed(*connecting(twin))
    first = Account.objects.values().get()
    assert "up to date" in typed(*connecting(twin))
    assert Account.objects.values().get() == first
    assert Change.objects.filter(pgh_obj_model="providers.Account").count() == 1, "nothing changed, nothing to audit"


def test_one_of_the_secrets_can_be_replaced_alone(olaya: Branch, twin: RunningSandbox) -> None:
    typed(*connecting(twin, "--no-test", password="old"))
    where = ["--branch", "olaya", "--base-url", twin.base_url(SLUG), "--environment", "sandbox"]
    assert "the login works" in typed("connect", SLUG, *where, "--set", f"password={LOGIN['password']}")


def test_a_refused_login_says_so_and_ends_with_an_error(olaya: Branch, twin: RunningSandbox) -> None:
    line = refused(*connecting(twin, password=CANARY))
    assert "refused this login" in line and CANARY not in line


def test_a_provider_that_is_down_says_so(olaya: Branch, twin: RunningSandbox) -> None:
    twin.control.down(SLUG)
    try:
        assert "Nobody answers" in refused(*connecting(twin))
    finally:
        twin.control.down(SLUG, down=False)


def test_without_the_test_nothing_is_sent(olaya: Branch, twin: RunningSandbox) -> None:
    typed(*connecting(twin, "--no-test"))
    assert not Call.objects.exists()


def test_a_secret_comes_from_a_file_or_from_standard_input(olaya: Branch, twin: RunningSandbox, tmp_path: Path) -> None:
    file = tmp_path / "email"
    file.write_text(LOGIN["email"] + "\n")
    said = typed(*connecting(twin, email=f"@{file}", password="-"), stdin=LOGIN["password"] + "\r\n")
    assert "the login works" in said and "removed" not in said


def test_hidden_marks_are_removed_and_the_person_is_told(olaya: Branch, twin: RunningSandbox) -> None:
    said = typed(*connecting(twin, password=f"\u200f{LOGIN['password']}\u200b"))
    assert "U+200F" in said and "U+200B" in said and "the login works" in said
    assert LOGIN["password"] not in said


def test_the_next_secrets_wait_and_the_login_in_use_stays(olaya: Branch, twin: RunningSandbox) -> None:
    typed(*connecting(twin))
    requests = Call.objects.count()
    where = ["--branch", "olaya", "--environment", "sandbox"]
    typed("connect", SLUG, *where, "--next", "--set", "email=new@example.com", f"password={CANARY}")
    account = Account.objects.get()
    assert account.secrets() == LOGIN and account.secrets("next")["password"] == CANARY
    assert Call.objects.count() == requests


def test_the_next_secrets_need_an_account_first(olaya: Branch) -> None:
    where = ["--branch", "olaya", "--environment", "sandbox"]
    assert "without --next first" in refused("connect", SLUG, *where, "--next", "--set", "email=a", "password=b")


WRONG = [
    (["--set", "password"], "NAME=VALUE"),
    (["--set", f"={CANARY}"], "NAME=VALUE"),
    (["--set", f"passwort={CANARY}"], "NAME is one of"),
    (["--set", f"{CANARY}=x"], "NAME is one of"),
    (["--set", "password=@/no/such/file"], "No such file"),
    (["--set", "password=@/"], "directory"),
    (["--set", "password=@/dev/zero"], "longer than"),
    (["--set", f"password={CANARY}\x07"], "control character"),
    (["--set", f"password={CANARY}\n{CANARY}"], "control character"),
    (["--set", f"password={CANARY}\udcff"], "not text"),
    (["--set", "password="], "empty"),
    (["--set", "password=\u200b"], "empty"),
    (["--set", f"password={CANARY * 2000}"], "longer than"),
    (["--set", "token_path=https://elsewhere.example"], "cannot be used"),
    (["--set", "token_path=/../../x"], "cannot be used"),
    (["--set", "email=a", "--set", "email=b"], "twice"),
    (["--environment", "live"], "not on the list"),
    (["--environment", "nowhere"], "invalid choice"),
    (["--base-url", "https://evil.example/api/v1"], "not on the list"),
    (["--base-url", "file:///etc/passwd"], "base_url"),
    (["--base-url", f"http://user:{CANARY}@127.0.0.1/"], "base_url"),
    (["--base-url", "http://169.254.169.254/latest"], "not on the list"),
    (["--base-url", ""], "--base-url"),
    (["--branch", "nowhere"], "no branch"),
    (["--branch", "o\x00laya"], "control character"),
]


@pytest.mark.parametrize(("wrong", "words"), WRONG)
def test_bad_input_is_one_clear_line_without_a_secret_and_changes_nothing(
    olaya: Branch, twin: RunningSandbox, wrong: list[str], words: str
) -> None:
    where = ["--branch", "olaya", "--base-url", twin.base_url(SLUG), "--environment", "sandbox"]
    full = [] if any(value.startswith(("password", "email=a")) for value in wrong) else [f"password={CANARY}"]
    given = [] if "email=a" in wrong else [f"email={LOGIN['email']}"]
    line = refused("connect", SLUG, *where, *(["--set", *given, *full] if given or full else []), *wrong)
    assert words in line and CANARY not in line
    assert not Account.objects.exists() and not Call.objects.exists()


@pytest.mark.parametrize("provider", ["nobody", "", "../alreaaiaa", "x" * 5000])
def test_a_provider_that_we_do_not_know_is_refused_with_those_we_know(olaya: Branch, provider: str) -> None:
    line = refused("connect", provider, "--branch", "olaya", "--base-url", "https://x.example", "--environment", "live")
    assert SLUG in line or "PROVIDER" in line


def test_half_a_login_is_not_kept(olaya: Branch, twin: RunningSandbox) -> None:
    where = ["--branch", "olaya", "--base-url", twin.base_url(SLUG), "--environment", "sandbox"]
    assert "password" in refused("connect", SLUG, *where, "--set", "email=a@example.com")
    assert not Account.objects.exists()


def test_a_bad_value_leaves_a_working_account_as_it_was(olaya: Branch, twin: RunningSandbox) -> None:
    typed(*connecting(twin))
    before = Account.objects.values().get()
    refused(*connecting(twin, "--set", "token_path=nonsense", password=CANARY))
    assert Account.objects.values().get() == before


def test_secrets_whose_key_is_lost_are_replaced_whole(olaya: Branch, twin: RunningSandbox, settings: Any) -> None:
    typed(*connecting(twin))
    before = Account.objects.get().secrets()
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    typed(*connecting(twin))
    assert Account.objects.get().secrets() == before


def test_a_file_that_is_not_text_is_refused(olaya: Branch, twin: RunningSandbox, tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_bytes(b"\xff\xfe\x00" + CANARY.encode())
    assert "not UTF-8" in refused(*connecting(twin, password=f"@{file}"))


def test_the_secret_is_nowhere_but_sealed(olaya: Branch, twin: RunningSandbox) -> None:
    """Terminal, log at DEBUG, traceback, journal, audit, and every table of a dump."""
    shown = in_a_process(*connecting(twin, "--traceback", password=CANARY))
    assert shown.returncode == 1 and "refused this login" in shown.stderr
    assert CANARY not in shown.stdout + shown.stderr
    assert Account.objects.get().secrets()["password"] == CANARY
    assert CANARY not in everything_stored()
    sealed = bytes(Account.objects.get().sealed_current)
    event = str(list(Change.objects.values_list("pgh_data", "pgh_diff")))
    assert sealed.hex() not in event and sealed.decode() not in event


def test_the_token_of_a_login_is_nowhere_but_sealed(account: Account, desk: Desk) -> None:
    desk.look_up()
    token = accounts.registry.AccountTokens(account).read()
    assert len(token) > 10 and AccountToken.objects.exists()
    assert token not in everything_stored()


def test_an_unknown_option_does_not_repeat_what_may_be_a_secret(olaya: Branch, twin: RunningSandbox) -> None:
    shown = in_a_process(*connecting(twin, "--pasword", CANARY))
    assert shown.returncode == 2 and len(shown.stderr.splitlines()) == 1
    assert CANARY not in shown.stdout + shown.stderr


def test_its_help_names_the_fields_of_each_provider() -> None:
    shown = in_a_process("connect", "--help")
    assert shown.returncode == 0
    assert "email password" in " ".join(shown.stdout.split()) and "--next" in shown.stdout


# Settling -------------------------------------------------------------------------------------------------------------


def unknown(desk: Desk, twin: RunningSandbox, fault: str, code: str = CODE) -> Operation:
    operation = desk.redeem(code)
    twin.control.fault(fault, endpoint="redeem", code=code)
    assert send_operation(operation.pk) == State.UNKNOWN
    return operation


def counts(*words: str) -> dict[str, int]:
    return {name: n for name, n in json.loads(typed("settle", "--json", *words)).items() if n}


def test_nothing_unknown_is_nothing_to_do(database: None) -> None:
    assert "nothing" in typed("settle")
    assert counts() == {}


def test_an_effect_that_is_there_is_found_now(desk: Desk, twin: RunningSandbox) -> None:
    operation = unknown(desk, twin, "drop_after")
    Operation.objects.filter(pk=operation.pk).update(next_at=Now() + "10 minutes")
    assert counts() == {"succeeded": 1}
    assert len(writes(twin)) == 1


def test_one_round_judges_nothing_before_the_settle_window(desk: Desk, twin: RunningSandbox) -> None:
    unknown(desk, twin, "drop_before")
    assert counts() == {"unknown": 1}


def test_until_quiet_goes_on_until_it_is_known(desk: Desk, twin: RunningSandbox) -> None:
    unknown(desk, twin, "drop_after")
    other = unknown(desk, twin, "drop_before", OTHER_CODE)
    Operation.objects.filter(pk=other.pk).update(send_before=Now())  # too late to send again: judged by looking alone
    assert counts("--until-quiet", "30") == {"succeeded": 1, "not_applied": 1}
    assert len(writes(twin, OTHER_CODE)) == 1, "settling sends nothing"


def test_until_quiet_ends_in_time_when_nobody_answers(desk: Desk, twin: RunningSandbox) -> None:
    unknown(desk, twin, "drop_before")
    twin.control.down(SLUG)
    try:
        assert counts("--until-quiet", "2") == {"unknown": 1}
    finally:
        twin.control.down(SLUG, down=False)


def test_a_row_in_a_workers_hands_is_left_to_it(desk: Desk, twin: RunningSandbox) -> None:
    operation = unknown(desk, twin, "drop_after")
    held = Operation.objects.filter(pk=operation.pk)
    held.update(claim_token=operation.pk, lease_until=Now() + "1 minute", next_at=Now() + "1 minute")
    assert counts() == {"unknown": 1}


def test_people_read_it_in_words(desk: Desk, twin: RunningSandbox) -> None:
    unknown(desk, twin, "drop_after")
    assert typed("settle").strip() == "1 done"


@pytest.mark.parametrize("wrong", ["-1", "nan", "inf", "soon", "1e9", ""])
def test_a_wait_that_is_no_number_of_seconds_is_refused(database: None, wrong: str) -> None:
    assert "until-quiet" in refused("settle", "--until-quiet", wrong)
