"""How many threads the site has, and so how many connections to PostgreSQL: one a thread, kept open (CONN_MAX_AGE)."""

from __future__ import annotations

WEB_PROCESSES, WEB_THREADS = 2, 8
SENDER_THREADS, SETTLER_THREADS = 28, 8  # a sender waits: 50 staff at an issuer of 3 s keep about 26 busy
MIRROR_THREADS = 2  # collections read at the same time; each has a second connection, of the thread that asks for pages
SCAN_THREADS = 4  # of each worker, beside its pool
MAX_CONNECTIONS = 100  # of the embedded server


def most_connections() -> dict[str, int]:
    """By process, as `up` and docs/operations.md start them. A worker's own thread, its scanner's and beat's add one each."""
    return {
        "web": WEB_PROCESSES * (WEB_THREADS + 1),
        "sender": SENDER_THREADS + SCAN_THREADS + 2,
        "settler": SETTLER_THREADS + SCAN_THREADS + 2,
        "mirror": 2 * MIRROR_THREADS + SCAN_THREADS + 2,
        "beat": 1,
    }
