"""Events as Altegio writes them."""

from __future__ import annotations

import json
from typing import Any


def event(resource: str, subject: str, status: str = "update", **data: Any) -> bytes:
    head = {"company_id": 4564, "resource": resource, "resource_id": int(subject), "status": status}
    return json.dumps({**head, "data": {"id": int(subject), **data}}).encode()
