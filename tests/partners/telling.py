"""A partner with an address of its own, and what it is told there."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac

from django.utils import timezone

from partners.models import Notice, Partner, Receiver
from partners.notices import receivers_due, tell_partner
from partners.receivers import make_receiver
from providers.models import Operation
from tests.providers.scripted_server import ScriptedServer
from tests.scene import Desk


def told_at(server: ScriptedServer, partner: Partner) -> tuple[Receiver, str]:
    return make_receiver(partner, server.url, now=timezone.now())


def bought(desk: Desk, partner: Partner | None, code: str = "") -> Operation:
    """An intent of this partner's; of staff, where there is none."""
    operation = desk.redeem(code) if code else desk.redeem()
    changes = {"source": "partner", "partner": partner.pk} if partner else {}
    Operation.objects.filter(pk=operation.pk).update(**changes) if changes else None
    return Operation.objects.get(pk=operation.pk)


def now_due() -> None:
    Notice.objects.update(next_at=timezone.now() - dt.timedelta(seconds=1))
    Receiver.objects.update(rests_until=None)


def tell_all() -> int:
    now_due()
    return sum(tell_partner(one) for one in receivers_due())


def checked(secret: str, server: ScriptedServer, n: int = -1) -> bool:
    """Standard Webhooks, written once more from its own page."""
    body = server.requests[n].partition(b"\r\n\r\n")[2]
    said = {name: server.header(f"webhook-{name}", n) for name in ("id", "timestamp", "signature")}
    key = base64.b64decode(secret.split("_", 1)[1])
    content = f"{said['id']}.{said['timestamp']}.".encode() + body
    mine = base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()
    assert abs(int(said["timestamp"]) - timezone.now().timestamp()) < 300
    return any(hmac.compare_digest(f"v1,{mine}", one) for one in said["signature"].split(" "))
