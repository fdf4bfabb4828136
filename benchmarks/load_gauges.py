"""What the machine and the database say while staff work: connections, and CPU by process."""

from __future__ import annotations

import os
import threading
from collections import Counter
from contextlib import suppress
from pathlib import Path

import psycopg

TICKS = os.sysconf("SC_CLK_TCK")
OPEN = """
SELECT usename, count(*) FROM pg_stat_activity
WHERE datname = current_database() AND usesysid IS NOT NULL AND pid <> pg_backend_pid() GROUP BY 1
"""


class Gauges:
    """Sampled in a thread of its own; `most` is the largest number of the application's connections at once."""

    def __init__(self, place: dict[str, str], var: Path, ours: int) -> None:
        self.most = 0
        self._place, self._var, self._ours = place, var, ours
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Gauges:
        self._before = cpu(self._var)
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stop.set()
        self._thread.join()
        after = cpu(self._var)
        self.cpu = {name: seconds - self._before.get(name, 0.0) for name, seconds in after.items()}

    def _run(self) -> None:
        with psycopg.connect(**self._place, autocommit=True) as link:  # type: ignore[arg-type]  # words of a connection, as text
            while not self._stop.wait(0.25):
                found = dict(link.execute(OPEN).fetchall())
                self.most = max(self.most, found.get("app", 0) - self._ours)


def cpu(var: Path) -> dict[str, float]:
    """Seconds so far, by what it is, of every process that belongs to this folder; the dead children of each counted in."""
    found: Counter[str] = Counter()
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, ValueError):
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if name := _name(process, command, var):
                fields = (process / "stat").read_text().rpartition(")")[2].split()
                found[name] += (int(fields[11]) + int(fields[12])) / TICKS
    return dict(found)


def _name(process: Path, command: str, var: Path) -> str:
    if str(process.joinpath("cwd").readlink()) == str(var / "postgres"):
        return "postgres"
    if f"WASL_VAR={var}\0".encode() not in (process / "environ").read_bytes() + b"\0":
        return ""
    names = {"gunicorn": "web", "sender@": "sender", "settler@": "settler", " beat": "beat", " sandbox": "sandbox"}
    if Path(f"/proc/self/{process.name}").exists() or process.name == str(os.getpid()):
        return "staff"
    return next((name for word, name in names.items() if word in command), "other")
