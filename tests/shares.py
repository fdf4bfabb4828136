"""Tests run several at a time (pytest-xdist). Each process has a database of its own, and here a broker and a folder too."""

from __future__ import annotations

from collections.abc import MutableMapping
from urllib.parse import urlsplit

from config.embedded import var_folder


def a_share_of_its_own(environ: MutableMapping[str, str]) -> None:
    """Another one's bells would ring here, and be lost there. Said twice (to the programs that a test starts), it changes
    nothing more."""
    share = environ.get("PYTEST_XDIST_WORKER", "")
    if not share or environ.get("WASL_TEST_SHARE") == share:
        return
    environ["WASL_TEST_SHARE"] = share
    if broker := environ.get("BROKER_URL"):
        environ["BROKER_URL"] = urlsplit(broker)._replace(path=f"/{int(share.removeprefix('gw')) + 1}").geturl()
    folder = var_folder(environ) / share
    (folder / "static").mkdir(parents=True, exist_ok=True)
    environ["WASL_VAR"] = str(folder)
