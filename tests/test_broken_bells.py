"""What somebody who can write into the broker can make a worker do: nothing but look into PostgreSQL once more."""

from __future__ import annotations

import base64
import json
import os
import pickle
import subprocess
import uuid
from pathlib import Path
from typing import Any

import redis

from tests.scene import Desk, eventually
from tests.workers import worker

PICKLES = ("application/x-python-serialize", "application/x-pickle", "pickle")


class Bomb:
    """Unpickled, it makes a file."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"touch {self.file}",)


def message(body: bytes, content_type: str, task: str) -> str:
    number = str(uuid.uuid4())
    info = {"exchange": "", "routing_key": "settle"}
    properties = {"correlation_id": number, "delivery_mode": 2, "delivery_info": info, "body_encoding": "base64"}
    properties |= {"delivery_tag": number, "priority": 0, "reply_to": number}
    headers = {"lang": "py", "task": task, "id": number, "root_id": number, "argsrepr": "()", "kwargsrepr": "{}"}
    whole = {"body": base64.b64encode(body).decode(), "content-encoding": "binary", "content-type": content_type}
    return json.dumps(whole | {"headers": headers, "properties": properties})


def test_a_pickle_and_a_task_that_nobody_knows_are_refused_and_work_goes_on(
    desk: Desk,
    broker: tuple[str, subprocess.Popen[bytes]],
    tmp_path: Path,
) -> None:
    bomb = tmp_path / "exploded"
    content = pickle.dumps(((Bomb(bomb),), {}, {}))
    plain = json.dumps([[f"touch {bomb}"], {}, {}]).encode()
    bells = redis.Redis.from_url(broker[0])
    for kind in PICKLES:
        bells.rpush("settle", message(content, kind, "providers.settle"))
    for task in ("os.system", "subprocess.call", "celery.backend_cleanup2", "providers.settle"):
        bells.rpush("settle", message(plain, "application/json", task))
    operation = desk.redeem()
    with worker("send,settle", BROKER_URL=broker[0]):
        eventually(lambda: not bells.llen("settle"), 60)
        eventually(lambda: operation.refresh_from_db() or operation.state == "succeeded", 60)
    assert not bomb.exists()
