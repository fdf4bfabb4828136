"""Celery: only a bell (docs/how-it-works.md). Which task is whose, and what beat rings when."""

from __future__ import annotations

from celery.schedules import crontab

CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,
    "socket_connect_timeout": 1,
    "socket_timeout": 5,
    "max_retries": 0,
}
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_PUBLISH_RETRY = False  # PostgreSQL is the queue: a bell that does not ring must not keep a person waiting
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {
    "providers.send": {"queue": "send"},
    "providers.settle": {"queue": "settle"},
    "vouchers.look_up": {"queue": "look"},
    "reservations.ask": {"queue": "look"},
    "loyalty.ask": {"queue": "look"},
    "providers.sync": {"queue": "mirror"},
    "providers.sync_ordered": {"queue": "mirror"},
    "reservations.look_ahead": {"queue": "mirror"},
}
CELERY_BEAT_SCHEDULE = {
    "purge": {"task": "vouchers.purge", "schedule": 3600.0},
    "purge-asks": {"task": "reservations.purge", "schedule": 3600.0},
    "purge-card-asks": {"task": "loyalty.purge", "schedule": 3600.0},
    "purge-searches": {"task": "customers.purge", "schedule": 3600.0},
    "purge-journal": {"task": "providers.purge", "schedule": 3600.0},
    # UTC: 07:30 in Riyadh, 05:30 in Casablanca; every trading day has ended, and no branch is open.
    "reread": {"task": "providers.reread", "schedule": crontab(hour="4", minute="30")},
    # Asks which branches have their night and what of theirs has not been read yet (providers/sync/nightly.py).
    "sync": {"task": "providers.sync_due", "schedule": 300.0},
    "look-ahead": {"task": "reservations.look_ahead", "schedule": 900.0},
    "purge-asked": {"task": "partners.purge", "schedule": 3600.0},
    "purge-sessions": {"task": "desk.purge", "schedule": 3600.0},
    "beat": {"task": "providers.beat", "schedule": 10.0},
}
