"""Putting a backup back: everything in one transaction, so that however it is cut short the database is the old or the new one.

Nothing that the backup holds open is sent again: every `send_before` in it is brought to now, in that same transaction, so
unsent intents die and unknown ones are settled by looking alone (docs/how-it-works.md).
"""

from __future__ import annotations

import datetime as dt
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import IO
from zipfile import ZipFile

from django.db import connection
from django.db.migrations.loader import MigrationLoader

from config.backup import archive
from config.backup.archive import Manifest, Unfit
from config.backup.programs import environment, programs
from config.owner import as_owner

OTHERS = """(
    SELECT string_agg(DISTINCT usename || COALESCE(' (' || NULLIF(application_name, '') || ')', ''), ', ')
    FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND usesysid IS NOT NULL
)"""
IN_USE = "SELECT " + OTHERS
# Asked again inside the transaction: whoever has come since would wait behind our locks and find another database.
BEFORE = """
BEGIN;
SET LOCAL lock_timeout = '15s';
DO $wasl$
DECLARE others text; r record;
BEGIN
    FOR attempt IN 1..50 LOOP  -- whoever has just hung up, and that was us, is listed for a moment longer
        PERFORM pg_stat_clear_snapshot();
        others := OTHERS;
        EXIT WHEN others IS NULL;
        PERFORM pg_sleep(0.1);
    END LOOP;
    IF others IS NOT NULL THEN RAISE EXCEPTION 'still in use by %', others; END IF;
    FOR r IN SELECT c.oid::regclass AS name FROM pg_class c
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') LOOP
        EXECUTE format('DROP TABLE IF EXISTS %s CASCADE', r.name);
    END LOOP;
    FOR r IN SELECT p.oid::regprocedure AS name FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace
        AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e') LOOP
        EXECUTE format('DROP FUNCTION IF EXISTS %s CASCADE', r.name);
    END LOOP;
END $wasl$;
""".replace("OTHERS", OTHERS)
AFTER = """
SET LOCAL search_path = public;
UPDATE providers_operation SET send_before = clock_timestamp()
    WHERE state IN ('created', 'preparing', 'sending', 'unknown') AND send_before > clock_timestamp();
INSERT INTO providers_restoration (taken_at, restored_at) VALUES ('{taken_at}', clock_timestamp());
COMMIT;
"""


def restore(path: Path, *, force: bool = False) -> Manifest:
    """Raises Unfit, and then the database is as it was. The caller migrates: rights, and what is newer than the backup."""
    with as_owner(), archive.opened(path) as (manifest, pack):
        taken_at = dt.datetime.fromisoformat(manifest.taken_at)
        _refuse_other_keys(manifest)
        _refuse_newer(manifest)
        _refuse_in_use(force=force)
        found, env = programs(), environment()
        connection.close()  # ours would count as somebody's
        _load(pack, found, env, AFTER.format(taken_at=taken_at.isoformat()))
    return manifest


def _refuse_other_keys(manifest: Manifest) -> None:
    field_keys, hash_key = archive.keys_at_hand()
    if manifest.hash_key != hash_key:
        raise Unfit("HASH_KEY is not the one of this backup: no code in it could be found. Nothing was changed.")
    if missing := [key for key in manifest.field_keys if key not in field_keys]:
        raise Unfit(
            f"FIELD_KEYS lacks {len(missing)} of the backup's {len(manifest.field_keys)} keys ({', '.join(missing)}): what "
            "is sealed in it could not be opened. Put them last in FIELD_KEYS. Nothing was changed."
        )


def _refuse_newer(manifest: Manifest) -> None:
    known = set(MigrationLoader(None).disk_migrations or {})
    applied = {(app, name) for app, names in manifest.migrations.items() for name in names}
    if newer := sorted(applied - known):
        raise Unfit(f"The backup is of a newer Wasl ({'.'.join(newer[0])} is not known here). Nothing was changed.")


def _refuse_in_use(*, force: bool) -> None:
    with connection.cursor() as cursor:
        cursor.execute(IN_USE)
        if others := cursor.fetchone()[0]:
            raise Unfit(f"The database is in use by {others}: stop web, workers and beat first. Nothing was changed.")
        cursor.execute("SELECT EXISTS (SELECT FROM pg_tables WHERE schemaname = 'public')")
        if cursor.fetchone()[0] and not force:
            raise Unfit("The database is not empty: --force puts the backup in its place. Nothing was changed.")


def _load(pack: ZipFile, found: dict[str, str], env: dict[str, str], after: str) -> None:
    """psql commits only when it is told to; it is told once pg_restore has come to its end without a word."""
    with (
        tempfile.TemporaryFile() as said,
        tempfile.TemporaryFile() as grumbled,
        subprocess.Popen(
            [found["psql"], "-X", "-q", "-w", "-v", "ON_ERROR_STOP=1"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=said,
            env=env,
        ) as psql,
    ):
        assert psql.stdin
        with psql.stdin as into:
            try:
                into.write(BEFORE.encode())
                into.flush()
                _unpack(pack, found["pg_restore"], into, grumbled)
                into.write(after.encode())
            except BrokenPipeError:  # psql stopped at an error, and says which
                pass
        if psql.wait():
            raise Unfit(f"The backup was not put back, nothing was changed: {_last_words(said)}")


def _unpack(pack: ZipFile, program: str, into: IO[bytes], said: IO[bytes]) -> None:
    """The dump as SQL, straight into psql."""
    command = [program, "--no-owner", "--no-privileges", "--exit-on-error", "--file=-"]
    with (
        pack.open(archive.DUMP) as dump,
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=into, stderr=said) as unpacking,
    ):
        assert unpacking.stdin
        try:
            with unpacking.stdin as pipe:
                for piece in archive.pieces(dump):
                    pipe.write(piece)
        except BrokenPipeError:
            pass
        ended = unpacking.wait()
        if ended == -signal.SIGPIPE:  # psql went first, and says why
            raise BrokenPipeError
        if ended:
            raise Unfit(f"The backup was not put back, nothing was changed: {_last_words(said)}")


def _last_words(said: IO[bytes]) -> str:
    said.seek(0)
    lines = said.read().decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else "the program ended without a word"
