"""Mirrored rows and acts as JSON, made by PostgreSQL. Names and phones leave it masked."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import connection

from branches.api.once import Shown
from branches.api.pages import one_row
from branches.api.refusals import NothingThere
from branches.guests import Guest
from branches.models import Branch
from branches.roles import Permission
from customers.api import MASKED_NAME, MASKED_PHONE
from providers.models import OPEN_STATES
from providers.specs import specs_of
from providers.standing import FIELDS, TABLES, VISIBLE
from reservations.selectors.places import KIND

COMMON = """'id', r.id, 'external_id', r.external_id, 'provider', a.provider,
    'as_of', CASE WHEN r.gone_at IS NULL THEN greatest(r.seen_at, %(read_at)s::timestamptz) ELSE r.seen_at END"""
NAME, PHONE = MASKED_NAME.format(column="r.customer_name"), MASKED_PHONE.format(column="r.customer_phone")
CHANGED = "greatest(r.seen_at, r.gone_at)"  # as reservation_by_change has it
RESERVATION = f"""json_build_object({COMMON}, 'number', nullif(r.number, ''), 'status', r.status,
    'starts_at', r.starts_at, 'ends_at', r.ends_at, 'customer_external_id', nullif(r.customer_id, ''),
    'customer_name', {NAME}, 'customer_phone', {PHONE}, 'product', r.product_name, 'price', r.price_name,
    'quantity', r.quantity, 'practitioners', r.practitioners, 'total', round(r.total, 2)::text,
    'remaining', round(r.remaining, 2)::text, 'currency', %(currency)s::text,
    'payment_status', nullif(r.payment_status, ''), 'gone', r.gone_at IS NOT NULL, 'updated_at', {CHANGED})::text"""
SUBSCRIPTION = f"""json_build_object({COMMON}, 'code', nullif(r.code, ''), 'status', r.status,
    'customer_external_id', nullif(r.customer_id, ''), 'starts_at', r.starts_at, 'ends_at', r.ends_at,
    'is_paused', r.is_paused, 'paused_at', r.paused_at, 'resume_at', r.resume_at, 'items', r.items,
    'total', round(r.total, 2)::text, 'remaining', round(r.remaining, 2)::text, 'currency', %(currency)s::text)::text"""
ATTENDANCE = f"""json_build_object({COMMON}, 'subject', nullif(r.subject, ''), 'direction', nullif(r.direction, ''),
    'subject_external_id', nullif(r.subject_id, ''), 'customer_external_id', nullif(r.customer_id, ''),
    'customer_name', {NAME}, 'starts_at', r.starts_at, 'ends_at', r.ends_at, 'is_active', r.is_active)::text"""
# As selectors.booking_links and selectors.freshness have it: which accounts a branch books with, as which place of theirs, and
# when each was last read whole.
LINKS = """SELECT p.account_id, coalesce(nullif(p.place ->> 'branch_id', ''), a.settings ->> 'branch_id', ''),
    (SELECT max(s.began_at) FROM providers_syncrun s WHERE s.account_id = a.id AND s.collection = %(collection)s
        AND (s.complete OR s.status = 'green'))
    FROM providers_branchaccount p JOIN providers_account a ON a.id = p.account_id
    WHERE p.branch_id = %(branch)s AND a.provider = ANY(%(providers)s) AND a.is_active ORDER BY a.label, p.id"""
TABLE = {
    "reservations": (RESERVATION, "reservations_reservation"),
    "subscriptions": (SUBSCRIPTION, "reservations_subscription"),
    "attendances": (ATTENDANCE, "reservations_attendance"),
}
ACT = f"""json_build_object('id', o.id, 'reference', o.reference, 'kind', o.kind, {FIELDS}, 'subject', t.subject,
    'subject_external_id', nullif(t.subject_id, ''), 'made_external_ids', to_json(t.made_ids))::text"""
ACTS = f"FROM {TABLES} JOIN reservations_act t ON t.operation_id = o.id WHERE {VISIBLE}"


def select_of(collection: str) -> tuple[str, str]:
    """The JSON of a row, and where it is read from."""
    row, table = TABLE[collection]
    return row, f"FROM {table} r JOIN providers_account a ON a.id = r.account_id"


def at_branch(branch: Branch, collection: str, *, placed: bool = True) -> tuple[str, dict[str, Any]]:
    """The condition that keeps a list to what is at this branch, and what its rows are read with. One question: partners ask
    for lists often."""
    with connection.cursor() as cursor:
        cursor.execute(LINKS, {"branch": branch.pk, "providers": list(specs_of(KIND)), "collection": collection})
        links = cursor.fetchall()
    times = [began for _account, _place, began in links]
    given: dict[str, Any] = {"currency": branch.currency, "read_at": min(times) if times and all(times) else None}
    parts = ["false"]
    for n, (account, place, _began) in enumerate(links):
        given[f"account{n}"] = account
        here = f"r.account_id = %(account{n})s"
        if place and placed:
            given[f"place{n}"] = ["", place]
            here += f" AND r.place_id = ANY(%(place{n})s)"
        parts.append(f"({here})")
    return f"({' OR '.join(parts)})", given


def shown_row(branch: Branch, collection: str, row_id: int) -> str:
    row, source = select_of(collection)
    _here, given = at_branch(branch, collection)
    found = one_row(f"SELECT {row} {source} WHERE r.id = %(id)s", {**given, "id": row_id})
    if found is None:
        raise NothingThere
    return str(found[0])


def shown_act(guest: Guest, operation_id: uuid.UUID) -> Shown:
    select = f"SELECT {ACT}, o.state {ACTS}"
    given = {"branches": sorted(guest.branches_where(Permission.BOOKINGS)), "partner": guest.id, "id": operation_id}
    row = one_row(f"{select} AND o.id = %(id)s", given)
    if row is None:
        raise NothingThere
    return Shown(row[0], f"/api/v1/operations/{operation_id}", row[1] not in OPEN_STATES)
