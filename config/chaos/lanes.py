"""Several short runs at a time. They wait more than they work, so that a machine has room for some beside each other: each on
a database, a broker number, a port and twins of its own, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any
from urllib.parse import urlsplit

from config.chaos.run import Result

LANES = 3


def at_once(names: Sequence[str], arguments: Sequence[str], port: int) -> Iterator[Result]:
    """Each name as a run of its own, as they end. `arguments` go to every lane."""
    waiting: SimpleQueue[str] = SimpleQueue()
    ended: SimpleQueue[Result | None] = SimpleQueue()
    for name in names:
        waiting.put(name)
    count = min(LANES, len(names))
    for number in range(1, count + 1):
        lane = threading.Thread(target=_drive, args=(number, arguments, port, waiting, ended), daemon=True)
        lane.start()
    for _ in range(count):
        while (result := ended.get()) is not None:
            yield result


def _drive(
    number: int,
    arguments: Sequence[str],
    port: int,
    waiting: SimpleQueue[str],
    ended: SimpleQueue[Result | None],
) -> None:
    """One lane: it gets the next name when it has told what came of the last one."""
    lane = _lane(number, arguments, port)
    assert lane.stdin and lane.stdout
    try:
        with suppress(Empty):
            while True:
                name = waiting.get_nowait()
                lane.stdin.write(f"{name}\n")
                lane.stdin.flush()
                told = lane.stdout.readline()
                if not told:
                    ended.put(Result(name, findings=[f"its lane ended with {lane.wait()}"]))
                    break
                ended.put(Result(**json.loads(told)))
    finally:
        lane.stdin.close()
        lane.wait()
        ended.put(None)


def _lane(number: int, arguments: Sequence[str], port: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-P", "-m", "config.chaos", *arguments, "--lane", "--port", str(port + number)]
    broker = urlsplit(os.environ["BROKER_URL"])._replace(path=f"/{number}").geturl()
    folder = Path(os.environ["WASL_VAR"]) / f"lane{number}"
    folder.mkdir(exist_ok=True)
    env = os.environ | {"BROKER_URL": broker, "WASL_VAR": str(folder)}
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env)


def serve(run: Callable[[str], Result]) -> None:
    """The other end: a name a line on standard input, a result a line on standard output."""
    for line in sys.stdin:
        result: dict[str, Any] = vars(run(line.strip()))
        print(json.dumps(result), flush=True)
