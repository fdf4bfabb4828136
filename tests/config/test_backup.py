"""`backup` and `restore`: the file, what they refuse, and that a restore is whole or has not happened."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import psycopg
import pytest
from cryptography.fernet import Fernet
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection, connections

from branches.models import Branch
from config.backup import archive, programs
from providers.models import Evidence, Operation, Restoration
from tests.conftest import LOGIN
from tests.elsewhere import ROOT, database_url
from tests.scene import CODE, OTHER_CODE, Desk, finish

KILLED = """
import os, signal, sys, django
django.setup()
from pathlib import Path
from config.backup import restore
whole = restore._unpack
def all_but_the_commit(*args):
    whole(*args)
    args[2].flush()
    os.kill(os.getpid(), signal.SIGKILL)
restore._unpack = all_but_the_commit
restore.restore(Path(sys.argv[1]), force=True)
"""


def back_up(path: Path, *options: str) -> Path:
    call_command("backup", str(path), *options)
    return path


def put_back(path: Path, *options: str) -> None:
    connections.close_all()
    call_command("restore", str(path), *options)


@pytest.fixture
def copy(desk: Desk, tmp_path: Path) -> Path:
    """Of a database with one finished redemption and one look-up, and a session."""
    finish(desk.redeem())
    desk.look_up(OTHER_CODE)
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO django_session VALUES ('a-session-key-of-somebody', 'data', now())")
    return back_up(tmp_path / "wasl.backup")


def as_sql(copy: Path) -> bytes:
    with zipfile.ZipFile(copy) as pack:
        dump = pack.read(archive.DUMP)
    command = [programs.programs()["pg_restore"], "--file=-"]
    return subprocess.run(command, input=dump, capture_output=True, check=True).stdout


def test_the_file_is_ours_alone_whole_and_takes_nobodys_place(copy: Path) -> None:
    assert copy.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in copy.parent.iterdir()] == [copy.name]
    before = copy.read_bytes()
    with pytest.raises(CommandError, match="is there already"):
        back_up(copy)
    assert copy.read_bytes() == before
    back_up(copy, "--force")
    assert copy.read_bytes() != before
    with archive.opened(copy) as (manifest, _pack):
        assert manifest.hash_key == archive.fingerprint(settings.HASH_KEY)


def test_a_backup_that_fails_leaves_nothing(tmp_path: Path, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("config.backup.take.OPTIONS", ["--no-such-option"])
    with pytest.raises(CommandError, match="pg_dump failed"):
        back_up(tmp_path / "wasl.backup")
    assert not list(tmp_path.iterdir())


def test_no_secret_no_code_and_no_session_is_in_it_in_plain(copy: Path) -> None:
    text, whole = as_sql(copy), copy.read_bytes()
    assert b"providers_evidence" in text and b"COPY public.vouchers_lookup" in text
    secrets = [
        LOGIN["password"],
        CODE,
        OTHER_CODE,
        "a-session-key-of-somebody",
        *settings.FIELD_KEYS,
        settings.HASH_KEY,
    ]
    for secret in [*secrets, settings.SECRET_KEY]:
        for form in (secret.encode(), secret.encode().hex().encode()):
            assert form not in text
            assert form not in whole


def test_everything_comes_back_as_it_was_and_is_whole(copy: Path, desk: Desk) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        tables = [name for (name,) in cursor.fetchall() if name not in ("django_session", "providers_restoration")]
    before = {table: rows(table) for table in tables}
    Branch.objects.update(name_en="Changed since")
    desk.look_up("VCL9C0001NO0001")
    put_back(copy, "--force")
    assert {table: rows(table) for table in tables} == before
    assert Restoration.objects.count() == 1
    operation = Operation.objects.get()
    assert operation.redemption.lines.get().code == CODE  # sealed values open
    with pytest.raises(Exception, match="Cannot update or delete"):
        Evidence.objects.update(code="x")  # the triggers came back too
    call_command("migrate", check_unapplied=True, verbosity=0)


def rows(table: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT t::text FROM {table} t ORDER BY 1")
        return [text for (text,) in cursor.fetchall()]


def test_the_applications_role_is_as_bounded_after_it(copy: Path) -> None:
    put_back(copy, "--force")
    with psycopg.connect(**{**as_params(), "user": settings.APP_ROLE}, autocommit=True) as app:
        assert app.execute("SELECT count(*) FROM providers_operation").fetchone() == (1,)
        if connection.settings_dict["USER"] != settings.APP_ROLE:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute("DELETE FROM providers_evidence")


def as_params() -> dict[str, Any]:
    place = connection.settings_dict
    return {"host": place["HOST"], "port": place["PORT"] or None, "dbname": place["NAME"], "user": place["USER"]}


# What it refuses, with the database as it was -----------------------------------------------------------------------------


def refused(copy: Path, *options: str, because: str) -> None:
    before = rows("providers_operation")
    with pytest.raises(CommandError, match=because):
        put_back(copy, *options)
    assert rows("providers_operation") == before
    assert not Restoration.objects.exists()


def test_a_database_that_is_not_empty_without_force(copy: Path) -> None:
    refused(copy, because="not empty")


def test_while_somebody_uses_the_database(copy: Path) -> None:
    with psycopg.connect(**as_params(), application_name="gunicorn"):
        refused(copy, "--force", because="in use by .*gunicorn")


def test_with_another_hash_key(copy: Path, settings: Any) -> None:
    settings.HASH_KEY = "5a" * 32
    refused(copy, "--force", because="HASH_KEY is not the one")


def test_with_a_field_key_missing_but_not_with_one_more(copy: Path, settings: Any) -> None:
    mine, fresh = settings.FIELD_KEYS, Fernet.generate_key().decode()
    settings.FIELD_KEYS = [fresh]
    refused(copy, "--force", because="FIELD_KEYS lacks 1")
    settings.FIELD_KEYS = [fresh, *mine]
    put_back(copy, "--force")


@pytest.mark.parametrize("harm", ["one bit", "cut short", "no backup", "not there"])
def test_a_file_that_is_not_whole(copy: Path, harm: str) -> None:
    content = bytearray(copy.read_bytes())
    content[len(content) // 2] ^= 1
    spoiled = {"one bit": bytes(content), "cut short": copy.read_bytes()[:-200], "no backup": b"x" * 5000}
    copy.unlink()
    if harm in spoiled:
        copy.write_bytes(spoiled[harm])
    refused(copy, "--force", because="damaged|no whole backup|no file")


def test_the_backup_of_a_newer_wasl(desk: Desk, tmp_path: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('vouchers', '9999_later', now())")
        try:
            copy = back_up(tmp_path / "newer.backup")
        finally:
            cursor.execute("DELETE FROM django_migrations WHERE name = '9999_later'")
    refused(copy, "--force", because="newer Wasl")


def test_a_dump_that_postgres_does_not_take(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("config.backup.restore.AFTER", "SELECT 1/0; COMMIT;")
    refused(copy, "--force", because="nothing was changed: .*division by zero")


def test_kill_9_before_its_last_word_leaves_the_old_database(copy: Path) -> None:
    Branch.objects.update(name_en="Changed since")
    before = rows("providers_operation")
    connections.close_all()
    env = os.environ | {
        "DATABASE_URL": database_url(),
        "PYTHONPATH": str(ROOT),
        "DJANGO_SETTINGS_MODULE": "tests.settings",
    }
    ended = subprocess.run([sys.executable, "-c", KILLED, str(copy)], env=env, cwd=ROOT, check=False)
    assert ended.returncode == -9
    assert rows("providers_operation") == before  # waits for the locks of a psql that has not noticed yet
    assert set(Branch.objects.values_list("name_en", flat=True)) == {"Changed since"}
    assert not Restoration.objects.exists()
