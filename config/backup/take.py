"""Making a backup. Everything may run meanwhile: pg_dump sees the database as it was in one moment."""

from __future__ import annotations

import hashlib
import subprocess
import tempfile
from pathlib import Path
from zipfile import ZipFile

from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from config.backup import archive
from config.backup.archive import Manifest, Unfit
from config.backup.programs import environment, programs
from config.owner import as_owner

# Whose session was open is worth nothing a day later, except to a thief: everybody signs in again.
UNKEPT = ("django_session", "providers_syncseen", "providers_synctouched")  # the two are only worth something together
LEFT_OUT = [f"--exclude-table-data={name}" for name in UNKEPT]
OPTIONS = ["--format=custom", "--no-owner", "--no-privileges", "--no-password", *LEFT_OUT]


def backup(path: Path, *, force: bool = False) -> Manifest:
    """Raises Unfit, and then leaves nothing behind."""
    with as_owner(), archive.writing(path, force=force) as pack:
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp(), current_setting('server_version')")
            taken_at, server = cursor.fetchone()
        sha256, size = _dump(pack)
        field_keys, hash_key = archive.keys_at_hand()
        manifest = Manifest(taken_at.isoformat(), server, _migrations(), field_keys, hash_key, sha256, size)
        archive.add_manifest(pack, manifest)
    return manifest


def _migrations() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for app, name in sorted(MigrationRecorder(connection).applied_migrations()):
        found.setdefault(app, []).append(name)
    return found


def _dump(pack: ZipFile) -> tuple[str, int]:
    command, digest, size = [programs()["pg_dump"], *OPTIONS], hashlib.sha256(), 0
    with (
        tempfile.TemporaryFile() as said,
        pack.open(archive.DUMP, "w", force_zip64=True) as out,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=said, env=environment()) as dumping,
    ):
        assert dumping.stdout
        for piece in archive.pieces(dumping.stdout):
            out.write(piece)
            digest.update(piece)
            size += len(piece)
        if dumping.wait():
            said.seek(0)
            raise Unfit(f"pg_dump failed: {said.read().decode(errors='replace').strip()}")
    return digest.hexdigest(), size
