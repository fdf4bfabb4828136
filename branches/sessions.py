"""Sessions that know whose they are: listed for their owner, ended when they have rested or lasted too long.

What ends them is written in the session itself, so that no page asks the database once more for it.
"""

from __future__ import annotations

import datetime as dt
import time
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from branches.addresses import address_of
from branches.models import Session, User

STARTED, SEEN, ADDRESS, BROWSER = "started", "seen", "address", "browser"
MINUTE = 60  # how exactly `seen` is kept: a session is written once a minute at most because somebody is there


class SessionStore(db.SessionStore):
    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        row: Session = super().create_model_instance(data)  # type: ignore[assignment]  # our own model
        row.user_id = data.get(SESSION_KEY)
        row.started_at, row.seen_at = _moment(data.get(STARTED)), _moment(data.get(SEEN))
        row.address, row.browser = str(data.get(ADDRESS, ""))[:64], str(data.get(BROWSER, ""))[:200]
        return row


def _moment(seconds: Any) -> dt.datetime | None:
    return dt.datetime.fromtimestamp(seconds, dt.UTC) if seconds else None


def begin(request: HttpRequest) -> None:
    """From now on; to be called when somebody has signed in."""
    now = int(time.time())
    facts = {
        STARTED: now,
        SEEN: now,
        ADDRESS: address_of(request),
        BROWSER: request.headers.get("User-Agent", "")[:200],
    }
    for name, value in facts.items():
        request.session[name] = value


def over_because(request: HttpRequest) -> str:
    """Nobody was there for too long, or it has lasted a shift. '' while it goes on."""
    now, session = time.time(), request.session
    rested = now - float(session.get(SEEN, now))
    lasted = now - float(session.get(STARTED, now))
    if lasted >= settings.SESSION_COOKIE_AGE:
        return f"it has lasted {lasted:.0f} s"
    return f"nobody was there for {rested:.0f} s" if rested >= settings.SESSION_IDLE_SECONDS else ""


def keep_alive(request: HttpRequest) -> None:
    """Somebody is there. A page that polls is nobody."""
    if STARTED not in request.session:
        begin(request)
    elif request.headers.get("HX-Request") != "true" and time.time() - request.session[SEEN] >= MINUTE:
        request.session[SEEN] = int(time.time())


def open_sessions(person: User) -> QuerySet[Session]:
    now = dt.datetime.now(dt.UTC)
    rested = now - dt.timedelta(seconds=settings.SESSION_IDLE_SECONDS)
    lasted = now - dt.timedelta(seconds=settings.SESSION_COOKIE_AGE)
    rows = Session.objects.filter(user_id=person.pk, expire_date__gt=now, seen_at__gt=rested, started_at__gt=lasted)
    return rows.order_by("-seen_at")


def end_sessions(person: User, *, but: str | None = None) -> int:
    """At the next request of each: there is nothing left to know them by."""
    return Session.objects.filter(user_id=person.pk).exclude(session_key=but or "").delete()[0]


def purge_sessions(*, now: dt.datetime) -> int:
    """Of those that have ended: where from and with which browser is nobody's business any more."""
    lasted = now - dt.timedelta(seconds=settings.SESSION_COOKIE_AGE)
    return Session.objects.filter(Q(expire_date__lt=now) | Q(started_at__lt=lasted)).delete()[0]
