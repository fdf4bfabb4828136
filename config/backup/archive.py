"""The file: a zip, not compressed again, of `database.dump` (pg_dump's custom format) and `manifest.json`.

`unzip` and `pg_restore` open it too, on a day when Wasl itself does not start.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from django.conf import settings

DUMP, MANIFEST = "database.dump", "manifest.json"
FORMAT = 1
PIECE = 1 << 20


class Unfit(Exception):
    """The backup cannot be made or put back; the text is for the person at the terminal."""


@dataclass(frozen=True)
class Manifest:
    taken_at: str  # by the database's clock, before its snapshot
    server: str
    migrations: dict[str, list[str]]
    field_keys: list[str]  # fingerprints: which keys open what is sealed, never the keys
    hash_key: str
    sha256: str
    size: int
    format: int = FORMAT


def fingerprint(key: str) -> str:
    """Of a key of 32 random bytes: it tells keys apart and says nothing about them."""
    return hmac.new(key.encode(), b"wasl backup", hashlib.sha256).hexdigest()[:16]


def keys_at_hand() -> tuple[list[str], str]:
    return [fingerprint(key) for key in settings.FIELD_KEYS], fingerprint(settings.HASH_KEY)


@contextmanager
def writing(path: Path, *, force: bool) -> Iterator[zipfile.ZipFile]:
    """Under another name, for our eyes only, until it is whole and on the disk."""
    if path.exists() and not force:
        raise Unfit(f"{path} is there already: choose another name, or --force.")
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mode 0600
    except OSError as error:
        raise Unfit(f"{path.parent} cannot be written to: {error.strerror}.") from error
    unfinished = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as pack:
                yield pack
            file.flush()
            os.fsync(file.fileno())
        _name(unfinished, path, force=force)
        _sync_folder(path.parent)
    finally:
        unfinished.unlink(missing_ok=True)


def _name(unfinished: Path, path: Path, *, force: bool) -> None:
    if force:
        unfinished.replace(path)
        return
    try:
        os.link(unfinished, path)  # unlike a rename it takes nobody's place
    except FileExistsError:
        raise Unfit(f"{path} is there already: somebody made it meanwhile.") from None


def _sync_folder(folder: Path) -> None:
    with suppress(OSError):  # some file systems do not sync folders
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def add_manifest(pack: zipfile.ZipFile, manifest: Manifest) -> None:
    pack.writestr(MANIFEST, json.dumps(asdict(manifest), indent=1))


@contextmanager
def opened(path: Path) -> Iterator[tuple[Manifest, zipfile.ZipFile]]:
    """A backup that is whole: the dump is read through once, against its checksum. Raises Unfit."""
    try:
        with zipfile.ZipFile(path) as pack:
            manifest = Manifest(**json.loads(pack.read(MANIFEST)))
            if manifest.format != FORMAT:
                raise Unfit(f"{path} has format {manifest.format}, and this Wasl reads {FORMAT}.")
            if _digest(pack) != (manifest.sha256, manifest.size):
                raise Unfit(f"{path} is damaged: its checksum does not agree.")
            yield manifest, pack
    except FileNotFoundError:
        raise Unfit(f"There is no file {path}.") from None
    except (zipfile.BadZipFile, KeyError, TypeError, ValueError, EOFError) as error:
        raise Unfit(f"{path} is no whole backup of Wasl.") from error
    except OSError as error:
        raise Unfit(f"{path} cannot be read: {error.strerror}.") from error


def _digest(pack: zipfile.ZipFile) -> tuple[str, int]:
    found, size = hashlib.sha256(), 0
    with pack.open(DUMP) as dump:
        for piece in pieces(dump):
            found.update(piece)
            size += len(piece)
    return found.hexdigest(), size


def pieces(stream: IO[bytes]) -> Iterator[bytes]:
    while piece := stream.read(PIECE):
        yield piece
