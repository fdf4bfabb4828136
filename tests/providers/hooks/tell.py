"""Events as Rekaz writes them."""

from __future__ import annotations

import itertools
import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Post = Callable[..., Any]


def event(subject: str, name: str = "ReservationUpdatedEvent", event_id: str = "", **data: Any) -> bytes:
    inner = {"Id": subject, "Status": "Cancelled", "Customer": {"Name": "Canary Name", "MobileNumber": "966500000777"}}
    fields = {
        "Id": event_id or str(uuid.uuid4()),
        "EventName": name,
        "CreatedAt": "2026-11-01T09:00:00",
        "Data": inner | data,
    }
    return json.dumps(fields).encode()


@dataclass
class Tell:
    post: Post
    numbers: Any = field(default_factory=itertools.count)

    def __call__(self, subject: str, name: str = "ReservationUpdatedEvent", event_id: str = "") -> int:
        return int(self.post(event(subject, name, event_id)).status_code)
