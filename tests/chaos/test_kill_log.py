"""Deaths at named points are counted where the harness can read them, and stop at a number."""

from __future__ import annotations

from pathlib import Path

from providers.sandbox.running import RunningSandbox
from tests.elsewhere import Elsewhere
from tests.scene import CODE, OTHER_CODE, Desk


def test_a_point_kills_so_often_and_no_more(desk: Desk, twin: RunningSandbox, fresh: Elsewhere, tmp_path: Path) -> None:
    environ = {"WASL_KILL_LOG": str(tmp_path), "WASL_KILL_MOST": "1"}
    first, second = desk.redeem(CODE), desk.redeem(OTHER_CODE)
    assert fresh.run("send", first.pk, kill="K3", env=environ).killed
    assert not fresh.run("send", second.pk, kill="K3", env=environ).killed
    assert (tmp_path / "K3").stat().st_size == 1
