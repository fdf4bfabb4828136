"""The demo's secrets: made once, kept beside its data."""

from __future__ import annotations

import base64
import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path


def read_or_make(path: Path) -> dict[str, str]:
    """SECRET_KEY, FIELD_KEYS (Fernet) and HASH_KEY."""
    if not path.exists():
        _make(path)
    lines = path.read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)


def _make(path: Path) -> None:
    values = {
        "SECRET_KEY": secrets.token_urlsafe(48),
        "FIELD_KEYS": base64.urlsafe_b64encode(os.urandom(32)).decode(),
        "HASH_KEY": secrets.token_hex(32),
    }
    with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=".secrets-") as file:  # mode 0600
        file.write("".join(f"{name}={value}\n" for name, value in values.items()))
        file.flush()
        os.fsync(file.fileno())
        with suppress(FileExistsError):  # another command's first start was quicker: its secrets hold
            os.link(file.name, path)
